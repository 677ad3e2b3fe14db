// Textract failing in all its ways, while a worker works.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { awsError, type Fault } from '../support/fault-proxy.ts';
import { faultTest } from '../support/fault-test.ts';
import { blocksOf } from '../support/textract-stub.ts';
import { waitFor } from '../support/wait.ts';

const detect = 'DetectDocumentText';
const throttled = awsError(400, 'ThrottlingException');

describe('Textract', { concurrency: 3 }, () => {
  faultTest(
    'throttles half of all calls, then all for 20 seconds: every page is ready, none has used up a try',
    async (stage) => {
      let call = 0;
      stage.proxies.textract.when(detect, () => {
        call += 1;
        return call % 2 === 0 ? throttled : undefined;
      });
      stage.startWorkerInProcess({ JOB_MAX_TRIES: '3', JOB_LEASE_SECONDS: '6' });
      await stage.addPages(6);
      await waitFor('some calls', async () => (call > 3 ? true : undefined));
      const never = stage.proxies.textract.when(detect, throttled);
      const late = await stage.addPages(3);
      await delay(20_000); // longer than leases, retries and the SDK’s patience
      never();
      for (const page of await stage.settle()) assert.equal(page.status, 'ready');
      assert.equal(late.length, 3);
      await stage.assertConsistent();
    },
  );

  for (const [name, code] of [
    ['BadDocumentException', 'document-unreadable'],
    ['UnsupportedDocumentException', 'document-unsupported'],
    ['DocumentTooLargeException', 'document-too-large'],
    ['InvalidParameterException', 'document-refused'],
  ] as const) {
    faultTest(
      `${name}: the page fails at once with a reason for people, its siblings are read`,
      async (stage) => {
        const [page, ...siblings] = await stage.addPages(3);
        stage.proxies.textract.when(detect, (call) =>
          call.body.includes(page?.id ?? '?') ? awsError(400, name) : undefined,
        );
        stage.startWorkerInProcess();
        const [failed, ...ready] = await stage.settle();
        assert.deepEqual([failed?.status, failed?.failure?.code], ['failed', code]);
        assert.match(failed?.failure?.message ?? '', /\b[Uu]pload (it as|a smaller|another) .*\.$/);
        assert.doesNotMatch(failed?.failure?.message ?? '', /Exception|for the test/);
        assert.deepEqual(
          ready.map(({ status }) => status),
          siblings.map(() => 'ready'),
        );
        assert.equal(stage.proxies.textract.count(detect), 3, 'no second call for what is final');
        await stage.assertConsistent();
      },
    );
  }

  faultTest('AccessDeniedException alarms the operator and does not use up the page', async (stage) => {
    stage.proxies.textract.next(detect, awsError(400, 'AccessDeniedException'), 2);
    const worker = stage.startWorkerInProcess({ JOB_MAX_TRIES: '1' });
    await stage.addPages(1);
    const [page] = await stage.settle();
    assert.equal(page?.status, 'ready');
    const alarms = worker.logs.entries().filter((entry) => entry.alarm === true && entry.level === 50);
    assert.equal(alarms.length, 2);
    await stage.assertConsistent();
  });

  faultTest('InvalidS3ObjectException: a few tries, then final', async (stage) => {
    stage.proxies.textract.when(detect, awsError(400, 'InvalidS3ObjectException'));
    stage.startWorkerInProcess({ JOB_MAX_TRIES: '2' });
    await stage.addPages(1);
    const [page] = await stage.settle();
    assert.deepEqual([page?.status, page?.failure?.code], ['failed', 'tried-too-often']);
    assert.equal(stage.proxies.textract.count(detect), 2);
    await stage.assertConsistent();
  });

  const answers: [string, Fault, number][] = [
    ['hangs', { kind: 'silence' }, 1],
    ['resets the connection', { kind: 'reset' }, 5],
    ['sends half a body and cuts the connection', { kind: 'half-body', rest: 'cut' }, 5],
    ['sends half a body and falls silent', { kind: 'half-body', rest: 'silence' }, 1],
    ['answers what is not JSON', { kind: 'answer', status: 200, body: '<html>Gateway</html>' }, 1],
    ['answers without blocks', { kind: 'answer', status: 200, body: '{}' }, 1],
    ['answers with blocks that are none', { kind: 'answer', status: 200, body: '{"Blocks":"none"}' }, 1],
    [
      'answers a page without geometry',
      {
        kind: 'answer',
        status: 200,
        body: JSON.stringify({ Blocks: blocksOf(['x']).map(({ Geometry: _, ...block }) => block) }),
      },
      1,
    ],
    ['fails with a 500', awsError(500, 'InternalServerError'), 5],
  ];
  for (const [what, fault, times] of answers) {
    faultTest(`${what}: the page is read all the same`, async (stage) => {
      stage.proxies.textract.next(detect, fault, times);
      const isSilent = 'rest' in fault ? fault.rest === 'silence' : fault.kind === 'silence';
      stage.startWorkerInProcess(isSilent ? { TEXTRACT_TIMEOUT_SECONDS: '2' } : {});
      await stage.addPages(1);
      const [page] = await stage.settle();
      assert.deepEqual([page?.status, page?.text], ['ready', 'Total 12.50']);
      await stage.assertConsistent();
    });
  }

  faultTest('hangs on one page for ever: that page fails in the end, and holds up nobody', async (stage) => {
    const [page] = await stage.addPages(3);
    stage.proxies.textract.when(detect, (call) =>
      call.body.includes(page?.id ?? '?') ? { kind: 'silence' } : undefined,
    );
    stage.startWorkerInProcess({ JOB_MAX_TRIES: '2', TEXTRACT_TIMEOUT_SECONDS: '2' });
    const [failed, ...ready] = await stage.settle();
    assert.deepEqual([failed?.status, failed?.failure?.code], ['failed', 'tried-too-often']);
    assert.deepEqual(
      ready.map(({ status }) => status),
      ['ready', 'ready'],
    );
    await stage.assertConsistent();
  });
});
