// What requests began and is not over: calls of services, mostly. Where the process stops with the answer (on Lambda),
// the answer waits for it.

export function createInFlight() {
  const pending = new Set<Promise<unknown>>();

  return {
    /** Remembers it until it is over. Gives the same promise back. */
    track<T>(work: Promise<T>): Promise<T> {
      pending.add(work);
      const forget = () => pending.delete(work);
      work.then(forget, forget);
      return work;
    },

    /** Resolves when nothing is under way, or after so many milliseconds. */
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
