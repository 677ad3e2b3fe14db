// Export jobs while their project changes, goes, or their worker does.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { ulid } from 'ulid';
import type { Export, ExportFormat } from '../../src/exports/export.ts';
import type { Page } from '../../src/pages/page.ts';
import { awsError } from '../support/fault-proxy.ts';
import type { FaultStage } from '../support/fault-stage.ts';
import { faultTest } from '../support/fault-test.ts';
import { inDefault } from '../support/people.ts';
import { waitFor } from '../support/wait.ts';

const person = { id: 'p', name: 'P', email: 'p@example.com', groups: ['paperlift-users'], ...inDefault };

async function readyProject(stage: FaultStage): Promise<{ projectId: string; pages: Page[] }> {
  const worker = stage.startWorkerInProcess();
  const projectId = await stage.addProject();
  await stage.addPages(2, { projectId });
  const pages = await stage.settle();
  await worker.stop();
  return { projectId, pages };
}

const request = (stage: FaultStage, projectId: string, format: ExportFormat = 'txt') =>
  stage.services.exports.request(person, projectId, format);

async function settled(stage: FaultStage, { projectId, id }: Export): Promise<Export> {
  return waitFor('the export to be ready or failed', async () => {
    const item = await stage.services.stores.exports.find(projectId, id);
    return item && ['ready', 'failed'].includes(item.status) ? item : undefined;
  });
}

const filesOf = async (stage: FaultStage, projectId: string) =>
  (await stage.listObjects(`projects/${projectId}/`)).filter((key) => key.includes('/exports/'));

/** An item is final before its worker has tidied up, and a second message may be over before the first one. */
async function atRest(stage: FaultStage) {
  await waitFor('the queue to be empty', async () =>
    (await stage.countMessages('paperlift-exports')) === 0 ? true : undefined,
  );
  await stage.stopWorkersInProcess();
}

/** An export with what is its worker's. */
type Leased = Export & { leaseUntil: string; tries: number };
const goOn = new AbortController().signal;

const isStoring = /^PUT .*exports/;

