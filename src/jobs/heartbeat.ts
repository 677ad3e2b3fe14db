import { utimesSync, writeFileSync } from 'node:fs';

/** Often enough for a check every half minute, and no burden when messages come fast. */
const leastMs = 5000;

/**
 * Tells by a file's time of change that the worker's loops come round, for health checks of a process that nobody can
 * ask. Without a file it tells nobody; a file that cannot be written is its reader's to notice.
 */
export function createHeartbeat({ file, now = Date.now }: { file?: string | undefined; now?: () => number }) {
  let last = Number.NEGATIVE_INFINITY;

  return function beat(): void {
    const time = now();
    if (!file || time - last < leastMs) return;
    last = time;
    try {
      writeFileSync(file, '', { flag: 'a' });
      utimesSync(file, time / 1000, time / 1000);
    } catch {}
  };
}
