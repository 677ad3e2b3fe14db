// Long-polls a queue and hands each message to a handler, a few at once. Written here rather than taken from
// sqs-consumer because of what happens at the end: docs/decisions/0003-queue-poller.md.
import { setTimeout as delay } from 'node:timers/promises';
import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Logger } from '../logger.ts';
import type { JobQueue } from './job-queue.ts';

/** `done`: the message is deleted. Otherwise it is shown again after so many seconds. */
export type JobOutcome = { done: true } | { done: false; againInSeconds: number };

/**
 * Throws only for what it did not foresee. `signal` aborts when what is held is to be given back: because the process must
 * end, or, with a `TimeoutError`, because the function's time is up.
 */
export type JobHandler = (job: unknown, signal: AbortSignal) => Promise<JobOutcome>;

interface Dependencies {
  sqs: Pick<SQSClient, 'send'>;
  queue: JobQueue<unknown>;
  handle: JobHandler;
  atOnce: number;
  visibilitySeconds: number;
  logger: Logger;
  /** Called whenever a loop comes round, whether the queue had something, had nothing or did not answer. */
  onTurn?: () => void;
}

const longestPauseMs = 10_000;

export function createQueuePoller(dependencies: Dependencies) {
  const { sqs, queue, handle, atOnce, visibilitySeconds, logger, onTurn } = dependencies;
  const receiving = new AbortController();
  const working = new AbortController();
  let loops: Promise<void>[] = [];

  async function receive(): Promise<Message | undefined> {
    const answer = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queue.queueUrl,
        MaxNumberOfMessages: 1,
        WaitTimeSeconds: 20,
        VisibilityTimeout: visibilitySeconds,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
      { abortSignal: receiving.signal },
    );
    return answer.Messages?.[0];
  }

  async function work(message: Message) {
    const receiptHandle = message.ReceiptHandle ?? '';
    const outcome = await handleSafely(message);
    if (outcome.done) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queue.queueUrl, ReceiptHandle: receiptHandle }));
    } else {
      await queue.showAgain(receiptHandle, outcome.againInSeconds);
    }
  }

  async function handleSafely(message: Message): Promise<JobOutcome> {
    try {
      return await handle(JSON.parse(message.Body ?? ''), working.signal);
    } catch (error) {
      const receives = Number(message.Attributes?.ApproximateReceiveCount ?? 1);
      logger.error({ err: error, messageId: message.MessageId, receives }, 'a job failed unexpectedly');
      return { done: false, againInSeconds: Math.min(2 ** receives, visibilitySeconds) };
    }
  }

  async function loop() {
    let failures = 0;
    while (!receiving.signal.aborted) {
      onTurn?.();
      try {
        const message = await receive();
        if (message) await work(message);
        failures = 0;
      } catch (error) {
        if (receiving.signal.aborted) return;
        failures += 1;
        logger.warn({ err: error, failures }, 'the queue is not responding');
        await pause(Math.min(250 * 2 ** failures, longestPauseMs) * (0.5 + Math.random() / 2));
      }
    }
  }

  async function pause(ms: number) {
    await delay(ms, undefined, { signal: receiving.signal }).catch(() => {});
  }

  return {
    start() {
      loops = Array.from({ length: atOnce }, loop);
    },

    /** Receives no more, lets what is held finish for so long, then has it given back. */
    async stop(graceMs: number) {
      receiving.abort();
      const ended = Promise.allSettled(loops);
      const grace = AbortSignal.timeout(graceMs);
      grace.addEventListener('abort', () => working.abort(), { once: true });
      await ended;
    },
  };
}
