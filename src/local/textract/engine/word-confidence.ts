import type { Letter } from './letters.ts';

/** 0 to 100, from the word's letters. */
export function confidenceOf(letters: Pick<Letter, 'probability'>[]): number {
  const logs = letters.reduce((sum, { probability }) => sum + Math.log(Math.max(probability, 1e-3)), 0);
  return 100 * Math.exp(logs / Math.max(1, letters.length));
}
