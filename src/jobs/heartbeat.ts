import { utimesSync, writeFileSync } from 'node:fs';

/** Often enough for a check every 30 seconds, and cheap when messages come fast. */
const minIntervalMs = 5000;

/**
 * Updates a file's modification time while the worker's loops run, for health checks that cannot call the process.
 * Does nothing without a file. A file that cannot be written is for the health check to notice.
 */
export function createHeartbeat({ file, now = Date.now }: { file?: string | undefined; now?: () => number }) {
  let last = Number.NEGATIVE_INFINITY;

  return function beat(): void {
    const time = now();
    if (!file || time - last < minIntervalMs) return;
    last = time;
    try {
      writeFileSync(file, '', { flag: 'a' });
      utimesSync(file, time / 1000, time / 1000);
    } catch {}
  };
}
