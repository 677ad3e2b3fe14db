interface BucketOptions {
  /** The size of the bucket, and the tokens that it gets back each minute. 0: no limit. */
  perMinute: number;
  /** How many keys are kept. Beyond it, the least recently used one is dropped, which gives it a full bucket. */
  maxKeys?: number;
  /** Monotonic milliseconds. */
  clock?: () => number;
}

/** Token buckets by key. `take` returns how many seconds to wait for the tokens; 0: taken. */
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
      const count = Math.min(asked, perMinute); // more than the whole bucket would never be available
      const at = clock();
      const bucket = buckets.get(key) ?? { tokens: perMinute, at };
      const tokens = Math.min(perMinute, bucket.tokens + (at - bucket.at) * perMs);
      const isAllowed = tokens >= count;
      buckets.delete(key); // delete and set move the key to the end: the first is the least recently used
      buckets.set(key, { tokens: isAllowed ? tokens - count : tokens, at });
      if (buckets.size > maxKeys) buckets.delete(buckets.keys().next().value as string);
      return isAllowed ? 0 : Math.ceil((count - tokens) / perMs / 1000);
    },
    get size() {
      return buckets.size;
    },
  };
}
