interface Limits {
  /** How many uploads hold a slot at once. */
  count: number;
  /** How many more may go on without, because their senders are slow. */
  lendable?: number;
}

/** What lets one upload go on. */
export interface UploadSlot {
  /** The sender is slow: somebody else may begin, and this upload goes on as it is. Calling it again changes nothing. */
  lend(): void;
  release(): void;
}

/**
 * Lets so many uploads at once hold a part in memory (5 MB, S3's least); the others' senders wait, because nobody reads
 * from their sockets. A slow sender must not make them wait: its slot is lent to the next.
 */
export function createUploadSlots({ count, lendable = count * 7 }: Limits) {
  let free = count;
  let lent = 0;
  const waiting: (() => void)[] = [];

  function passOn() {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }

  function createSlot(): UploadSlot {
    let state: 'held' | 'lent' | 'released' = 'held';
    return {
      lend() {
        if (state !== 'held' || lent >= lendable) return;
        state = 'lent';
        lent += 1;
        passOn();
      },
      release() {
        if (state === 'lent') lent -= 1;
        if (state === 'held') passOn();
        state = 'released';
      },
    };
  }

  return {
    /** Waits for a slot. Rejects with the signal's reason when it aborts first. */
    async take(signal: AbortSignal): Promise<UploadSlot> {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return createSlot();
      }
      return new Promise((resolve, reject) => {
        const enter = () => {
          signal.removeEventListener('abort', leave);
          resolve(createSlot());
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
