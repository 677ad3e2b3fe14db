/** Letters with a two-letter spelling: DIN 5007-2 and ICAO 9303 (passports) write `ue` for `ü`. */
const twoLetters: Record<string, string> = { ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe' };
/** The same with the mark as a separate character. */
const twoLettersByMark: Record<string, Record<string, string>> = {
  '\u0308': { a: 'e', o: 'e', u: 'e' },
  '\u030a': { a: 'a' },
};

/** The two-letter spelling of a character, given its predecessor; the folded character when there is none. */
export function foldToTwo(character: string, before: string, folded: string): string {
  if (character <= '\x7f') return folded;
  const mark = twoLettersByMark[character];
  if (mark) return mark[before] ?? folded;
  return twoLetters[character.normalize('NFC').toLowerCase()] ?? folded;
}
