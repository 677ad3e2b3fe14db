/** The most words that are tried as one word that was split or merged by mistake. */
export const maxMergedWords = 4;

/**
 * The edit distance (Levenshtein) in letters between `word` and the one word at `at`, the two words from there, and so
 * on. One table serves all: its last column is read at the end of each word. Returns how many words were compared.
 */
export function costsOf(
  word: string,
  others: string[],
  at: number,
  found: Uint16Array,
  column: Uint16Array,
): number {
  const { length } = word;
  for (let row = 0; row <= length; row += 1) column[row] = row;
  const count = Math.min(maxMergedWords, others.length - at);
  let letters = 0;
  for (let place = 0; place < count; place += 1) {
    const other = others[at + place] as string;
    for (let index = 0; index < other.length; index += 1) {
      const letter = other.charCodeAt(index);
      let diagonal = letters;
      letters += 1;
      let below = letters;
      column[0] = letters;
      for (let row = 1; row <= length; row += 1) {
        const above = column[row] as number;
        let cost = word.charCodeAt(row - 1) === letter ? diagonal : diagonal + 1;
        if (above < cost) cost = above + 1;
        if (below < cost) cost = below + 1;
        column[row] = cost;
        below = cost;
        diagonal = above;
      }
    }
    found[place] = column[length] as number;
  }
  return count;
}
