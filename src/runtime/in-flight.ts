// Work that requests began, mostly calls of services. Where the process freezes after the answer (on Lambda), the
// answer waits for it.

export function createInFlight() {
  const pending = new Set<Promise<unknown>>();

  return {
    /** Counts the promise as in flight until it settles. Returns the same promise. */
    track<T>(work: Promise<T>): Promise<T> {
      pending.add(work);
      const forget = () => pending.delete(work);
      work.then(forget, forget);
      return work;
    },

    /** Resolves when nothing is in flight, or after that many milliseconds. */
    async settle(withinMs: number): Promise<void> {
      const patience = Promise.withResolvers<void>();
      const timer = setTimeout(patience.resolve, Math.max(0, withinMs));
      let isLate = false;
      patience.promise.then(() => {
        isLate = true;
      });
      try {
        while (pending.size > 0 && !isLate) {
          await Promise.race([Promise.allSettled(pending), patience.promise]);
        }
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

export type InFlight = ReturnType<typeof createInFlight>;
