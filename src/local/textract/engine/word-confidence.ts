/** Below this confidence a word counts as doubtful: `isDoubtful` in src/text. */
const doubtfulBelow = 80;
const sureFrom = 0.9;
const leastThreshold = 0.56;
const perUnsureWord = 1.1;
const mostThreshold = 0.993;

/**
 * From the probabilities of a page's words to confidences from 0 to 100, of which 80 is where doubt ends. The recognition model is as sure
 * of its mistakes on a bad print as of good readings on a clear one, so the page says how much is to be expected of a word: the more
 * of its words are unsure, the more. The figures are docs/decisions/0050's.
 */
export function calibrateByPage(probabilities: readonly number[]): (probability: number) => number {
  const unsure = probabilities.filter((probability) => probability < sureFrom).length;
  const share = unsure / Math.max(1, probabilities.length);
  const threshold = Math.min(mostThreshold, leastThreshold + perUnsureWord * share);
  return (probability) =>
    probability < threshold
      ? (probability / threshold) * doubtfulBelow
      : doubtfulBelow + ((probability - threshold) / (1 - threshold)) * (100 - doubtfulBelow);
}
