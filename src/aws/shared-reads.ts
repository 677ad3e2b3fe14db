// Under load, many requests read the same items at the same time. Requests that arrive before a read starts share it,
// so that no one gets older data than a read of their own would return.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beginPhase } from '../runtime/trace.ts';

/**
 * Shares concurrent reads with the same arguments. The answer is shared too: do not change it.
 * A read starts at the next turn of the event loop, for every request that arrived by then. At most one read of the
 * same arguments is in flight.
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
    return waitFor(reading);
  };
}

/** The read counts as a call of whoever began it, and as waiting for the store in the log line of everyone who shares it. */
async function waitFor<Answer>(reading: Promise<Answer>): Promise<Answer> {
  const end = beginPhase('store');
  try {
    return await reading;
  } finally {
    end();
  }
}
