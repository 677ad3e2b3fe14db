// Work on a leased item, from its message to what becomes of it: claimed, worked on, then finished, failed or given back.
// The same for pages, exports and imports; what is done with the item, and which errors are final, is their services'.

import { isTransient } from '../aws/outages.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Claim, Lease } from './leased-items.ts';
import type { JobOutcome } from './queue-poller.ts';

/** Why an item failed, in words for people. */
export interface Failure {
  code: string;
  message: string;
}

/** The item went to another worker, or is gone: stop, and leave nothing behind. */
export class FencedOffError extends Error {
  override name = 'FencedOffError';
}

/** The item fails for good, with a reason for people. */
export class JobFailedError extends Error {
  override name = 'JobFailedError';
  readonly failure: Failure;
  constructor(failure: Failure, cause?: unknown) {
    super(failure.code, { cause });
    this.failure = failure;
  }
}

/** Not this time. `limit`: where fewer tries are made than usual, and what it fails with then. */
export class TryAgainError extends Error {
  override name = 'TryAgainError';
  readonly usesUpTry: boolean;
  readonly limit: { tries: number; failure: Failure } | undefined;
  constructor(
    cause: unknown,
    { usesUpTry, limit }: { usesUpTry: boolean; limit?: { tries: number; failure: Failure } },
  ) {
    super('try again', { cause });
    this.usesUpTry = usesUpTry;
    this.limit = limit;
  }
}

/** What is known of an item that is done step by step. */
interface Steps {
  /** The attempt that last made progress: the waits between attempts begin anew there. */
  progressAttempt?: number;
}

interface Dependencies<Job, Item> {
  /** What the item is called in the log. */
  name: string;
  items: {
    claim: (job: Job, workerId: string) => Promise<Claim<Item>>;
    keep: (item: Item, lease: Lease) => Promise<unknown>;
    finishFailed: (item: Item, lease: Lease, failure: Failure) => Promise<unknown>;
    release: (item: Item, lease: Lease, again: { afterMs: number; tries: number }) => Promise<unknown>;
  };
  /**
   * Does what is to be done and writes that it is. Throws the errors above; what else it throws is tried again. Gives up
   * when `signal` aborts.
   */
  work: (item: Item, lease: Lease, signal: AbortSignal) => Promise<void>;
  /** Deletes what an attempt stored that did not end well, unless the item has come to use it. */
  cleanUp?: (item: Item, lease: Lease) => Promise<void>;
  maxTries: number;
  triedTooOften: Failure;
  workerId: string;
  leaseMs: number;
  logger: Logger;
  now: () => Date;
}

interface Attempt<Item> {
  item: Item;
  lease: Lease;
  tries: number;
  signal: AbortSignal;
  log: Logger;
}

const done: JobOutcome = { done: true };

export function createLeasedJob<Job extends object, Item>(dependencies: Dependencies<Job, Item>) {
  const { name, items, work, cleanUp, maxTries, triedTooOften } = dependencies;
  const { workerId, leaseMs, logger, now } = dependencies;

  /** However long the work takes, the lease is kept meanwhile: it runs out for those who died or froze. */
  async function workKeeping({ item, lease, signal }: Attempt<Item>) {
    const timer = setInterval(() => void items.keep(item, lease).catch(() => {}), leaseMs / 3);
    try {
      await work(item, lease, signal);
    } finally {
      clearInterval(timer);
    }
  }

  async function endAttempt(attempt: Attempt<Item>, error: unknown): Promise<JobOutcome> {
    const { item, lease, log } = attempt;
    if (error instanceof FencedOffError) {
      log.warn({ err: error }, `lease lost: the ${name} belongs to another worker or was deleted`);
      return done;
    }
    if (error instanceof JobFailedError) {
      log.warn({ err: error, code: error.failure.code }, `the ${name} failed`);
      await items.finishFailed(item, lease, error.failure);
      return done;
    }
    return tryAgain(attempt, error);
  }

  async function tryAgain({ item, lease, tries, signal, log }: Attempt<Item>, error: unknown) {
    const isDenied = isAccessDenied(error);
    log[isDenied ? 'error' : 'warn']({ err: error, alarm: isDenied }, `retrying the ${name}`);
    const triesUsed = usesUpTry(error, signal) ? tries : tries - 1;
    const limit = error instanceof TryAgainError ? error.limit : undefined;
    if (triesUsed >= Math.min(maxTries, limit?.tries ?? maxTries)) {
      await items.finishFailed(item, lease, limit?.failure ?? triedTooOften);
      return done;
    }
    const attempts = lease.attempt - ((item as Steps).progressAttempt ?? 0);
    const afterMs = signal.aborted ? 0 : backoffMs(attempts, leaseMs); // another worker can go on at once
    await items.release(item, lease, { afterMs, tries: triesUsed });
    return { done: false as const, againInSeconds: Math.ceil(afterMs / 1000) };
  }

  /** For whom another worker holds the item. No longer than a lease, whatever the other one's clock says. */
  function waitFor(leaseUntil: Date): JobOutcome {
    const ms = Math.min(leaseUntil.getTime() - now().getTime(), leaseMs);
    return { done: false, againInSeconds: Math.max(1, Math.ceil(ms / 1000)) };
  }

  return {
    /** Handles one message. Whatever arrives twice, late or for what is gone changes nothing. */
    async handle(job: Job, signal: AbortSignal): Promise<JobOutcome> {
      const claim = await items.claim(job, workerId);
      if (claim.outcome === 'over') return done;
      if (claim.outcome === 'leased') return waitFor(claim.leaseUntil);
      const { item, lease, tries } = claim;
      const log = logger.child({ ...job, attempt: lease.attempt });
      const attempt = { item, lease, tries, signal, log };
      try {
        // counted at the claim, so that what kills its worker each time ends too
        if (tries > maxTries) throw new JobFailedError(triedTooOften);
        await workKeeping(attempt);
        return done;
      } catch (error) {
        const outcome = await endAttempt(attempt, error);
        await cleanUp?.(item, lease).catch((err) =>
          log.warn({ err }, 'could not remove what an attempt stored'),
        );
        return outcome;
      }
    },
  };
}

/**
 * The end of the process is no fault of the item's, whatever it made fail. The end of a function's time is: what never
 * fits into it would be begun for ever.
 */
function usesUpTry(error: unknown, signal: AbortSignal): boolean {
  if (signal.aborted) return signal.reason?.name === 'TimeoutError';
  if (isAccessDenied(error)) return false; // the account's problem
  return error instanceof TryAgainError ? error.usesUpTry : !isTransient(error);
}

/** Exponential, at most half a lease, with jitter so that what failed together does not come back together. */
function backoffMs(attempt: number, leaseMs: number): number {
  return Math.min(500 * 2 ** Math.min(attempt, 10), leaseMs / 2) * (0.5 + Math.random() / 2);
}

/** S3's name is the shorter one. */
function isAccessDenied(error: unknown): boolean {
  const { name, cause } = error as Error;
  return /^AccessDenied(Exception)?$/.test(name) || (error instanceof TryAgainError && isAccessDenied(cause));
}
