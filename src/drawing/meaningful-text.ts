// Whether the characters that a PDF names are those that it shows. A font without a mapping to Unicode shows letters, and
// names others: "Invoice" may read as "-QYRLFH" or as "!"#$%&'". Pure.
import type { PrintedCharacter } from './printed-word.ts';

/** A character that the file does not name may be an ornament. */
const maxUnmapped = 0.01;
/** Pages of figures have letters and digits, too. */
const minWordCharacters = 0.5;
/** The share of words with a vowel, or in capitals: abbreviations, article numbers. */
const minReadable = 0.7;
const latinWord = /^\p{Script=Latin}{3,}$/u;
const vowel = /[aeiouyæœøı]/u;

export function isMapped(characters: Pick<PrintedCharacter, 'isUnmapped'>[]): boolean {
  return characters.filter(({ isUnmapped }) => isUnmapped).length <= maxUnmapped * characters.length;
}

export function isMeaningful(words: string[]): boolean {
  const characters = [...words.join('').replace(/[.…·_\-–—]{3,}/gu, '')]; // dotted lines
  const ofWords = characters.filter((character) => /[\p{L}\p{M}\p{N}]/u.test(character));
  if (ofWords.length < minWordCharacters * characters.length) return false;
  const latin = words
    .map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
    .filter((word) => latinWord.test(word));
  return latin.filter(isReadable).length >= minReadable * latin.length;
}

function isReadable(word: string): boolean {
  const plain = word.normalize('NFD').replace(/\p{M}/gu, '');
  const isInOneCase =
    /^\p{Lu}+$/u.test(plain) || /^\p{L}\p{Ll}+$/u.test(plain) || /\p{Ll}\p{Lu}\p{Ll}/u.test(plain);
  return isInOneCase && vowel.test(plain.toLowerCase());
}
