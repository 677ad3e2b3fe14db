// A worker that dies, freezes or is told to end at the worst moments. Every page still ends ready, exactly once.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type FaultStage, startFaultStage } from '../support/fault-stage.ts';
import { waitFor } from '../support/wait.ts';

async function stageOf(t: TestContext, settings: Record<string, string> = {}): Promise<FaultStage> {
  const stage = await startFaultStage(settings);
  t.after(() => stage.stop());
  return stage;
}

const finishing = (stage: FaultStage) => {
  let isOver = false;
  const held = Promise.withResolvers<void>();
  stage.proxies.database.when('UpdateItem', ({ body }) => {
    // of the updates of a page's life, only the last one says where the detection lies
    if (isOver || !body.includes('detectionKey')) return undefined;
    isOver = true;
    held.resolve();
    return { kind: 'silence' };
  });
  return held.promise;
};

describe('kill -9', { concurrency: 4 }, () => {
  test('after the message was received: another worker reads the page', async (t) => {
    const stage = await stageOf(t);
    const [first] = await Promise.all([stage.startWorker(), stage.addPages(0)]);
    const claim = stage.proxies.database.hold('UpdateItem', ({ body }) => body.includes('leaseOwner'));
    await stage.addPages(1);
    await claim.reached;
    await first.kill();
    claim.release({ kind: 'reset' });
    await stage.startWorker();
    const [page] = await stage.settle();
    assert.equal(page?.status, 'ready');
    await stage.assertConsistent();
  });

  test('after the claim reached the database: the lease runs out, another worker reads the page', async (t) => {
    const stage = await stageOf(t);
    const first = await stage.startWorker();
    const download = stage.proxies.s3.hold(/^GET .*originals/);
    await stage.addPages(1);
    await download.reached;
    await first.kill();
    download.release({ kind: 'reset' });
    await stage.startWorker();
    const [page] = await stage.settle();
    assert.equal(page?.status, 'ready');
    await stage.assertConsistent();
  });

  test('after Textract’s answer, before the detection is stored', async (t) => {
    const stage = await stageOf(t);
    const first = await stage.startWorker();
    const storing = stage.proxies.s3.hold(/^PUT .*detection\.json/);
    await stage.addPages(1);
    await storing.reached;
    await first.kill();
    storing.release({ kind: 'reset' });
    await stage.startWorker();
    const [page] = await stage.settle();
    assert.equal(page?.status, 'ready');
    assert.equal(stage.proxies.textract.count('DetectDocumentText'), 2);
    await stage.assertConsistent({ leftovers: true });
  });

  test('after the detection is stored, before the page says so', async (t) => {
    const stage = await stageOf(t);
    const first = await stage.startWorker();
    const reached = finishing(stage);
    await stage.addPages(1);
    await reached;
    await first.kill();
    await stage.startWorker();
    const [page] = await stage.settle();
    assert.equal(page?.status, 'ready');
    assert.match(
      page?.detectionKey ?? '',
      /r1\/a2\/detection\.json$/,
      'the second attempt’s, not the dead one’s',
    );
    await stage.assertConsistent({ leftovers: true });
  });

  test('after the page is finished, before the message is deleted: no second call of Textract', async (t) => {
    const stage = await stageOf(t);
    const first = await stage.startWorker();
    const deleting = stage.proxies.sqs.hold('DeleteMessage');
    await stage.addPages(1);
    await deleting.reached;
    await first.kill();
    deleting.release({ kind: 'reset' });
    await stage.startWorker();
    await stage.settle();
    await stage.assertConsistent();
    assert.equal(stage.proxies.textract.count('DetectDocumentText'), 1);
    assert.equal(stage.proxies.sqs.count('DeleteMessage'), 2, 'the second worker deleted the message');
  });

  test('a page that kills its worker each time ends failed, and says so', async (t) => {
    const stage = await stageOf(t, { JOB_MAX_TRIES: '2' });
    await stage.addPages(1);
    for (let death = 0; death < 2; death += 1) {
      const detecting = stage.proxies.textract.hold('DetectDocumentText');
      const worker = await stage.startWorker();
      await detecting.reached;
      await worker.kill();
      detecting.release({ kind: 'reset' });
    }
    await stage.startWorker();
    const [page] = await stage.settle();
    assert.deepEqual([page?.status, page?.failure?.code], ['failed', 'tried-too-often']);
    await stage.assertConsistent();
  });

  test('a worker that was frozen past its lease is fenced off when it goes on', async (t) => {
    const stage = await stageOf(t);
    const frozen = await stage.startWorker();
    const detecting = stage.proxies.textract.hold('DetectDocumentText');
    await stage.addPages(1);
    await detecting.reached;
    frozen.child.kill('SIGSTOP');
    await stage.startWorker();
    const [finished] = await stage.settle();
    detecting.release();
    frozen.child.kill('SIGCONT');
    await waitFor('the frozen worker to be fenced off', async () =>
      frozen.lines.some((line) => /lease lost|retrying the/.test(line)) ? true : undefined,
    );
    await waitFor('its objects to be gone', async () => {
      const objects = await stage.listObjects(`projects/${finished?.projectId}/`);
      return objects.some((key) => key.includes('/a1/detection')) ? undefined : true;
    });
    assert.deepEqual(
      await stage.find(finished as never),
      finished,
      'the page is as the other worker left it',
    );
    await stage.assertConsistent();
    assert.equal(frozen.child.exitCode, null, 'the frozen worker goes on working');
  });

  test('SIGTERM with five pages in flight: they are finished, the sixth is left to others, exit 0', async (t) => {
    const stage = await stageOf(t, {
      WORKER_PAGES_AT_ONCE: '6', // one is left for other people
      TEXTRACT_TIMEOUT_SECONDS: '8',
      JOB_LEASE_SECONDS: '8',
      JOB_VISIBILITY_SECONDS: '8',
    });
    const worker = await stage.startWorker();
    stage.proxies.textract.when('DetectDocumentText', { kind: 'slow', ms: 1500 });
    await stage.addPages(5);
    await waitFor('five calls at once', async () =>
      stage.proxies.textract.count('DetectDocumentText') === 5 ? true : undefined,
    );
    const toldAt = performance.now();
    worker.child.kill('SIGTERM');
    worker.child.kill('SIGTERM'); // a second one changes nothing
    await waitFor('draining', async () =>
      worker.lines.some((line) => line.includes('draining')) ? true : undefined,
    );
    const [later] = await stage.addPages(1);
    assert.deepEqual(await worker.ended, { code: 0, signal: null });
    assert.ok(performance.now() - toldAt < 25_000);
    assert.equal((await stage.find(later as never))?.status, 'uploaded', 'nothing new was begun');
    await stage.startWorker();
    await stage.settle();
    await stage.assertConsistent();
    assert.equal(stage.proxies.textract.count('DetectDocumentText'), 6, 'no page was read twice');
  });

  test('SIGTERM during the start leaves nothing undone', async (t) => {
    const stage = await stageOf(t);
    await stage.addPages(3);
    for (const ms of [50, 300, 600]) {
      const starting = stage.startWorker();
      await delay(ms);
      stage.lastChild()?.kill('SIGTERM');
      const { ended } = await starting;
      const { code, signal } = await ended;
      assert.ok(code === 0 || signal === 'SIGTERM', `ended with ${code} ${signal}`);
    }
    await stage.startWorker();
    await stage.settle();
    await stage.assertConsistent();
  });
});
