// Compares texts as multisets of words, whatever their order.

export interface WordScore {
  /** Words that both texts contain. */
  found: number;
  written: number;
  read: number;
}

/** Words are runs of A-Z and 0-9, upper-cased. */
export function scoreWords(truth: string, text: string): WordScore {
  const left = new Map<string, number>();
  const written = wordsOf(truth);
  for (const word of written) left.set(word, (left.get(word) ?? 0) + 1);
  const read = wordsOf(text);
  let found = 0;
  for (const word of read) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    found += 1;
  }
  return { found, written: written.length, read: read.length };
}

/** Recall and precision of many pages together, each a fraction. */
export function sumScores(scores: WordScore[]): { recall: number; precision: number } {
  const sum = (of: (score: WordScore) => number) => scores.reduce((total, score) => total + of(score), 0);
  const found = sum((score) => score.found);
  return { recall: found / sum((score) => score.written), precision: found / sum((score) => score.read) };
}

function wordsOf(text: string): string[] {
  return text
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .filter((word) => word !== '');
}