describe('an export', { concurrency: 4 }, () => {
  faultTest('whose message comes three times at once is made once', async (stage) => {
    const { projectId } = await readyProject(stage);
    const item = await request(stage, projectId);
    for (const _ of [2, 3]) await stage.services.enqueue.export(item);
    stage.proxies.s3.when(isStoring, { kind: 'slow', ms: 200 });
    stage.startWorkerInProcess({ WORKER_EXPORTS_AT_ONCE: '3' });
    const ready = await settled(stage, item);
    assert.equal(ready.status, 'ready');
    await atRest(stage);
    assert.deepEqual(await filesOf(stage, projectId), [ready.fileKey]);
    assert.equal(stage.proxies.s3.count(isStoring), 1);
    const again = await request(stage, projectId);
    assert.equal(again.id, item.id, 'the same project gives the stored file');
  });

  faultTest('of a project that changes meanwhile shows one state: the new one', async (stage) => {
    const { projectId } = await readyProject(stage);
    const storing = stage.proxies.s3.hold(isStoring);
    stage.startWorkerInProcess();
    const item = await request(stage, projectId, 'json');
    await storing.reached;
    await stage.services.projects.change(person, projectId, { name: 'Renamed' });
    storing.release();
    const ready = await settled(stage, item);
    assert.equal(ready.status, 'ready');
    const file = JSON.parse((await stage.services.blobs.read(ready.fileKey ?? '')).toString());
    assert.deepEqual([file.name, file.pages.length], ['Renamed', 2]);
    assert.equal((await request(stage, projectId, 'json')).id, item.id, 'the file is not stale');
  });

  faultTest(
    'of a project that never stops changing fails with a reason, and leaves no file',
    async (stage) => {
      const { projectId } = await readyProject(stage);
      let name = 0;
      stage.proxies.s3.when(isStoring, async () => {
        name += 1;
        await stage.services.projects.change(person, projectId, { name: `Name ${name}` });
        return { kind: 'slow', ms: 1300 }; // three times: longer than the lease, which is begun anew each time
      });
      stage.startWorkerInProcess({ WORKER_EXPORTS_AT_ONCE: '2' });
      const failed = await settled(stage, await request(stage, projectId));
      assert.equal(failed.failure?.code, 'project-changing');
      assert.equal(name, 3);
      await atRest(stage);
      assert.deepEqual(await filesOf(stage, projectId), []);
    },
  );

  faultTest('of a project whose page is deleted while it is read uses up no attempt', async (stage) => {
    const { projectId, pages } = await readyProject(stage);
    const isOfPage = ({ body }: { body: Buffer }) => body.includes(`"PAGE#${pages[1]?.id}"`);
    const reading = stage.proxies.database.hold('GetItem', isOfPage);
    stage.startWorkerInProcess();
    const item = await request(stage, projectId, 'json');
    await reading.reached;
    await stage.services.pageActions.remove(person, projectId, [pages[1]?.id ?? '']);
    reading.release();
    const ready = (await settled(stage, item)) as Export & { tries: number };
    assert.deepEqual([ready.status, ready.pageCount, ready.tries], ['ready', 1, 1]);
    assert.match(ready.fileKey ?? '', /a1\.json$/);
  });

  faultTest('that is deleted while its file is stored is gone, and its file with it', async (stage) => {
    const { projectId } = await readyProject(stage);
    const storing = stage.proxies.s3.hold(isStoring);
    stage.startWorkerInProcess();
    const item = await request(stage, projectId);
    await storing.reached;
    await stage.services.exports.remove(person, projectId, item.id);
    storing.release();
    await atRest(stage);
    assert.equal(await stage.services.stores.exports.find(projectId, item.id), undefined);
    assert.deepEqual(await filesOf(stage, projectId), []);
  });

  faultTest('of a project that is deleted meanwhile does not bring anything back', async (stage) => {
    const { projectId } = await readyProject(stage);
    const storing = stage.proxies.s3.hold(isStoring);
    stage.startWorkerInProcess();
    await request(stage, projectId);
    await storing.reached;
    await stage.services.projects.remove(person, projectId);
    storing.release();
    await atRest(stage);
    assert.deepEqual(await stage.listObjects(`projects/${projectId}/`), []);
    assert.deepEqual(await stage.services.stores.exports.list(projectId), []);
  });

  faultTest('whose worker is killed while it stores the file is made by another', async (stage) => {
    const { projectId } = await readyProject(stage);
    const storing = stage.proxies.s3.hold(isStoring);
    const worker = await stage.startWorker();
    const item = await request(stage, projectId);
    await storing.reached;
    await worker.kill();
    storing.release({ kind: 'reset' });
    await stage.startWorker();
    const ready = await settled(stage, item);
    assert.match(ready.fileKey ?? '', /a2\.txt$/);
    await atRest(stage);
    assert.deepEqual(await filesOf(stage, projectId), [ready.fileKey]);
  });

  faultTest('that takes longer than a lease is made once: the lease is kept', async (stage) => {
    const { projectId } = await readyProject(stage);
    const storing = stage.proxies.s3.hold(isStoring);
    const slow = stage.startWorkerInProcess({ JOB_LEASE_SECONDS: '1' });
    const item = await request(stage, projectId);
    const { handlers } = stage.startWorkerInProcess({ polling: false });
    await storing.reached;
    const first = (await stage.services.stores.exports.find(projectId, item.id)) as Leased;
    await waitFor('the lease to be kept', async () => {
      const { leaseUntil } = (await stage.services.stores.exports.find(projectId, item.id)) as Leased;
      return Date.parse(leaseUntil) > Date.parse(first.leaseUntil) + 1000 ? true : undefined;
    });
    const outcome = await handlers.exports({ projectId, exportId: item.id }, goOn);
    assert.deepEqual(outcome, { done: false, againInSeconds: 1 });
    storing.release();
    assert.match((await settled(stage, item)).fileKey ?? '', /a1\.txt$/);
    await slow.stop();
    assert.equal(stage.proxies.s3.count(isStoring), 1);
  });

  faultTest('whose worker froze past its lease is fenced off, and its file goes', async (stage) => {
    const { projectId } = await readyProject(stage);
    const storing = stage.proxies.s3.hold(isStoring);
    const slow = await stage.startWorker();
    const item = await request(stage, projectId);
    await storing.reached;
    slow.child.kill('SIGSTOP');
    stage.startWorkerInProcess();
    const ready = await settled(stage, item);
    assert.match(ready.fileKey ?? '', /a2\.txt$/);
    storing.release();
    slow.child.kill('SIGCONT');
    await waitFor('the stale file to be gone', async () =>
      stage.proxies.s3.calls.some(({ path, status }) => path.includes('delete') && status === 200)
        ? true
        : undefined,
    );
    assert.deepEqual(await filesOf(stage, projectId), [ready.fileKey]);
    assert.deepEqual(await stage.services.stores.exports.find(projectId, item.id), ready);
  });

  faultTest('that kills its worker each time ends failed, and says so', async (stage) => {
    const { projectId } = await readyProject(stage);
    const item = await request(stage, projectId);
    let minutes = 0;
    const now = () => new Date(Date.now() + minutes * 60_000);
    const { services, handlers } = stage.startWorkerInProcess({ now, polling: false });
    const job = { projectId, exportId: item.id };
    for (minutes = 1; minutes <= 3; minutes += 1) {
      const { outcome } = await services.stores.exports.claim(job, 'killed');
      assert.equal(outcome, 'claimed');
    }
    assert.deepEqual(await handlers.exports(job, goOn), { done: true });
    assert.equal((await settled(stage, item)).failure?.code, 'tried-too-often');
    assert.deepEqual(await filesOf(stage, projectId), []);
  });

  faultTest('that must be given up is given back at once, be it a ZIP or a PDF', async (stage) => {
    const { projectId } = await readyProject(stage);
    const { handlers, stop } = stage.startWorkerInProcess({ polling: false });
    for (const [format, reason, tries] of [
      ['zip', undefined, 0], // the process ends
      ['searchable-pdf', new DOMException('', 'TimeoutError'), 1], // a function's time is up
    ] as const) {
      const item = await request(stage, projectId, format);
      const reading = stage.proxies.s3.hold(/^GET .*image\.jpg/);
      const ending = new AbortController();
      const handling = handlers.exports({ projectId, exportId: item.id }, ending.signal);
      await reading.reached;
      const toldAt = performance.now();
      ending.abort(reason);
      assert.deepEqual(await handling, { done: false, againInSeconds: 0 });
      assert.ok(performance.now() - toldAt < 10_000, 'it does not wait for what it was reading');
      reading.release({ kind: 'reset' });
      const left = (await stage.services.stores.exports.find(projectId, item.id)) as Leased;
      assert.deepEqual([left.status, left.leaseUntil, left.tries], ['rendering', undefined, tries]);
    }
    await stop();
    assert.deepEqual(await filesOf(stage, projectId), []);
  });

  faultTest('whose end cannot be noted is made anew, and leaves one file', async (stage) => {
    const { projectId } = await readyProject(stage);
    let left = 4;
    stage.proxies.database.when('UpdateItem', ({ body }) => {
      if (left === 0 || !body.includes('fileKey')) return undefined;
      left -= 1;
      return awsError(400, 'ProvisionedThroughputExceededException');
    });
    stage.startWorkerInProcess();
    const ready = await settled(stage, await request(stage, projectId));
    assert.match(ready.fileKey ?? '', /a2\.txt$/);
    await atRest(stage);
    assert.deepEqual(await filesOf(stage, projectId), [ready.fileKey]);
  });

  faultTest('whose record was written, though the answer was lost, is asked for once', async (stage) => {
    const { projectId } = await readyProject(stage);
    const { services } = stage.startWorkerInProcess({ polling: false });
    let isLost = false;
    stage.proxies.database.when('PutItem', ({ body }) => {
      if (isLost || !body.includes('"EXPORT#')) return undefined;
      isLost = true;
      return { kind: 'lose-answer' };
    });
    const item = await services.exports.request(person, projectId, 'txt');
    assert.deepEqual(
      (await stage.services.stores.exports.list(projectId)).map(({ id }) => id),
      [item.id],
    );
  });

  faultTest('whose message was never sent is swept', async (stage) => {
    const { projectId } = await readyProject(stage);
    const web = stage.startWorkerInProcess({ polling: false, JOB_LEASE_SECONDS: '1' });
    stage.proxies.sqs.next('SendMessage', awsError(500, 'InternalError'), 4);
    const item = await web.services.exports.request(person, projectId, 'txt');
    stage.startWorkerInProcess({ JOB_LEASE_SECONDS: '1' });
    assert.equal((await settled(stage, item)).status, 'ready');
  });

  faultTest('while S3 fails is tried again, and S3’s failure uses up nothing', async (stage) => {
    const { projectId } = await readyProject(stage);
    stage.proxies.s3.next(isStoring, { kind: 'answer', status: 503, body: '', type: 'application/xml' }, 7);
    stage.startWorkerInProcess({ JOB_MAX_TRIES: '2', JOB_LEASE_SECONDS: '8' });
    assert.equal((await settled(stage, await request(stage, projectId))).status, 'ready');
  });

  faultTest('that is named by nothing, or not yet there, changes nothing', async (stage) => {
    const { handlers } = stage.startWorkerInProcess({ polling: false });

    assert.deepEqual(await handlers.exports({ projectId: ulid(), exportId: ulid() }, goOn), { done: true });
    await assert.rejects(async () => handlers.exports({ projectId: '../x', exportId: ulid() }, goOn));
  });
});
