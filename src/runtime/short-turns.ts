// Long work on the event loop, cut into short turns: requests and timers are answered between two of them.
import { setImmediate as nextRound } from 'node:timers/promises';

/** Milliseconds that work may hold the event loop at a time. */
const turnMs = 5;

/** Of all work in this process: one turn in each round of the event loop, however much of it there is. */
let last: Promise<unknown> = Promise.resolve();

/**
 * For one piece of work, which awaits it between any two of its steps: resolves at once until the work has held the event
 * loop for a turn, then when it is its turn again. Several pieces take turns.
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
