// Files of many pages, while workers die, freeze and repeat themselves, and while people take things away.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { describe, type TestContext, test } from 'node:test';
import sharp from 'sharp';
import { createPageDrawer } from '../../src/drawing/page-drawer.ts';
import { type Import, importedPageId } from '../../src/imports/import.ts';
import { buildPdf, photo } from '../support/documents.ts';
import { awsError } from '../support/fault-proxy.ts';
import { type FaultStage, startFaultStage } from '../support/fault-stage.ts';
import { inDefault } from '../support/people.ts';
import { waitFor } from '../support/wait.ts';

const scan = await sharp({ create: { width: 60, height: 80, channels: 3, background: '#fff' } })
  .jpeg()
  .toBuffer();
const pageCount = 5;

async function stageOf(t: TestContext): Promise<FaultStage> {
  const stage = await startFaultStage();
  t.after(() => stage.stop());
  return stage;
}

const ownerOf = (stage: FaultStage) => ({
  id: 'p',
  name: 'P',
  email: 'p@example.com',
  groups: [stage.services.config.groups.users],
  ...inDefault,
});

async function upload(stage: FaultStage, fileName: string, declaredType: string, bytes: Buffer) {
  const { uploads, files } = stage.services;
  const destination = await uploads.reserve(ownerOf(stage), await stage.addProject());
  const body = Readable.from([bytes], { objectMode: false });
  const file = await files.store(destination, { fileName, declaredType, body }, new AbortController().signal);
  return uploads.accept(destination, [file]);
}

async function addFile(stage: FaultStage): Promise<Import> {
  const pdf = await buildPdf(Array.from({ length: pageCount }, () => ({ image: scan })));
  const [item] = (await upload(stage, 'scans.pdf', 'application/pdf', pdf)).imports;
  return item as Import;
}

const storingOf = (item: Import, number: number) =>
  new RegExp(`^PUT .*${importedPageId(item.id, number)}/originals`);

/** Waits until the file is split and its pages are read; then each is there once, in its place, as it was stored. */
async function assertSplitOnce(stage: FaultStage, { projectId, id }: Import, leftovers = false) {
  const split = await waitFor('the file to be split', async () => {
    const found = await stage.services.stores.imports.find(projectId, id);
    return found?.status === 'done' ? found : undefined;
  });
  assert.ok((split.progressAttempt ?? 0) >= 1);
  const pages = await stage.services.stores.pages.list(projectId);
  assert.deepEqual(
    pages.map(({ source }) => source?.page),
    Array.from({ length: pageCount }, (_, index) => index + 1),
  );
  const settled = await stage.settle(pages);
  assert.deepEqual([...new Set(settled.map(({ status }) => status))], ['ready']);
  await stage.assertConsistent({ pages: settled, leftovers });
}

/** Whether an orphan has ended: it may wait for ever, as a zombie, where the first process waits for nobody (proc(5)). */
function hasEnded(pid: string): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

