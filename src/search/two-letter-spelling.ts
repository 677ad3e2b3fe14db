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

/**
 * The `e` of `ae`, `oe` and `ue` where it may stand for an umlaut. After a vowel or `q`, or before a vowel, it does not: `neue`,
 * `queue`, `coeur`; only `aeu` is `äu`. Pure vowels alone are meant: `stående` has none.
 */
const umlautE = /(?<![aeiouq])(?:ae(?![aeio])|[ou]e(?![aeiou]))(?!\p{M})/giu;

/** The positions of every such `e` in a word. */
export function findUmlautEs(word: string): Set<number> {
  return new Set([...word.matchAll(umlautE)].map(({ index }) => index + 1));
}

/** Leaves out every `e` after `a`, `o` or `u`: a text that holds a word in its short spelling also holds both when reduced. */
export const reduce = (text: string) => text.replace(/([aou])e/g, '$1');
