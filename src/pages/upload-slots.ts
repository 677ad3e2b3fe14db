/**
 * Lets so many uploads at once hold a part in memory (5 MB, S3's least); the others' senders wait, because nobody reads
 * from their sockets. `release` must be called exactly once a slot.
 */
export function createUploadSlots(count: number) {
  let free = count;
  const waiting: (() => void)[] = [];

  function release() {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }

  return {
    /** Waits for a slot. Rejects with the signal's reason when it aborts first. */
    async take(signal: AbortSignal): Promise<() => void> {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return release;
      }
      return new Promise((resolve, reject) => {
        const enter = () => {
          signal.removeEventListener('abort', leave);
          resolve(release);
        };
        const leave = () => {
          waiting.splice(waiting.indexOf(enter), 1);
          reject(signal.reason);
        };
        waiting.push(enter);
        signal.addEventListener('abort', leave, { once: true });
      });
    },
  };
}

export type UploadSlots = ReturnType<typeof createUploadSlots>;
