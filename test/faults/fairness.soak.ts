// What one person's work does to everyone else's: in the worker, over real queues.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, before, beforeEach, describe, test } from 'node:test';
import sharp from 'sharp';
import { createPageDrawer } from '../../src/drawing/page-drawer.ts';
import { isFinal } from '../../src/pages/page.ts';
import { buildPdf } from '../support/documents.ts';
import { type FaultStage, startFaultStage } from '../support/fault-stage.ts';
import { inDefault } from '../support/people.ts';
import { waitFor } from '../support/wait.ts';

const personOf = (id: string) => ({
  id,
  name: id,
  email: `${id}@example.com`,
  groups: ['paperlift-users'],
  ...inDefault,
});

const scan = await sharp({ create: { width: 60, height: 80, channels: 3, background: '#fff' } })
  .jpeg()
  .toBuffer();

describe('one person’s work does not stop everybody’s', () => {
  let stage: FaultStage;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'paperlift-fairness-'));
  });
  beforeEach(async () => {
    stage = await startFaultStage({ JOB_LEASE_SECONDS: '60', JOB_VISIBILITY_SECONDS: '90' });
  });
  afterEach(async () => {
    await stage.stop();
  });
  test.after(() => rm(folder, { recursive: true, force: true }));

  test('a page of another person passes forty that were there before it', async () => {
    const many = await stage.addPages(40, { ownerId: 'mallory' });
    const [page] = await stage.addPages(1, { ownerId: 'alice' });
    assert.ok(page);
    stage.proxies.textract.when(/./, { kind: 'slow', ms: 250 });
    stage.startWorkerInProcess();
    await stage.settle([page]);
    const { projectId } = many[0] as (typeof many)[number];
    const done = (await stage.services.stores.pages.list(projectId)).filter(isFinal).length;
    assert.ok(done <= 15, `${done} of the forty were first`);
    await stage.settle(many);
    await stage.assertConsistent();
  });

  async function addFile(personId: string, content: Buffer) {
    const { uploads, files } = stage.services;
    const destination = await uploads.reserve(personOf(personId), await stage.addProject(personId));
    const body = Readable.from([content], { objectMode: false });
    const file = { fileName: 'file.pdf', declaredType: 'application/pdf', body };
    const stored = await files.store(destination, file, new AbortController().signal);
    const [item] = (await uploads.accept(destination, [stored])).imports;
    assert.ok(item);
    return item;
  }

  /** Draws a small file at once and never comes to an end with one that has a long name in it. */
  async function buildDrawer(dear: string, pageMs: number) {
    const program = path.join(folder, `${pageMs}.mjs`);
    await writeFile(
      program,
      `import { readFileSync, writeFileSync } from 'node:fs';
      let isDear = false;
      process.on('message', (m) => {
        if (m.do === 'open') {
          isDear = readFileSync(m.path).includes(${JSON.stringify(dear)});
          process.send({ outcome: 'opened', pageCount: 1 });
        } else if (!isDear && m.do === 'takeText') {
          process.send({ outcome: 'text', isReal: false });
        } else if (!isDear) {
          writeFileSync(m.path, Buffer.from(${JSON.stringify(scan.toString('base64'))}, 'base64'));
          process.send({ outcome: 'drawn', hadText: false });
        }
      });`,
    );
    return createPageDrawer({ program, pageMs });
  }

  test('a PDF of another person does not wait for twelve that are dear to draw', async () => {
    const pdf = await buildPdf([{ image: scan }]);
    const dear = Buffer.concat([pdf, Buffer.from('\n% dear to draw\n')]);
    const files = [];
    for (let count = 0; count < 12; count += 1) files.push(await addFile('mallory', dear));
    const file = await addFile('alice', pdf);
    stage.startWorkerInProcess({ drawer: await buildDrawer('dear to draw', 3000) });
    await waitFor('the file to be split', async () =>
      (await findImport(file))?.status === 'done' ? true : undefined,
    );
    const statuses = await Promise.all(files.map(async (item) => (await findImport(item))?.status));
    const before = statuses.filter((status) => status === 'done').length;
    assert.ok(before <= 2, `${before} of the twelve were first`);
  });

  const findImport = ({ projectId, id }: { projectId: string; id: string }) =>
    stage.services.stores.imports.find(projectId, id);

  test('a page that is too dear to draw is given up with a reason, and may be tried again', async () => {
    const pdf = await buildPdf([{ image: scan }]);
    const file = await addFile('mallory', Buffer.concat([pdf, Buffer.from('\n% dear to draw\n')]));
    stage.startWorkerInProcess({ drawer: await buildDrawer('dear to draw', 4000) });
    const failed = await waitFor('the page to be given up', async () => {
      const [page] = await stage.services.stores.pages.list(file.projectId);
      return page?.status === 'failed' ? page : undefined;
    });
    assert.equal(failed.failure?.code, 'file-too-complex');
    assert.match(failed.failure?.message ?? '', /takes too long\. Try again\./);
  });

  test('an export of another person is made beside one that takes long', async () => {
    const pages = [
      ...(await stage.addPages(1, { ownerId: 'mallory' })),
      ...(await stage.addPages(1, { ownerId: 'alice' })),
    ];
    stage.startWorkerInProcess();
    await stage.settle(pages);
    const [mallorys, alices] = pages.map(({ projectId }) => projectId) as [string, string];
    const request = (personId: string, projectId: string, format: 'txt' | 'json') =>
      stage.services.exports.request(personOf(personId), projectId, format);
    const statusOf = async ({ projectId, id }: { projectId: string; id: string }) =>
      (await stage.services.stores.exports.find(projectId, id))?.status;
    const storing = stage.proxies.s3.hold(new RegExp(`^PUT .*${mallorys}/exports`));
    const long = await request('mallory', mallorys, 'txt');
    await storing.reached;
    const second = await request('mallory', mallorys, 'json');
    const other = await request('alice', alices, 'txt');
    await waitFor('the export', async () => (await statusOf(other)) === 'ready' || undefined, 20_000);
    assert.deepEqual([await statusOf(long), await statusOf(second)], ['rendering', 'queued']);
    storing.release();
    await waitFor('the others', async () => (await statusOf(second)) === 'ready' || undefined);
  });
});