const childrenOf = (pid: number) =>
  readdirSync('/proc').filter((entry) => {
    try {
      return (
        /^\d+$/.test(entry) &&
        readFileSync(`/proc/${entry}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(pid)
      );
    } catch {
      return false; // ended meanwhile
    }
  });

describe('a file being split', { concurrency: 2 }, () => {
  test('whose worker is killed goes on with another; the process that drew ends by itself', async (t) => {
    const stage = await stageOf(t);
    const item = await addFile(stage);
    const storing = stage.proxies.s3.hold(storingOf(item, 3));
    const first = await stage.startWorker();
    await storing.reached;
    const drawing = childrenOf(first.child.pid as number);
    assert.equal(drawing.length, 1);
    await first.kill();
    storing.release({ kind: 'reset' });
    await waitFor('the drawing process to end', async () =>
      hasEnded(drawing[0] as string) ? true : undefined,
    );
    await stage.startWorker();
    await assertSplitOnce(stage, item, true);
  });

  test('whose worker is killed after it made a page, before it noted so, has that page once', async (t) => {
    const stage = await stageOf(t);
    const item = await addFile(stage);
    let isKilled = false;
    const noting = Promise.withResolvers<void>();
    stage.proxies.database.when(/UpdateItem/, ({ body }) => {
      if (
        isKilled ||
        !body.includes(`IMPORT#${item.id}`) ||
        !body.includes('"N":"2"') ||
        !body.includes('pagesDone')
      )
        return undefined;
      isKilled = true;
      noting.resolve();
      return { kind: 'silence' };
    });
    const first = await stage.startWorker();
    await noting.promise;
    await first.kill();
    await stage.startWorker();
    await assertSplitOnce(stage, item, true);
  });

  test('whose worker freezes past its lease is split by another; the first is fenced off', async (t) => {
    const stage = await stageOf(t);
    const item = await addFile(stage);
    const storing = stage.proxies.s3.hold(storingOf(item, 2));
    const first = await stage.startWorker();
    await storing.reached;
    first.child.kill('SIGSTOP');
    storing.release();
    const second = await stage.startWorker();
    await waitFor('the file to be split', async () =>
      (await stage.services.stores.imports.find(item.projectId, item.id))?.status === 'done'
        ? true
        : undefined,
    );
    first.child.kill('SIGCONT');
    await waitFor('the first to notice', async () =>
      first.lines.some((line) => line.includes('lease lost')) ? true : undefined,
    );
    await assertSplitOnce(stage, item);
    second.child.kill('SIGTERM');
  });

  test('whose message comes three times, to two workers, is split once', async (t) => {
    const stage = await stageOf(t);
    const item = await addFile(stage);
    for (let time = 0; time < 3; time += 1) await stage.services.enqueue.import(item);
    stage.startWorkerInProcess();
    stage.startWorkerInProcess();
    await assertSplitOnce(stage, item);
  });

  test('whose end cannot be recorded just then is split all the same, and recorded', async (t) => {
    const stage = await stageOf(t);
    const item = await addFile(stage);
    let refused = 0;
    stage.proxies.database.when('PutItem', ({ body }) => {
      if (refused === 4 || !body.includes('import.split')) return undefined;
      refused += 1;
      return awsError(400, 'ProvisionedThroughputExceededException');
    });
    stage.startWorkerInProcess();
    await assertSplitOnce(stage, item);
    assert.equal(refused, 4);
    const auditor = { ...ownerOf(stage), groups: [stage.services.config.groups.auditors], ...inDefault };
    const { items } = await stage.services.audit.list(auditor, `project:${item.projectId}`, { limit: 9 });
    assert.ok(items.some(({ action }) => action === 'import.split'));
  });

  test('whose message was never sent is found by the sweeper', async (t) => {
    const stage = await stageOf(t);
    const { pages } = stage.services.queues;
    const { send } = pages;
    pages.send = async () => {
      throw new Error('no queue');
    };
    const item = await addFile(stage);
    pages.send = send;
    stage.startWorkerInProcess();
    await assertSplitOnce(stage, item);
  });

  for (const [what, takeAway] of [
    [
      'whose project is deleted',
      (stage: FaultStage, { projectId }: Import) => stage.services.projects.remove(ownerOf(stage), projectId),
    ],
    [
      'that is cancelled',
      (stage: FaultStage, { projectId, id }: Import) =>
        stage.services.imports.remove(ownerOf(stage), projectId, id),
    ],
  ] as const) {
    test(`${what} stops, and nothing of it comes back`, async (t) => {
      const stage = await stageOf(t);
      const item = await addFile(stage);
      const storing = stage.proxies.s3.hold(storingOf(item, 3));
      const worker = stage.startWorkerInProcess();
      await storing.reached;
      await takeAway(stage, item);
      storing.release();
      await waitFor('the worker to notice', async () =>
        worker.logs.text().includes('lease lost') ? true : undefined,
      );
      await worker.stop();
      assert.deepEqual(await stage.services.stores.pages.list(item.projectId), []);
      assert.deepEqual(await stage.services.stores.imports.list(item.projectId), []);
      assert.deepEqual(await stage.listObjects(`projects/${item.projectId}/`), []);
    });
  }
});

/** A drawer whose process runs this. `folder` is for what it writes. */
async function buildDrawer(t: TestContext, source: (folder: string) => string) {
  const folder = await mkdtemp(path.join(tmpdir(), 'paperlift-drawer-'));
  t.after(() => rm(folder, { recursive: true }));
  const program = path.join(folder, 'draw.mjs');
  await writeFile(program, source(folder));
  return { folder, drawer: createPageDrawer({ program }) };
}

