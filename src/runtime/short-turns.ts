// Splits long work on the event loop into short turns. Requests and timers are handled between them.
import { setImmediate as nextRound } from 'node:timers/promises';

/** Milliseconds that work may hold the event loop at a time. */
const turnMs = 5;

/**
 * Shared by all work of this process: one turn in each iteration of the event loop, however much work there is.
 */
let last: Promise<unknown> = Promise.resolve();

/**
 * For one piece of work, which awaits the returned function between its steps. It resolves at once until the work has
 * used up its turn, then when the next turn begins. Several pieces take turns.
 */
export function takeTurns(): () => Promise<void> {
  let since = Number.NEGATIVE_INFINITY;
  return async () => {
    if (performance.now() - since < turnMs) return;
    const turn = last.then(() => nextRound());
    last = turn;
    await turn;
    since = performance.now();
  };
}
