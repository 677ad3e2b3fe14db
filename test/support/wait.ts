import { setTimeout as delay } from 'node:timers/promises';

/** Asks again and again until the answer is not undefined. Throws with the last thing said when time is up. */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  timeoutMs = 30_000,
): Promise<T> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > until) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`);
    await delay(50);
  }
}
