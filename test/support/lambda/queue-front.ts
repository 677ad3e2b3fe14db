// Stands in for Lambda's event source mapping and the scheduler: polls queues and invokes a function with the messages. It
// deletes the processed ones, and leaves those in `batchItemFailures`, or all of them when the function fails.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
//
//   const front = await startLambdaQueueFront({ endpoint, queueUrls: [pagesQueueUrl, exportsQueueUrl], sweepEveryMs: 2000 });
//   … start the function with AWS_LAMBDA_RUNTIME_API=front.runtimeApi …
//   await front.stop();
import { setTimeout as delay } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { type Outcome, startRuntimeApi } from './runtime-api.ts';

interface Options {
  runtimeApiPort?: number;
  /** The function's timeout; the messages of a batch that takes longer are received again. */
  timeoutMs?: number;
  /** Of the stand-in for SQS. Credentials are the stand-in's usual ones. */
  endpoint: string;
  queueUrls: string[];
  /** How many messages the function gets at once. */
  batchSize?: number;
  /** How often the function is invoked to sweep, as the scheduler does every minute; never by default. */
  sweepEveryMs?: number;
}

export async function startLambdaQueueFront(options: Options) {
  const { runtimeApiPort, timeoutMs = 120_000, endpoint, queueUrls, batchSize = 1, sweepEveryMs } = options;
  const runtime = await startRuntimeApi({ port: runtimeApiPort, timeoutMs });
  const sqs = new SQSClient({
    region: 'us-east-1',
    endpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const stopping = new AbortController();
  const invocations: { event: unknown; outcome: Outcome }[] = [];

  async function invoke(event: unknown): Promise<Outcome> {
    const outcome = await runtime.invoke(event);
    invocations.push({ event, outcome });
    return outcome;
  }

  async function poll(queueUrl: string) {
    while (!stopping.signal.aborted) {
      try {
        // short polls: the stand-in gives messages to long polls whose caller has disconnected
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: queueUrl,
            MaxNumberOfMessages: batchSize,
            MessageSystemAttributeNames: ['All'],
          }),
        );
        if (Messages.length > 0) await handle(queueUrl, Messages);
        else await pause(100);
      } catch {
        await pause(500);
      }
    }
  }

  async function handle(queueUrl: string, messages: Message[]) {
    const outcome = await invoke(buildSqsEvent(queueUrl, messages));
    const failed = failedOf(outcome);
    const done = failed && messages.filter(({ MessageId = '' }) => !failed.includes(MessageId));
    if (!done || done.length === 0) return;
    await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      }),
    );
  }

  async function sweep(everyMs: number) {
    while (!stopping.signal.aborted) {
      await pause(everyMs);
      if (!stopping.signal.aborted) await invoke({ task: 'sweep' });
    }
  }

  const pause = (ms: number) => delay(ms, undefined, { signal: stopping.signal }).catch(() => {});
  const loops = [...queueUrls.map(poll), ...(sweepEveryMs ? [sweep(sweepEveryMs)] : [])];

  return {
    runtimeApi: runtime.address,
    started: runtime.started,
    invoke,
    /** The function's invocations and their outcomes. */
    invocations,
    async stop() {
      stopping.abort();
      await runtime.stop();
      await Promise.race([Promise.all(loops), delay(2000, undefined, { ref: false })]);
      sqs.destroy();
    },
  };
}

export type LambdaQueueFront = Awaited<ReturnType<typeof startLambdaQueueFront>>;

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
export function buildSqsEvent(queueUrl: string, messages: Message[]) {
  const name = new URL(queueUrl).pathname.split('/').at(-1);
  return {
    Records: messages.map(({ MessageId, ReceiptHandle, Body, MD5OfBody, Attributes = {} }) => ({
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      attributes: Attributes,
      messageAttributes: {},
      md5OfBody: MD5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${name}`,
      awsRegion: 'us-east-1',
    })),
  };
}

/** The failed messages' ids; undefined when all of them failed. An answer that is none of the kind counts as success. */
function failedOf(outcome: Outcome): string[] | undefined {
  if ('error' in outcome) return undefined;
  const answer = JSON.parse(outcome.payload.toString() || 'null');
  const failures: { itemIdentifier?: string }[] = answer?.batchItemFailures ?? [];
  if (failures.some(({ itemIdentifier }) => !itemIdentifier)) return undefined;
  return failures.flatMap(({ itemIdentifier }) => itemIdentifier ?? []);
}
