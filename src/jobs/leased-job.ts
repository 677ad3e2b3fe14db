// Handles the message of a leased item: claim, work, then finish, fail or release. Shared by pages, exports and
// imports, whose services do the work and decide which errors are final.

import { isTransient } from '../aws/outages.ts';
import type { Logger } from '../runtime/logger.ts';
import { inSpan } from '../runtime/trace.ts';
import type { Claim, Lease } from './leased-items.ts';
import type { JobOutcome } from './queue-poller.ts';

/** Why an item failed, as people read it. */
export interface Failure {
  code: string;
  message: string;
}

/** The lease was lost, or the item is gone. The attempt stops and deletes what it stored. */
export class FencedOffError extends Error {
  override name = 'FencedOffError';
}

/** The item has failed for good. `failure` tells people why. */
export class JobFailedError extends Error {
  override name = 'JobFailedError';
  readonly failure: Failure;
  constructor(failure: Failure, cause?: unknown) {
    super(failure.code, { cause });
    this.failure = failure;
  }
}

/**
 * The attempt failed, and another may succeed. `limit` allows fewer attempts than usual, and names the final failure.
 */
export class TryAgainError extends Error {
  override name = 'TryAgainError';
  readonly countsAsAttempt: boolean;
  readonly limit: { tries: number; failure: Failure } | undefined;
  constructor(
    cause: unknown,
    { countsAsAttempt, limit }: { countsAsAttempt: boolean; limit?: { tries: number; failure: Failure } },
  ) {
    super('try again', { cause });
    this.countsAsAttempt = countsAsAttempt;
    this.limit = limit;
  }
}

/** Progress of an item that is processed in steps. */
interface Steps {
  /** The attempt that last made progress. Backoff restarts there. */
  progressAttempt?: number;
}

interface Dependencies<Job, Item> {
  /** The item's name in the log. */
  name: string;
  items: {
    claim: (job: Job, workerId: string) => Promise<Claim<Item>>;
    keep: (item: Item, lease: Lease) => Promise<unknown>;
    finishFailed: (item: Item, lease: Lease, failure: Failure) => Promise<unknown>;
    release: (item: Item, lease: Lease, again: { afterMs: number; tries: number }) => Promise<unknown>;
  };
  /**
   * Does the work and writes the result. Throws the errors above; any other error is retried. Stops when `signal`
   * aborts.
   */
  work: (item: Item, lease: Lease, signal: AbortSignal) => Promise<void>;
  /** Called once for an item that failed for good. */
  onFailed?: (item: Item, failure: Failure) => void;
  /** Deletes what a failed attempt stored, unless the item uses it. */
  cleanUp?: (item: Item, lease: Lease) => Promise<void>;
  maxAttempts: number;
  attemptsUsedUp: Failure;
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
  const { name, items, work, cleanUp, maxAttempts, attemptsUsedUp } = dependencies;
  const { onFailed, workerId, leaseMs, logger, now } = dependencies;

  /** Renews the lease while the work runs. Only the lease of a worker that died or froze expires. */
  async function workWithLease({ item, lease, signal }: Attempt<Item>) {
    const timer = setInterval(() => void items.keep(item, lease).catch(() => {}), leaseMs / 3);
    try {
      await inSpan(name, () => work(item, lease, signal), { attributes: { attempt: lease.attempt } });
    } finally {
      clearInterval(timer);
    }
  }

  async function finishFailed({ item, lease }: Attempt<Item>, failure: Failure) {
    if (await items.finishFailed(item, lease, failure)) onFailed?.(item, failure);
  }

  async function endAttempt(attempt: Attempt<Item>, error: unknown): Promise<JobOutcome> {
    const { log } = attempt;
    if (error instanceof FencedOffError) {
      log.warn({ err: error }, `lease lost: the ${name} belongs to another worker or was deleted`);
      return done;
    }
    if (error instanceof JobFailedError) {
      log.warn({ err: error, code: error.failure.code }, `the ${name} failed`);
      await finishFailed(attempt, error.failure);
      return done;
    }
    return tryAgain(attempt, error);
  }

  async function tryAgain(attempt: Attempt<Item>, error: unknown) {
    const { item, lease, tries, signal, log } = attempt;
    const isDenied = isAccessDenied(error);
    log[isDenied ? 'error' : 'warn']({ err: error, alarm: isDenied }, `retrying the ${name}`);
    const triesUsed = countsAsAttempt(error, signal) ? tries : tries - 1;
    const limit = error instanceof TryAgainError ? error.limit : undefined;
    if (triesUsed >= Math.min(maxAttempts, limit?.tries ?? maxAttempts)) {
      await finishFailed(attempt, limit?.failure ?? attemptsUsedUp);
      return done;
    }
    const made = lease.attempt - ((item as Steps).progressAttempt ?? 0);
    const afterMs = signal.aborted ? 0 : backoffMs(made, leaseMs); // another worker can continue at once
    await items.release(item, lease, { afterMs, tries: triesUsed });
    return { done: false as const, againInSeconds: Math.ceil(afterMs / 1000) };
  }

  /**
   * The delay while another worker holds the lease. At most one lease, whatever the other worker's clock says.
   */
  function waitFor(leaseUntil: Date): JobOutcome {
    const ms = Math.min(leaseUntil.getTime() - now().getTime(), leaseMs);
    return { done: false, againInSeconds: Math.max(1, Math.ceil(ms / 1000)) };
  }

  return {
    /** Handles one message. A duplicate, a late message or one for a deleted item changes nothing. */
    async handle(job: Job, signal: AbortSignal): Promise<JobOutcome> {
      const claim = await inSpan('claim', () => items.claim(job, workerId));
      if (claim.outcome === 'over') return done;
      if (claim.outcome === 'leased') return waitFor(claim.leaseUntil);
      const { item, lease, tries } = claim;
      const log = logger.child({ ...job, attempt: lease.attempt });
      const attempt = { item, lease, tries, signal, log };
      try {
        // counted when claimed, so that an item that kills its worker each time also reaches the limit
        if (tries > maxAttempts) throw new JobFailedError(attemptsUsedUp);
        await workWithLease(attempt);
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
 * Whether the attempt counts. The end of the process does not count, whatever it made fail. The end of a function's
 * time does: work that never fits would otherwise be repeated for ever.
 */
function countsAsAttempt(error: unknown, signal: AbortSignal): boolean {
  if (signal.aborted) return signal.reason?.name === 'TimeoutError';
  if (isAccessDenied(error)) return false; // a matter of the account, not of the item
  return error instanceof TryAgainError ? error.countsAsAttempt : !isTransient(error);
}

/** Exponential, at most half a lease, with jitter so that retries spread out. */
function backoffMs(attempt: number, leaseMs: number): number {
  return Math.min(500 * 2 ** Math.min(attempt, 10), leaseMs / 2) * (0.5 + Math.random() / 2);
}

/** S3 uses the shorter name. */
function isAccessDenied(error: unknown): boolean {
  const { name, cause } = error as Error;
  return /^AccessDenied(Exception)?$/.test(name) || (error instanceof TryAgainError && isAccessDenied(cause));
}
