// The worker as a function, in a process of its own, between a queue and the stand-ins.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ulid } from 'ulid';
import type { Page } from '../../src/pages/page.ts';
import { browsersOf } from '../support/browsers-of.ts';
import { areEnginesShared, arnOf } from '../support/fault-engines.ts';
import { type FaultStage, startFaultStage } from '../support/fault-stage.ts';
import { startFunction } from '../support/lambda/function.ts';
import { startLambdaQueueFront } from '../support/lambda/queue-front.ts';
import { startTraceCollector } from '../support/trace-collector.ts';
import { waitFor } from '../support/wait.ts';

const module = path.join(import.meta.dirname, '../../src/lambda-worker.ts');

async function startStage(settings: Record<string, string> = {}, needs: { onDisk?: boolean } = {}) {
  const stage = await startFaultStage(settings, needs);
  const front = await startLambdaQueueFront({
    endpoint: stage.env.SQS_ENDPOINT as string,
    queueUrls: ['paperlift-pages', 'paperlift-exports'].map(stage.queueUrl),
    batchSize: 5,
  });
  // short: the path of the browser's socket, which lies deep in it, may have 107 characters
  const temporary = await mkdtemp(path.join(tmpdir(), 'pl-'));
  const worker = startFunction({
    module,
    runtimeApi: front.runtimeApi,
    env: { ...stage.env, TMPDIR: temporary },
  });
  await front.started;
  return {
    stage,
    front,
    worker,
    async stop() {
      await front.stop();
      worker.thaw();
      await worker.stop();
      await stage.stop();
      await rm(temporary, { recursive: true, force: true, maxRetries: 50, retryDelay: 50 }); // the browser still ends
    },
  };
}

/** Asks for an export of the page's project, and waits for it. */
async function exportPdf({ services, queueUrl }: FaultStage, { projectId }: Page) {
  const id = ulid();
  const at = new Date().toISOString();
  const item = {
    id,
    projectId,
    format: 'searchable-pdf',
    status: 'queued',
    requestedBy: 'p',
    createdAt: at,
    updatedAt: at,
  };
  await services.stores.exports.create(item as never);
  assert.ok(queueUrl('paperlift-exports'));
  await services.queues.exports.send({ projectId, exportId: id });
  const done = await waitFor('the export', async () => {
    const found = await services.stores.exports.find(projectId, id);
    return found && ['ready', 'failed'].includes(found.status) ? found : undefined;
  });
  assert.equal(done.status, 'ready', JSON.stringify(done.failure));
}

test('a batch of pages is read, each once, and nothing is called after the answer', async () => {
  const { stage, front, stop } = await startStage();
  try {
    await stage.addPages(6);
    for (const page of await stage.settle()) assert.equal(page.status, 'ready');
    await stage.assertConsistent();
    const calls = () => Object.values(stage.proxies).flatMap((proxy) => proxy.calls);
    const answered = () =>
      calls().filter(({ operation }) => operation !== 'ReceiveMessage' && !/^DeleteMessage/.test(operation));
    const count = answered().length;
    assert.ok(front.invocations.length > 0);
    await delay(300);
    assert.equal(answered().length, count);
  } finally {
    await stop();
  }
});

test('told to sweep, it sends the messages that were never sent', async () => {
  const { stage, front, stop } = await startStage({ JOB_LEASE_SECONDS: '1' });
  try {
    stage.proxies.sqs.next('SendMessage', { kind: 'reset' }, 10);
    const { services } = stage.startWorkerInProcess({ polling: false });
    const pages = await stage.addPages(1, { via: services });
    stage.proxies.sqs.clear();
    await waitFor('the page to be swept', async () => {
      const outcome = await front.invoke({ task: 'sweep' });
      assert.ok('payload' in outcome, JSON.stringify(outcome));
      const page = await stage.find(pages[0] as Page);
      return page?.status === 'ready' ? true : undefined;
    });
    await stage.assertConsistent();
  } finally {
    await stop();
  }
});

test('20 frozen between two exports until nobody keeps its connections any more, it makes the next one', async () => {
  const { stage, worker, stop } = await startStage({}, { onDisk: true });
  try {
    const [page] = (await stage.addPages(1)) as [Page];
    await stage.settle();
    await exportPdf(stage, page);
    const browsers = browsersOf(worker.pid);
    assert.equal(browsers.length, 1, 'the browser waits for the next export');

    worker.freeze();
    for (const pid of browsers) process.kill(-pid, 'SIGSTOP');
    await (areEnginesShared ? delay(6000) : stage.restartEngines(6000)); // longer than a lease, and than Node keeps a connection that nobody uses
    for (const pid of browsers) process.kill(-pid, 'SIGCONT');
    worker.thaw();

    await exportPdf(stage, page);
    assert.deepEqual(browsersOf(worker.pid), browsers, 'in the same browser');
    await stage.addPages(2);
    for (const { status } of await stage.settle()) assert.equal(status, 'ready');
  } finally {
    await stop();
  }
});

test('the spans of a job are sent before the function has answered, and belong to what sent its message', async () => {
  const collector = await startTraceCollector();
  const { stage, front, stop } = await startStage({ ...collector.env, OTEL_BSP_SCHEDULE_DELAY: '3600000' });
  try {
    const [page] = (await stage.addPages(1)) as [Page];
    await stage.settle();
    const traceId = 'c'.repeat(32);
    const { projectId, id: pageId, revision } = page;
    const job = { projectId, pageId, revision, traceparent: `00-${traceId}-${'d'.repeat(16)}-01` };
    await front.invoke({
      Records: [
        {
          messageId: '1',
          receiptHandle: 'none',
          body: JSON.stringify(job),
          eventSourceARN: arnOf(stage.queueUrl('paperlift-pages')),
        },
      ],
    });
    const span = collector.spans.find((one) => one.traceId === traceId && one.name.startsWith('process'));
    assert.deepEqual([span?.parentSpanId, span?.service], ['d'.repeat(16), 'paperlift-worker']);
  } finally {
    await stop();
    await collector.stop();
  }
});
