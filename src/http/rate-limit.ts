// How often somebody may ask for what costs the most (V2.4.1): token buckets, kept by each process for itself.
import { isIPv6 } from 'node:net';
import type { Request, RequestHandler } from 'express';
import { PaperliftError } from '../errors.ts';

interface BucketOptions {
  /** As many at once, and as many more in each minute. 0: no limit. */
  perMinute: number;
  /** How many keys are remembered; beyond, the one that has not asked for longest is forgotten, which is in its favour. */
  maxKeys?: number;
  /** Milliseconds, never going back. */
  clock?: () => number;
}

/** Counts by key. `take` says how many seconds to wait for so many; 0: go on. */
export function createTokenBuckets({
  perMinute,
  maxKeys = 10_000,
  clock = () => performance.now(),
}: BucketOptions) {
  const buckets = new Map<string, { tokens: number; at: number }>();
  const perMs = perMinute / 60_000;

  return {
    take(key: string, asked = 1): number {
      if (perMinute === 0) return 0;
      const count = Math.min(asked, perMinute); // what is more than the whole bucket could never be had
      const at = clock();
      const bucket = buckets.get(key) ?? { tokens: perMinute, at };
      const tokens = Math.min(perMinute, bucket.tokens + (at - bucket.at) * perMs);
      const isAllowed = tokens >= count;
      buckets.delete(key); // and in again at the end: the first is the one that has not asked for longest
      buckets.set(key, { tokens: isAllowed ? tokens - count : tokens, at });
      if (buckets.size > maxKeys) buckets.delete(buckets.keys().next().value as string);
      return isAllowed ? 0 : Math.ceil((count - tokens) / perMs / 1000);
    },
    get size() {
      return buckets.size;
    },
  };
}

/** Who is counted: the person, or before the sign-in the address, an IPv6 network (/64) being one. */
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

/** Refuses with 429 and `Retry-After` when the bucket of the person, or of the address, is empty. */
function limit(
  perMinute: number,
  what: string,
  costOf: (request: Request) => number = () => 1,
): RequestHandler {
  const buckets = createTokenBuckets({ perMinute });
  return (request, _response, next) => {
    const retryAfterSeconds = buckets.take(keyOf(request), costOf(request));
    if (retryAfterSeconds === 0) return next();
    throw new PaperliftError('too-many', {
      code: 'too-many-requests',
      message: `Too many ${what} in a short time.`,
      hint: `Wait ${retryAfterSeconds === 1 ? 'a second' : `${retryAfterSeconds} seconds`}, then try again.`,
      retryAfterSeconds,
    });
  };
}

/** Faster than anybody types, who asks a few times a second for seconds. */
const searchesPerMinute = 600;
/** Three times as many pages as one request may change. */
const turnsPerMinute = 3000;

export interface RateLimits {
  signInsPerMinute: number;
  uploadsPerMinute: number;
  detectionsPerMinute: number;
  exportsPerMinute: number;
}

/** One set of limits for the whole app: pages and API draw from the same buckets. */
export function createRateLimits(limits: RateLimits) {
  const detections = limit(limits.detectionsPerMinute, 'pages to process again', pagesIn);
  const turns = limit(turnsPerMinute, 'pages to rotate', pagesIn);
  const batches: RequestHandler = (request, response, next) => {
    const deed = String((request.body as { do?: unknown } | undefined)?.do);
    if (/^retry\b/.test(deed)) return detections(request, response, next);
    return /^rotate-/.test(deed) ? turns(request, response, next) : next();
  };
  return {
    signIns: limit(limits.signInsPerMinute, 'sign-ins from your network'),
    uploads: limit(limits.uploadsPerMinute, 'uploads'),
    detections,
    /** Each turn has images made anew. */
    turns,
    changes: ((request, response, next) =>
      (request.body as { rotation?: unknown } | undefined)?.rotation === undefined
        ? next()
        : turns(request, response, next)) as RequestHandler,
    /** Changes of many pages at once: each page that is read again or turned counts. */
    batches,
    exports: limit(limits.exportsPerMinute, 'exports'),
    searches: limit(searchesPerMinute, 'searches'),
  };
}

function pagesIn({ body }: Request): number {
  const { page } = (body ?? {}) as { page?: unknown };
  return Array.isArray(page) ? Math.max(1, page.length) : 1;
}

export type RateLimiters = ReturnType<typeof createRateLimits>;
