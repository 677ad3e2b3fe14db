// Limits how often a person may request costly work (V2.4.1): token buckets in this process, and behind them for all
// instances together.
import { isIPv6 } from 'node:net';
import type { Request, RequestHandler } from 'express';
import type { SharedRates } from '../aws/shared-rate.store.ts';
import { PaperliftError } from '../errors.ts';
import { createTokenBuckets } from './token-buckets.ts';

/** The key to count by: the person, or before the sign-in the IP address (for IPv6 its /64 network). */
function keyOf({ person, ip = '' }: Request): string {
  if (person) return person.id;
  const address = ip.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*/, '');
  return isIPv6(address) ? networkOf(address) : address;
}

function networkOf(address: string): string {
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const missing = 8 - groups.length - (tail ?? '').split(':').filter(Boolean).length;
  if (tail !== undefined) groups.push(...Array<string>(missing).fill('0'), ...tail.split(':'));
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}

interface Limit {
  perMinute: number;
  /** Completes "Too many …". */
  what: string;
  costOf?: (request: Request) => number;
  /** The counters of all instances. Without them only this process's count. */
  shared?: { kind: string; rates: SharedRates };
}

/**
 * Refuses with 429 and `Retry-After` when the bucket of the person, or of the address, is empty. The process's own
 * bucket comes first, so that a flood costs no writes.
 */
function limit({ perMinute, what, costOf = () => 1, shared }: Limit): RequestHandler {
  const buckets = createTokenBuckets({ perMinute });
  return async (request, _response, next) => {
    const key = keyOf(request);
    const count = costOf(request);
    const own = buckets.take(key, count);
    if (own > 0) throw tooManyRequests(what, own);
    if (shared && perMinute > 0) {
      const waitMs = await takeShared(request, shared, { key, perMinute, count });
      if (waitMs > 0) throw tooManyRequests(what, Math.ceil(waitMs / 1000));
    }
    next();
  };
}

/** 0 when the database does not answer in time: an outage of the counters must not stop requests. */
async function takeShared(
  request: Request,
  { kind, rates }: { kind: string; rates: SharedRates },
  asked: { key: string; perMinute: number; count: number },
): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${sharedTimeoutMs} ms`)), sharedTimeoutMs);
    });
    return await Promise.race([rates.take({ kind, ...asked }), timeout]);
  } catch (error) {
    request.log?.warn({ err: error, kind }, 'rate limit counted in this process only');
    return 0;
  } finally {
    clearTimeout(timer);
  }
}

function tooManyRequests(what: string, retryAfterSeconds: number) {
  return new PaperliftError('too-many', {
    code: 'too-many-requests',
    message: `Too many ${what} in a short time.`,
    hint: `Wait ${retryAfterSeconds === 1 ? 'a second' : `${retryAfterSeconds} seconds`}, then try again.`,
    retryAfterSeconds,
  });
}

const sharedTimeoutMs = 500;
/** Entra ID asks for 25 a second. */
const directoryRequestsPerMinute = 3000;
/** Three times as many pages as one request may change. */
const rotationsPerMinute = 3000;

export interface RateLimits {
  signInsPerMinute: number;
  uploadsPerMinute: number;
  detectionsPerMinute: number;
  exportsPerMinute: number;
  searchesPerMinute: number;
}

/** One set of limits for the whole app: pages and API share the buckets. */
export function createRateLimits(limits: RateLimits, rates: SharedRates) {
  const detections = limit({
    perMinute: limits.detectionsPerMinute,
    what: 'pages to process again',
    costOf: pagesIn,
    shared: { kind: 'detection', rates },
  });
  const rotations = limit({
    perMinute: rotationsPerMinute,
    what: 'pages to rotate',
    costOf: pagesIn,
    shared: { kind: 'rotation', rates },
  });
  const batches: RequestHandler = (request, response, next) => {
    const action = String((request.body as { do?: unknown } | undefined)?.do);
    if (/^retry\b/.test(action)) return detections(request, response, next);
    return /^(rotate-|undo-turn|straighten|undo-straighten)/.test(action)
      ? rotations(request, response, next)
      : next();
  };
  const changes: RequestHandler = (request, response, next) => {
    const { rotation, straightened } = (request.body ?? {}) as { rotation?: unknown; straightened?: unknown };
    return rotation === undefined && straightened === undefined ? next() : rotations(request, response, next);
  };
  return {
    signIns: limit({
      perMinute: limits.signInsPerMinute,
      what: 'sign-ins from your network',
      shared: { kind: 'sign-in', rates },
    }),
    /** In this process only: a directory that synchronises everyone sends many. */
    directory: limit({ perMinute: directoryRequestsPerMinute, what: 'requests of the directory' }),
    uploads: limit({
      perMinute: limits.uploadsPerMinute,
      what: 'uploads',
      shared: { kind: 'upload', rates },
    }),
    detections,
    /** Each rotation makes new images. */
    rotations,
    changes,
    /** Actions on many pages: each page that is retried or rotated counts. */
    batches,
    exports: limit({
      perMinute: limits.exportsPerMinute,
      what: 'exports',
      shared: { kind: 'export', rates },
    }),
    /** In this process only: a search costs little more than the write that would count it. */
    searches: limit({ perMinute: limits.searchesPerMinute, what: 'searches' }),
  };
}

function pagesIn({ body }: Request): number {
  const { page } = (body ?? {}) as { page?: unknown };
  return Array.isArray(page) ? Math.max(1, page.length) : 1;
}

export type RateLimiters = ReturnType<typeof createRateLimits>;
