import { setTimeout as delay } from 'node:timers/promises';

/**
 * Polls until the answer is not `undefined`. `false` is not allowed, because it would end the wait. Polls less often the
 * longer it takes, since polling loads the machine. Throws on timeout: by default long after a busy machine would be done,
 * and before the test's own timeout.
 */
export async function waitFor<T extends object | string | number | true>(
  what: string,
  ask: () => Promise<T | undefined>,
  timeoutMs = 90_000,
): Promise<T> {
  const since = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    const waitedMs = performance.now() - since;
    if (waitedMs > timeoutMs) throw new Error(`Timed out after ${timeoutMs} ms waiting for ${what}`);
    await delay(Math.min(20 + waitedMs / 10, 250));
  }
}
