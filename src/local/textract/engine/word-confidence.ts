import type { Letter } from './letters.ts';

/** Below this confidence a word counts as doubtful: `isDoubtful` in src/text. */
const doubtfulBelow = 80;

/**
 * 0 to 100. A word is right when all its letters are, so their probabilities are multiplied. `certainFrom` is the product from which
 * words of this model are to be trusted (docs/decisions/0050); it becomes the confidence from which they are not marked.
 */
export function confidenceOf(letters: Pick<Letter, 'probability'>[], certainFrom: number): number {
  const product = letters.reduce((result, { probability }) => result * Math.min(1, probability), 1);
  if (product < certainFrom) return (product / certainFrom) * doubtfulBelow;
  return doubtfulBelow + ((product - certainFrom) / (1 - certainFrom)) * (100 - doubtfulBelow);
}
