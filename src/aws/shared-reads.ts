// Under load, many requests read the same items at the same moment. Those that ask before a read starts share it: nobody
// sees anything older than a read of their own would show.
import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Shares reads of the same arguments. What comes back is shared too: do not change it.
 * A read starts at the event loop's next turn, with all that asked meanwhile; at most one of its kind is under way.
 */
export function shareReads<Question extends (string | number | undefined)[], Answer>(
  read: (...question: Question) => Promise<Answer>,
) {
  const inFlight = new Map<string, Promise<unknown>>();
  const next = new Map<string, Promise<Answer>>();

  async function start(key: string, question: Question): Promise<Answer> {
    await inFlight.get(key)?.catch(() => {});
    await nextTurn();
    next.delete(key);
    const reading = read(...question);
    inFlight.set(key, reading);
    try {
      return await reading;
    } finally {
      if (inFlight.get(key) === reading) inFlight.delete(key);
    }
  }

  return (...question: Question): Promise<Answer> => {
    const key = JSON.stringify(question);
    let reading = next.get(key);
    if (!reading) {
      reading = start(key, question);
      next.set(key, reading);
    }
    return reading;
  };
}
