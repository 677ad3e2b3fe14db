// A page that cannot be worked on, whatever is tried: here its record was damaged by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { createSqsHandler } from '../../src/lambda/sqs-event.ts';
import type { Page } from '../../src/pages/page.ts';
import { arnOf } from '../support/fault-engines.ts';
import { type FaultStage, startFaultStage } from '../support/fault-stage.ts';
import { waitFor } from '../support/wait.ts';

/** The claim of a page counts its attempts up, which DynamoDB refuses for what is no number. */
const setAttempt = (stage: FaultStage, { projectId, id }: Page, attempt: unknown) =>
  stage.services.clients.documents.update({
    TableName: stage.services.config.aws.dynamodb.table,
    Key: { pk: `PROJECT#${projectId}`, sk: `PAGE#${id}` },
    UpdateExpression: 'SET attempt = :attempt',
    ExpressionAttributeValues: { ':attempt': attempt },
  });

test('a poison page in a batch of ten is the one failure; it waits in the dead-letter queue, and is read after redriving', async () => {
  const stage = await startFaultStage({ JOB_VISIBILITY_SECONDS: '1', SWEEP_SECONDS: '3600' });
  try {
    const { sqs } = stage.services.clients;
    const [queueUrl, deadUrl] = ['paperlift-pages', 'paperlift-pages-dead'].map(stage.queueUrl) as [
      string,
      string,
    ];
    const worker = stage.startWorkerInProcess({ polling: false });
    const { pages: queue } = worker.services.queues;
    const handle = createSqsHandler({
      queues: [{ queue, handle: worker.handlers.pages }],
      logger: worker.services.logger,
    });
    const pages = await stage.addPages(10);
    const poison = pages[4] as Page;
    await setAttempt(stage, poison, 'no number');
    const Records = pages.map(({ projectId, id: pageId, revision }, at) => ({
      messageId: `m${at}`,
      receiptHandle: 'r',
      body: JSON.stringify({ projectId, pageId, revision }),
      eventSourceARN: arnOf(queueUrl),
    }));
    const { batchItemFailures } = await handle({ Records }, new AbortController().signal);
    assert.deepEqual(batchItemFailures, [{ itemIdentifier: 'm4' }]);
    const siblings = pages.filter((page) => page !== poison);
    for (const page of await stage.settle(siblings)) assert.equal(page.status, 'ready');

    await limitReceives(stage, queueUrl, 2); // twenty would take long
    const poller = stage.startWorkerInProcess();
    await waitFor('the poison to be in the dead-letter queue', async () =>
      (await stage.countMessages('paperlift-pages-dead')) === 1 ? true : undefined,
    );
    await stage.assertConsistent({ pages: siblings, dead: 1 });
    assert.match(poller.logs.text(), /a job failed unexpectedly/);

    await setAttempt(stage, poison, 0);
    await limitReceives(stage, queueUrl, 20);
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: deadUrl }));
    for (const { Body, ReceiptHandle } of Messages) {
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: Body }));
      await sqs.send(new DeleteMessageCommand({ QueueUrl: deadUrl, ReceiptHandle }));
    }
    for (const page of await stage.settle()) assert.equal(page.status, 'ready');
    await stage.assertConsistent();
  } finally {
    await stage.stop();
  }
});

async function limitReceives({ services }: FaultStage, QueueUrl: string, maxReceiveCount: number) {
  const { sqs } = services.clients;
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] }),
  );
  const policy = { ...JSON.parse(Attributes?.RedrivePolicy ?? '{}'), maxReceiveCount };
  await sqs.send(
    new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy: JSON.stringify(policy) } }),
  );
}
