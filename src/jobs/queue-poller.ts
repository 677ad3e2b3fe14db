// Long-polls a queue and hands messages to a handler, a few at once, in turns between people. Our own rather than
// sqs-consumer because of how it shuts down: docs/decisions/0003-queue-poller.md. Turns:
// docs/decisions/0044-turns-between-people.md.
import { setTimeout as delay } from 'node:timers/promises';
import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { allButOne, createTurns, type Turn, type Turns } from '../runtime/fair-turns.ts';
import type { Logger } from '../runtime/logger.ts';
import { createMetrics, type Metrics } from '../runtime/metrics.ts';
import { preciseNow, type Tracer } from '../runtime/trace.ts';
import { type AnyJob, parseMessage, personOfJob, type Sending } from './job.ts';
import { type JobQueue, nameOfQueue } from './job-queue.ts';
import { createPutBack } from './put-back.ts';
import { traceJob } from './trace-job.ts';

/** `done`: the message is deleted. Otherwise it becomes visible again after a delay. */
export type JobOutcome = { done: true } | { done: false; againInSeconds: number };

/**
 * Throws only unexpected errors. `signal` aborts when held work must be released: because the process ends, or, with a
 * `TimeoutError`, because the function's time is up.
 */
export type JobHandler = (job: unknown, signal: AbortSignal) => Promise<JobOutcome>;

/** Jobs that share concurrency. */
interface Lane {
  isFor: (job: unknown) => boolean;
  atOnce: number;
  /** How many of these one person may have: all but one by default. */
  perPerson?: number;
}

interface Dependencies {
  sqs: Pick<SQSClient, 'send'>;
  queue: JobQueue<AnyJob>;
  handle: JobHandler;
  /** A job goes into the first lane whose `isFor` accepts it; the last lane takes the rest. */
  lanes: [...Lane[], Omit<Lane, 'isFor'>];
  visibilitySeconds: number;
  /** How long the queue holds back an answer without messages: up to 20. */
  waitSeconds: number;
  logger: Logger;
  tracer?: Tracer | undefined;
  metrics?: Metrics;
  /** Called after every receive: with messages, without, or failed. */
  onTurn?: () => void;
  /** Monotonic milliseconds. */
  now?: () => number;
}

interface Received {
  message: Message;
  job: unknown;
  sent: Sending;
  /** In milliseconds since the epoch. */
  arrivedAt: number;
  person: string;
  receivedAt: number;
  lane: { turns: Turns; perPerson: number };
}

const maxPauseMs = 10_000;
/** A stop waits for the end of a request that is no longer than this. */
const longestLastWaitSeconds = 2;
/** SQS's limit for one receive. */
const maxMessages = 10;
/** Messages of all people that wait here or are being put back. */
const maxWaiting = 50;
/** Messages of one person that wait here, so that the next job begins as soon as one ends. */
const waitingPerPerson = 10;
/** A message that waits longer is put back: another worker may have capacity. */
const maxWaitMs = 3000;
/** The few that stay at hand, in the end: long jobs begin with most of the visibility timeout before them. */
const longestWaitMs = 15_000;

const anyJob = z.object({ projectId: z.string(), personId: z.string().optional() });

