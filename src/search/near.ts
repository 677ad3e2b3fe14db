// Whether two words may be the same one with a typing error, by the rule of OpenSearch's `fuzziness: AUTO:4,8` with the first
// letter as typed. Pure.

/** The letters that may differ in a word of this length. */
const errorsIn = (length: number): number => (length < 4 ? 0 : length < 8 ? 1 : 2);

/** Only words of letters: a number with one other digit is another number. */
export const mayHaveErrors = (folded: string): boolean => folded.length >= 4 && /^\p{L}+$/u.test(folded);

export function isNear(typed: string, word: string): boolean {
  const limit = errorsIn(typed.length);
  if (!mayHaveErrors(typed) || typed[0] !== word[0] || Math.abs(typed.length - word.length) > limit)
    return false;
  return countErrors(typed, word, limit) <= limit;
}

/** Letters left out, added, replaced, or exchanged with their neighbour; counted no further than to the limit. */
function countErrors(one: string, other: string, limit: number): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row += 1) {
    const now = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isExchanged =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      now.push(
        Math.min(
          (last[column] as number) + 1,
          (now[column - 1] as number) + 1,
          (last[column - 1] as number) + (isSame ? 0 : 1),
          ...(isExchanged ? [(before[column - 2] as number) + 1] : []),
        ),
      );
    }
    if (Math.min(...now) > limit) return limit + 1;
    before = last;
    last = now;
  }
  return last.at(-1) as number;
}