/** Its process opens every file and then draws for ever. `pid` resolves to its own once it does. */
async function buildEndlessDrawer(t: TestContext) {
  const { folder, drawer } = await buildDrawer(
    t,
    (written) => `import { writeFileSync } from 'node:fs';
      process.on('message', (m) => {
        if (m.do === 'open') process.send({ outcome: 'opened', pageCount: 9 });
        else writeFileSync(${JSON.stringify(path.join(written, 'pid'))}, String(process.pid));
      });`,
  );
  const pid = () =>
    waitFor('drawing', async () => {
      const written = await readFile(path.join(folder, 'pid'), 'utf8').catch(() => '');
      return written === '' ? undefined : Number(written);
    });
  return { drawer, pid };
}

test('a file that ends the process each time it is opened fails after three tries, and says why', async (t) => {
  const stage = await stageOf(t);
  const { projectId, id } = await addFile(stage);
  const { drawer } = await buildDrawer(t, () => `process.on('message', () => process.exit(1));`);
  const { handlers } = stage.startWorkerInProcess({ polling: false, drawer });
  const outcomes: boolean[] = [];
  for (let time = 1; time <= 3; time += 1) {
    const { done } = await handlers.pages({ projectId, importId: id }, new AbortController().signal);
    outcomes.push(done);
  }
  assert.deepEqual(outcomes, [false, false, true]);
  const item = await stage.services.stores.imports.find(projectId, id);
  assert.deepEqual([item?.status, item?.failure?.code], ['failed', 'drawing-failed']);
});

test('a file each of whose pages ends the process is given up at the fifth, and says why', async (t) => {
  const stage = await stageOf(t);
  const { projectId, id } = await addFile(stage);
  const { drawer } = await buildDrawer(
    t,
    () => `process.on('message', (m) => {
      if (m.do === 'open') process.send({ outcome: 'opened', pageCount: 9 });
      else process.exit(1);
    });`,
  );
  const { handlers } = stage.startWorkerInProcess({ polling: false, drawer });
  const job = { projectId, importId: id };
  assert.deepEqual(await handlers.pages(job, new AbortController().signal), { done: true });
  const item = await stage.services.stores.imports.find(projectId, id);
  assert.deepEqual([item?.status, item?.failure?.code], ['failed', 'drawing-failed']);
  const pages = await stage.services.stores.pages.list(projectId);
  assert.deepEqual(
    pages.map(({ failure }) => failure?.code),
    Array(5).fill('drawing-failed'),
  );
});

describe('drawing that a worker’s end interrupts is given up at once, and given back with all tries', () => {
  for (const [what, add] of [
    [
      'a page of a file',
      async (stage: FaultStage) => {
        const { projectId, id } = await addFile(stage);
        const find = () => stage.services.stores.imports.find(projectId, id);
        return { job: { projectId, importId: id }, find };
      },
    ],
    [
      'a photograph of a telephone’s',
      async (stage: FaultStage) => {
        const [page] = (await upload(stage, 'a.heic', 'image/heic', photo)).pages;
        assert.ok(page);
        const { projectId, id } = page;
        return { job: { projectId, pageId: id, revision: 1 }, find: () => stage.find(page) };
      },
    ],
  ] as const) {
    test(what, async (t) => {
      const stage = await stageOf(t);
      const { job, find } = await add(stage);
      const endless = await buildEndlessDrawer(t);
      const { handlers } = stage.startWorkerInProcess({ polling: false, drawer: endless.drawer });
      const ending = new AbortController();
      const handling = handlers.pages(job, ending.signal);
      const pid = await endless.pid();
      ending.abort();
      assert.deepEqual(await handling, { done: false, againInSeconds: 0 });
      assert.equal(existsSync(`/proc/${pid}`), false, 'the process that drew has ended');
      const { leaseUntil, tries, failure } = (await find()) as Record<string, unknown>;
      assert.deepEqual([leaseUntil, tries, failure], [undefined, 0, undefined]);
    });
  }
});
