// The worker as a Lambda function: batches, and what of them failed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { createSqsHandler } from '../../src/lambda/sqs-event.ts';
import { arnOf } from '../support/fault-engines.ts';
import { startFaultStage } from '../support/fault-stage.ts';
import { waitFor } from '../support/wait.ts';

test('a poison message in a batch of ten: it alone is reported, its siblings are done', async () => {
  const stage = await startFaultStage();
  try {
    const { services, handlers } = stage.startWorkerInProcess({ polling: false });
    const handle = createSqsHandler({
      queues: [
        { queue: services.queues.pages, handle: handlers.pages },
        { queue: services.queues.exports, handle: handlers.exports },
      ],
      logger: services.logger,
    });
    const pages = await stage.addPages(9);
    const bodies = pages.map(({ projectId, id, revision }) =>
      JSON.stringify({ projectId, pageId: id, revision }),
    );
    bodies.splice(4, 0, '{"projectId":"../../etc"}');
    const record = (body: string, index: number, arn = arnOf(stage.queueUrl('paperlift-pages'))) => ({
      messageId: `m${index}`,
      receiptHandle: 'r',
      body,
      eventSourceARN: arn,
    });
    const answer = await handle({ Records: bodies.map((body, index) => record(body, index)) });
    assert.deepEqual(answer, { batchItemFailures: [{ itemIdentifier: 'm4' }] });
    for (const page of await stage.settle(undefined, 0)) assert.equal(page.status, 'ready');
    for (const page of pages) assert.equal(stage.countFinishes(page), 1);

    const again = await handle({ Records: bodies.map((body, index) => record(body, index)) });
    assert.deepEqual(
      again,
      { batchItemFailures: [{ itemIdentifier: 'm4' }] },
      'delivered twice: nothing changes',
    );
    assert.equal(stage.proxies.textract.count('DetectDocumentText'), 9);

    const odd = await handle({
      Records: [record('not JSON', 0), record('{}', 1, 'arn:aws:sqs:us-east-1:000000000000:somebody-elses')],
    });
    assert.deepEqual(
      odd.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
      ['m0', 'm1'],
    );
    await assert.rejects(handle({ Records: 'none' }));
  } finally {
    await stage.stop();
  }
});

test('when the function’s time is nearly up, what it holds is given back, and no try is used up', async () => {
  const stage = await startFaultStage();
  try {
    const { services, handlers } = stage.startWorkerInProcess({ polling: false });
    const { pages: queue } = services.queues;
    const handle = createSqsHandler({ queues: [{ queue, handle: handlers.pages }], logger: services.logger });
    const [page] = await stage.addPages(1);
    assert.ok(page);
    const { reached } = stage.proxies.textract.hold('DetectDocumentText');
    const timeIsUp = new AbortController();
    const body = JSON.stringify({ projectId: page.projectId, pageId: page.id, revision: page.revision });
    const eventSourceARN = arnOf(stage.queueUrl('paperlift-pages'));
    const record = { messageId: 'm1', receiptHandle: 'r', body, eventSourceARN };
    const answer = handle({ Records: [record] }, timeIsUp.signal);
    await reached;
    timeIsUp.abort();
    assert.deepEqual(await answer, { batchItemFailures: [{ itemIdentifier: 'm1' }] });
    const current = await stage.find(page);
    assert.deepEqual([current?.tries, current?.leaseOwner], [0, undefined]);
  } finally {
    await stage.stop();
  }
});

test('a poison message ends in the dead-letter queue after the last receive', async () => {
  const stage = await startFaultStage({ JOB_VISIBILITY_SECONDS: '1' });
  try {
    const { sqs } = stage.services.clients;
    const [queueUrl, deadUrl] = ['paperlift-pages', 'paperlift-pages-dead'].map(stage.queueUrl) as [
      string,
      string,
    ];
    const worker = stage.startWorkerInProcess();
    await stage.addPages(2);
    for (const page of await stage.settle()) assert.equal(page.status, 'ready');
    await stage.assertConsistent(); // pages may be received more often than twice
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['RedrivePolicy'] }),
    );
    const policy = JSON.parse(Attributes?.RedrivePolicy ?? '{}');
    assert.equal(Number(policy.maxReceiveCount), 20);
    await sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: queueUrl,
        Attributes: { RedrivePolicy: JSON.stringify({ ...policy, maxReceiveCount: 2 }) }, // twenty would take long
      }),
    );
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'poison' }));
    await waitFor('the poison to be in the dead-letter queue', async () =>
      (await stage.countMessages('paperlift-pages-dead')) === 1 ? true : undefined,
    );
    await stage.assertConsistent({ dead: 1 });
    assert.match(worker.logs.text(), /a job failed unexpectedly/);

    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: deadUrl }));
    assert.equal(Messages?.[0]?.Body, 'poison');
  } finally {
    await stage.stop();
  }
});