export function createQueuePoller(dependencies: Dependencies) {
  const { sqs, queue, handle, visibilitySeconds, waitSeconds, logger, tracer, onTurn } = dependencies;
  const { now = () => performance.now() } = dependencies;
  const { metrics = createMetrics() } = dependencies;
  const receiving = new AbortController();
  /** Ends the last request, which a stop gives time to end by itself if that is short. */
  const lastReceive = new AbortController();
  const working = new AbortController();
  const putBack = createPutBack({ now });
  const inFlight = new Set<Promise<void>>();
  let slotFreed = Promise.withResolvers<void>();
  let looping: Promise<void> | undefined;

  const lanes = dependencies.lanes.map(({ atOnce, perPerson = allButOne(atOnce), ...lane }) => ({
    isFor: 'isFor' in lane ? lane.isFor : () => true,
    atOnce,
    perPerson,
    turns: createTurns({ atOnce, perPerson }),
  }));
  type OpenLane = (typeof lanes)[number];
  const maxInFlight = maxWaiting + lanes.reduce((count, { atOnce }) => count + atOnce, 0);
  const waiting = () => lanes.reduce((count, { turns }) => count + turns.waiting(), 0);
  const free = () => lanes.reduce((count, { turns }) => count + turns.free(), 0);

  async function receive(): Promise<Message[]> {
    // receive no more than can begin at once, since other workers may be free; if some are waiting, receive more to
    // see what is behind them
    const most = waiting() === 0 ? free() : maxMessages;
    const answer = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queue.queueUrl,
        MaxNumberOfMessages: Math.max(1, Math.min(maxMessages, most)),
        WaitTimeSeconds: waitSeconds,
        VisibilityTimeout: visibilitySeconds,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
      { abortSignal: lastReceive.signal },
    );
    return answer.Messages ?? [];
  }

  function sort(message: Message): Received {
    const { job, sent } = parseMessage(message.Body);
    const lane = lanes.find(({ isFor }) => isFor(job)) as OpenLane;
    const { data } = anyJob.safeParse(job);
    const person = data ? personOfJob(data) : '';
    return {
      message,
      job,
      sent,
      lane,
      person,
      arrivedAt: preciseNow(),
      receivedAt: now(),
    };
  }

  /** Starts jobs whose turn it is, keeps a few waiting, and puts the others back. */
  async function take(received: Received) {
    const { person, lane, message } = received;
    if (!lane.turns.hasRoomFor(person) && lane.turns.waiting(person) >= waitingPerPerson) {
      return sendCopy(received);
    }
    const turn = await takeTurn(received);
    if (!turn) {
      if (receiving.signal.aborted) return queue.changeVisibility(message.ReceiptHandle ?? '', 0);
      return sendCopy(received);
    }
    const beganAt = now();
    try {
      await traceJob({ tracer, metrics, queueUrl: queue.queueUrl, ...received }, () => work(received));
    } finally {
      putBack.noteJob(person, now() - beganAt);
      turn.release();
    }
  }

  /**
   * `undefined`: it waited too long, or the poller is stopping. As many as this person may run at once wait longer, so that no slot is
   * free until copies come back.
   */
  async function takeTurn({ lane, person, receivedAt }: Received): Promise<Turn | undefined> {
    const halfVisibleMs = visibilitySeconds * 500;
    for (;;) {
      const turn = await takeTurnWithin(Math.min(maxWaitMs, halfVisibleMs), lane.turns, person);
      const waitsTooLong = now() - receivedAt >= Math.min(longestWaitMs, halfVisibleMs);
      if (turn || receiving.signal.aborted || waitsTooLong) return turn;
      if (lane.turns.waiting(person) >= lane.perPerson) return undefined;
    }
  }

  async function takeTurnWithin(ms: number, turns: Turns, person: string): Promise<Turn | undefined> {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), ms);
    try {
      return await turns.take(person, AbortSignal.any([receiving.signal, patience.signal]));
    } catch {
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends a copy and deletes the original: each receive counts towards the dead-letter queue's limit. */
  async function sendCopy({ job, sent, person, lane, message, receivedAt }: Received) {
    // its visibility timeout has expired or is about to: sending a copy would duplicate it
    if (now() - receivedAt > visibilitySeconds * 800) return;
    await queue.send(job as AnyJob, putBack.delaySeconds(person, lane.perPerson), sent);
    await remove(message);
  }

  async function remove({ ReceiptHandle = '' }: Message) {
    await sqs.send(new DeleteMessageCommand({ QueueUrl: queue.queueUrl, ReceiptHandle }));
  }

  async function work({ message, job }: Received) {
    const outcome = await handleSafely(message, job);
    if (outcome.done) await remove(message);
    else await queue.changeVisibility(message.ReceiptHandle ?? '', outcome.againInSeconds);
  }

  async function handleSafely(message: Message, job: unknown): Promise<JobOutcome> {
    try {
      return await handle(job, working.signal);
    } catch (error) {
      const receives = Number(message.Attributes?.ApproximateReceiveCount ?? 1);
      logger.error({ err: error, messageId: message.MessageId, receives }, 'a job failed unexpectedly');
      return { done: false, againInSeconds: Math.min(2 ** receives, visibilitySeconds) };
    }
  }

  function begin(received: Received) {
    const taking: Promise<void> = take(received)
      .catch((error) => {
        if (!receiving.signal.aborted) logger.warn({ err: error }, 'the queue is not responding');
      })
      .finally(() => {
        inFlight.delete(taking);
        slotFreed.resolve();
        slotFreed = Promise.withResolvers();
      });
    inFlight.add(taking);
  }

  async function loop() {
    let failures = 0;
    while (!receiving.signal.aborted) {
      onTurn?.();
      try {
        while (inFlight.size >= maxInFlight) await slotFreed.promise;
        if (receiving.signal.aborted) return;
        const received = (await receive()).map(sort);
        noteAge(received);
        for (const one of received) begin(one);
        failures = 0;
      } catch (error) {
        if (receiving.signal.aborted) return;
        failures += 1;
        logger.warn({ err: error, failures }, 'the queue is not responding');
        await pause(Math.min(250 * 2 ** failures, maxPauseMs) * (0.5 + Math.random() / 2));
      }
    }
  }

  function noteAge(received: Received[]) {
    const ages = received.map(({ sent, arrivedAt }) => arrivedAt - (sent.sentAt ?? arrivedAt));
    const queueName = nameOfQueue(queue.queueUrl);
    metrics.set('paperlift_queue_age_seconds', { queue: queueName }, Math.max(0, ...ages) / 1000);
  }

  async function pause(ms: number) {
    await delay(ms, undefined, { signal: receiving.signal }).catch(() => {});
  }

  return {
    start() {
      looping = loop();
    },

    /** Stops receiving, lets held messages finish within `graceMs`, then has them released. */
    async stop(graceMs: number) {
      receiving.abort();
      slotFreed.resolve();
      // some queues give a message to an aborted request: then it would come back only after its visibility timeout
      if (waitSeconds > longestLastWaitSeconds) lastReceive.abort();
      else AbortSignal.timeout(2 * waitSeconds * 1000).addEventListener('abort', () => lastReceive.abort());
      const grace = AbortSignal.timeout(graceMs);
      grace.addEventListener('abort', () => working.abort(), { once: true });
      await looping;
      await Promise.allSettled(inFlight);
    },
  };
}
