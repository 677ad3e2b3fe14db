// Fetches the user pool's signing keys with limits on time, size, and frequency while the pool is down.
import { unavailable } from '../errors.ts';

const timeoutMs = 3000;
const sizeLimit = 64 * 1024;
const pauseAfterFailureMs = 2000;

/** For aws-jwt-verify's cache. Throws `user-pool-unavailable`, so that an outage does not look like a forged token. */
export function createKeyFetcher(clock: () => number = () => performance.now()) {
  let failedAt = Number.NEGATIVE_INFINITY;
  let failure: unknown;

  return {
    async fetch(uri: string): Promise<ArrayBuffer> {
      if (clock() - failedAt < pauseAfterFailureMs) throw unavailable('user-pool', failure);
      try {
        const answer = await fetch(uri, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
        if (!answer.ok) throw new Error(`Could not fetch the user pool’s keys: status ${answer.status}`);
        const keys = await answer.arrayBuffer();
        if (keys.byteLength > sizeLimit) throw new Error('The user pool has too many keys');
        return keys;
      } catch (error) {
        failedAt = clock();
        failure = error;
        throw unavailable('user-pool', error);
      }
    },
  };
}
