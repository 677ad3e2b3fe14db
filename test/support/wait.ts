import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again and again until the answer is not undefined, the longer it takes the more rarely: asking costs the machine that is
 * waited for. Throws when time is up: by default long after a busy machine would have done it, and before a test is given up.
 */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  timeoutMs = 90_000,
): Promise<T> {
  const since = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    const waitedMs = performance.now() - since;
    if (waitedMs > timeoutMs) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`);
    await delay(Math.min(20 + waitedMs / 10, 250));
  }
}
