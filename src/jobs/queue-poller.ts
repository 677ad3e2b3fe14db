// Long-polls a queue and hands each message to a handler, a few at once, in turns between people. Written here rather than
// taken from sqs-consumer because of what happens at the end: docs/decisions/0003-queue-poller.md. How one person's
// thousand messages let another's one pass: docs/decisions/0044-turns-between-people.md.
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
import { type AnyJob, type JobQueue, personOfJob } from './job-queue.ts';
import { createPutBack } from './put-back.ts';

/** `done`: the message is deleted. Otherwise it is shown again after so many seconds. */
export type JobOutcome = { done: true } | { done: false; againInSeconds: number };

/**
 * Throws only for what it did not foresee. `signal` aborts when what is held is to be given back: because the process must
 * end, or, with a `TimeoutError`, because the function's time is up.
 */
export type JobHandler = (job: unknown, signal: AbortSignal) => Promise<JobOutcome>;

/** Jobs that share their places. */
interface Lane {
  isFor: (job: unknown) => boolean;
  atOnce: number;
  /** How many of these are one person's: all but one, by default. */
  perPerson?: number;
}

interface Dependencies {
  sqs: Pick<SQSClient, 'send'>;
  queue: JobQueue<AnyJob>;
  handle: JobHandler;
  /** A job goes into the first lane that is for it. The last one is for all that is left. */
  lanes: [...Lane[], Omit<Lane, 'isFor'>];
  visibilitySeconds: number;
  logger: Logger;
  /** Called whenever the loop comes round, whether the queue had something, had nothing or did not answer. */
  onTurn?: () => void;
}

interface Received {
  message: Message;
  job: unknown;
  person: string;
  receivedAt: number;
  lane: { turns: Turns; perPerson: number };
}

const longestPauseMs = 10_000;
/** SQS gives no more with one receive. */
const maxMessages = 10;
/** Messages, of all people, that wait here for their turn or are just being put back. */
const maxWaiting = 50;
/** Messages of one person that wait here, so that the next job begins when one ends. */
const waitingPerPerson = 10;
/** A message that waits longer may be another worker's. */
const longestWaitMs = 3000;

const jobOfSomebody = z.object({ projectId: z.string(), personId: z.string().optional() });

export function createQueuePoller(dependencies: Dependencies) {
  const { sqs, queue, handle, visibilitySeconds, logger, onTurn } = dependencies;
  const receiving = new AbortController();
  const working = new AbortController();
  const putBack = createPutBack();
  const inFlight = new Set<Promise<void>>();
  let roomMade = Promise.withResolvers<void>();
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
    // no more than can begin at once, for other workers may be free; but if some are waiting, what is behind them
    const most = waiting() === 0 ? free() : maxMessages;
    const answer = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queue.queueUrl,
        MaxNumberOfMessages: Math.max(1, Math.min(maxMessages, most)),
        WaitTimeSeconds: 20,
        VisibilityTimeout: visibilitySeconds,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
      { abortSignal: receiving.signal },
    );
    return answer.Messages ?? [];
  }

  function sort(message: Message): Received {
    const job = parse(message.Body);
    const lane = lanes.find(({ isFor }) => isFor(job)) as OpenLane;
    const { data } = jobOfSomebody.safeParse(job);
    const person = data ? personOfJob(data) : '';
    return { message, job, lane, person, receivedAt: performance.now() };
  }

  /** Begins what it is the turn of, has a few wait for theirs, and puts the others back. */
  async function take(received: Received) {
    const { person, lane, message } = received;
    if (!lane.turns.hasRoomFor(person) && lane.turns.waiting(person) >= waitingPerPerson) {
      return sendAnew(received);
    }
    const turn = await takeTurn(received);
    if (!turn) {
      if (receiving.signal.aborted) return queue.changeVisibility(message.ReceiptHandle ?? '', 0);
      return sendAnew(received);
    }
    const beganAt = performance.now();
    try {
      await work(received);
    } finally {
      putBack.noteJob(person, performance.now() - beganAt);
      turn.release();
    }
  }

  /** `undefined`: it has waited long enough, or nothing is begun any more. */
  async function takeTurn({ lane, person }: Received): Promise<Turn | undefined> {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), Math.min(longestWaitMs, visibilitySeconds * 500));
    try {
      return await lane.turns.take(person, AbortSignal.any([receiving.signal, patience.signal]));
    } catch {
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  /** As a message of its own, because one that is shown again and again ends in the dead-letter queue. */
  async function sendAnew({ job, person, lane, message, receivedAt }: Received) {
    // it is in the queue again by itself, or nearly: there would be two of it
    if (performance.now() - receivedAt > visibilitySeconds * 800) return;
    await queue.send(job as AnyJob, putBack.delaySeconds(person, lane.perPerson));
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
        roomMade.resolve();
        roomMade = Promise.withResolvers();
      });
    inFlight.add(taking);
  }

  async function loop() {
    let failures = 0;
    while (!receiving.signal.aborted) {
      onTurn?.();
      try {
        while (inFlight.size >= maxInFlight) await roomMade.promise;
        if (receiving.signal.aborted) return;
        for (const message of await receive()) begin(sort(message));
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
      looping = loop();
    },

    /** Receives no more, lets what is held finish for so long, then has it given back. */
    async stop(graceMs: number) {
      receiving.abort();
      roomMade.resolve();
      const grace = AbortSignal.timeout(graceMs);
      grace.addEventListener('abort', () => working.abort(), { once: true });
      await looping;
      await Promise.allSettled(inFlight);
    },
  };
}

/** What is not JSON is its handler's to refuse. */
function parse(body = ''): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
