// How web and worker end when they are told to: what they hold is finished or given back at once, in time, and nobody is
// told that something was taken which is not. Real processes with their real time limits, so these take their time.
import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from '../../src/pages/page.ts';
import { type FaultStage, startFaultStage } from '../support/fault-stage.ts';
import { textJpeg } from '../support/images.ts';
import { jpegOf } from '../support/odd-images.ts';
import { inDefault } from '../support/people.ts';
import { buildForm, openForm } from '../support/raw-form.ts';
import { waitFor } from '../support/wait.ts';

const limitMs = 25_000;
/** Whose projects the stage adds. */
const owner = { id: 'p', name: 'P', email: 'p@example.com', groups: ['paperlift-users'], ...inDefault };
const jpeg = await textJpeg(['Total 12.50'], { width: 300, height: 200 });

async function stageOf(t: TestContext, settings: Record<string, string> = {}): Promise<FaultStage> {
  const stage = await startFaultStage(settings);
  t.after(() => stage.stop());
  return stage;
}

type Process = Awaited<ReturnType<FaultStage['startWorker']>>;
type Web = Awaited<ReturnType<FaultStage['startWeb']>>;

/** Tells it to end, and resolves when it says that it has begun to. */
async function tellToEnd({ child, lines }: Process) {
  child.kill('SIGTERM');
  await waitFor('draining', async () => (lines.some((line) => line.includes('draining')) ? true : undefined));
}

/** Ended by itself, in time. Gives the milliseconds that it took since. */
async function assertEnded(process: Process, since: number, t?: TestContext): Promise<number> {
  assert.deepEqual(await process.ended, { code: 0, signal: null });
  const ms = performance.now() - since;
  assert.ok(ms < limitMs, `it took ${Math.round(ms)} ms`);
  t?.diagnostic(`${process.child.spawnargs.at(-1)} ended after ${Math.round(ms)} ms`);
  return ms;
}

/** Sends the first half of a form with this file. The rest goes when `finish` is called, and gives the answer. */
async function beginUpload({ url, session }: Web, projectId: string, body: Buffer) {
  const form = buildForm([{ name: 'files', fileName: 'a.jpg', type: 'image/jpeg', body }]);
  const { socket, answer } = await openForm(url, `/api/v1/projects/${projectId}/pages`, {
    cookie: session.cookie,
    length: form.length,
    headers: { 'X-CSRF-Token': session.csrfToken },
  });
  const half = Math.ceil(form.length / 2);
  socket.write(form.subarray(0, half));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return {
    closed,
    answer,
    async finish() {
      socket.write(form.subarray(half));
      await closed;
      return answer();
    },
  };
}

/** A connection on which nothing is asked, as browsers keep some in reserve. */
async function connectTo({ url }: Web) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  socket.on('error', () => {}).resume();
  return socket;
}

