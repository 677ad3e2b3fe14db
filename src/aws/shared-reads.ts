// Under load, many requests read the same item at the same moment. Readers that ask while a read is under way share
// the next one: it starts after all of them asked, so nobody sees anything older than a read of their own would show.

/**
 * Shares reads of the same key. What comes back is shared too: do not change it.
 * At most one read a key is under way, and at most one more waits.
 */
export function shareReads<Key extends string, Value>(read: (key: Key) => Promise<Value>) {
  const underWay = new Map<Key, Promise<unknown>>();
  const next = new Map<Key, Promise<Value>>();

  function start(key: Key): Promise<Value> {
    const reading = read(key);
    const settled = reading.then(
      () => {},
      () => {},
    );
    underWay.set(key, settled);
    settled.then(() => {
      if (underWay.get(key) === settled) underWay.delete(key);
    });
    return reading;
  }

  return (key: Key): Promise<Value> => {
    const current = underWay.get(key);
    if (!current) return start(key);
    let waiting = next.get(key);
    if (!waiting) {
      waiting = current.then(() => {
        next.delete(key);
        return start(key);
      });
      next.set(key, waiting);
    }
    return waiting;
  };
}