describe('SIGTERM', { concurrency: 6 }, () => {
  test('with 20 uploads and 5 detections under way: all are finished, nothing is lost, every page is ready once', async (t) => {
    const stage = await stageOf(t, {
      WORKER_PAGES_AT_ONCE: '6', // one is left for other people
      JOB_LEASE_SECONDS: '20',
      TEXTRACT_TIMEOUT_SECONDS: '15',
    });
    stage.proxies.textract.when('DetectDocumentText', { kind: 'slow', ms: 4000 });
    const [web, worker, projectId] = await Promise.all([
      stage.startWeb(),
      stage.startWorker(),
      stage.addProject(),
    ]);
    await fetch(`${web.url}/health/live`); // leaves a connection open for the next request
    const spare = await connectTo(web);
    const uploads = await Promise.all(Array.from({ length: 20 }, () => beginUpload(web, projectId, jpeg)));
    await stage.addPages(5, { projectId });
    await waitFor('five detections', async () =>
      stage.proxies.textract.count('DetectDocumentText') === 5 ? true : undefined,
    );

    const toldAt = performance.now();
    await Promise.all([tellToEnd(web), tellToEnd(worker)]);
    web.child.kill('SIGTERM'); // a second one changes nothing
    worker.child.kill('SIGTERM');
    await assert.rejects(connectTo(web), { code: 'ECONNREFUSED' });
    const answers = await Promise.all(uploads.map(({ finish }) => finish()));
    const answeredAt = performance.now();
    for (const answer of answers) {
      assert.match(answer, /^HTTP\/1\.1 201 /);
      assert.match(answer, /^Connection: close\r$/im);
    }
    await Promise.all([assertEnded(web, toldAt, t), assertEnded(worker, toldAt, t)]);
    assert.ok(performance.now() - answeredAt < 8000, 'nobody waits for connections that nobody uses');
    spare.destroy();

    const taken = await stage.services.stores.pages.list(projectId);
    assert.equal(taken.length, 25);
    assert.equal(taken.filter(({ status }) => status === 'ready').length, 5, 'what was being read was read');
    await stage.startWorker();
    const pages = await stage.settle(taken as never);
    assert.ok(pages.every(({ status }) => status === 'ready'));
    await stage.assertConsistent({ pages });
    assert.equal(stage.proxies.textract.count('DetectDocumentText'), 25, 'no page was read twice');
  });

  test('uploads whose senders stand still are cut off in time, and leave nothing behind', async (t) => {
    const stage = await stageOf(t);
    const [web, projectId, large] = await Promise.all([
      stage.startWeb(),
      stage.addProject(),
      jpegOf(14_000_000),
    ]);
    const uploads = await Promise.all([1, 2, 3].map(() => beginUpload(web, projectId, large)));
    await waitFor('parts in S3', async () =>
      (await stage.listMultipartUploads()).length === 3 ? true : undefined,
    );
    const toldAt = performance.now();
    await tellToEnd(web);
    await Promise.all(uploads.map(({ closed }) => closed));
    await assertEnded(web, toldAt, t);
    assert.ok(uploads.every(({ answer }) => !answer().includes(' 201 ')));
    assert.deepEqual(await stage.services.stores.pages.list(projectId), []);
    assert.deepEqual(await stage.listMultipartUploads(), []);
    assert.deepEqual(await stage.listObjects(), []);
  });

  test('a page and a PDF that do not end in time are given back at once: another worker makes them', async (t) => {
    const long = { JOB_LEASE_SECONDS: '600', JOB_VISIBILITY_SECONDS: '600', TEXTRACT_TIMEOUT_SECONDS: '60' };
    const stage = await stageOf(t, long);
    const first = await stage.startWorker({ TMPDIR: tmpdir() });
    const projectId = await stage.addProject();
    const [done] = await stage.addPages(1, { projectId });
    await stage.settle();
    const opened = Promise.withResolvers<void>();
    const release = stage.proxies.s3.when(/^GET .*image\.jpg/, () => {
      opened.resolve();
      return { kind: 'silence' };
    });
    const exported = await stage.services.exports.request(owner, projectId, 'searchable-pdf');
    await opened.promise;
    const detection = stage.proxies.textract.hold('DetectDocumentText');
    const [page] = await stage.addPages(1);
    await detection.reached;

    const toldAt = performance.now();
    await tellToEnd(first);
    await assertEnded(first, toldAt, t);
    const endedAt = performance.now();
    const givenBack = stage.proxies.sqs.calls.filter(({ body }) => body.includes('"VisibilityTimeout":0'));
    assert.deepEqual(
      givenBack.map(({ operation, status }) => [operation, status]),
      Array(2).fill(['ChangeMessageVisibility', 200]),
    );
    release();
    await stage.startWorker({ TMPDIR: tmpdir() });
    const [read] = (await stage.settle([page as never])) as (Page & Record<string, unknown>)[];
    await waitFor('the PDF', async () => {
      const { status } = await stage.services.exports.read(owner, projectId, exported.id);
      return status === 'ready' ? true : undefined;
    });
    assert.ok(performance.now() - endedAt < 90_000, 'nobody waited for a lease or a visibility timeout');
    assert.deepEqual([read?.status, read?.attempt, read?.tries], ['ready', 2, 1], 'the end used up no try');
    await stage.assertConsistent({ pages: [done as never, page as never] });
    detection.release({ kind: 'reset' });
  });

  test('while it starts and waits for its secrets ends it at once', async (t) => {
    const stage = await stageOf(t);
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    t.after(() => silent.close());
    const asked = new Promise((resolve) => silent.once('connection', resolve));
    const starting = stage.startWeb({
      SECRETS_ARN: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:paperlift',
      SECRETS_MANAGER_ENDPOINT: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    });
    await asked;
    const toldAt = performance.now();
    stage.lastChild()?.kill('SIGTERM');
    const web = await starting;
    assert.ok((await assertEnded(web, toldAt)) < 8000);
  });

  test('at any moment of the start ends the web, too', async (t) => {
    const stage = await stageOf(t);
    for (const ms of [50, 300, 600, 900]) {
      const starting = stage.startWeb();
      await delay(ms);
      const toldAt = performance.now();
      stage.lastChild()?.kill('SIGTERM');
      const { code, signal } = await (await starting).ended;
      assert.ok(code === 0 || signal === 'SIGTERM', `ended with ${code} ${signal}`);
      assert.ok(performance.now() - toldAt < 8000);
    }
  });
});
