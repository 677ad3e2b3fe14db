// Folds characters, so that case, accents and width do not matter: `Ü` is `u`.

/**
 * Marks that are optional in writing: accents, Hebrew points, Arabic vowels and hamza, the nukta of Devanagari. Others (such as
 * Thai vowels) are letters to their readers.
 */
const marks = /[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06ed\u093c]/g;
/** The same before Arabic, Hebrew, Devanagari and kana were folded as they are now. */
const formerMarks = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f]/g;

/** Letters that Unicode does not decompose. */
const plainLetters: Record<string, string> = {
  ß: 'ss',
  ø: 'o',
  æ: 'ae',
  œ: 'oe',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  // Arabic: the stretching stroke, alef with a wasla, alef maksura, teh marbuta, and the Persian forms of yeh and kaf
  ـ: '',
  ٱ: 'ا',
  ى: 'ي',
  ة: 'ه',
  ی: 'ي',
  ک: 'ك',
  // Hebrew: final letters
  ך: 'כ',
  ם: 'מ',
  ן: 'נ',
  ף: 'פ',
  ץ: 'צ',
};
const withPlainLetter = new RegExp(`[${Object.keys(plainLetters).join('')}]`, 'g');
/** Kana with a voicing mark are letters of their own: か is not が. */
const voicedKana = /[\u3040-\u30ff][\u3099\u309a]/g;
/** Folds one character. */
export function fold(character: string): string {
  if (character <= '\x7f') return character.toLowerCase();
  const folded = character.normalize('NFKD').replace(marks, '').toUpperCase().toLowerCase();
  return folded
    .replace(withPlainLetter, (letter) => plainLetters[letter] as string)
    .replace(voicedKana, (letter) => letter.normalize('NFC'));
}

/** As `fold`, by the rules of postings that were written before some scripts were folded as they are now. */
export function foldAsBefore(character: string): string {
  if (character <= '\x7f') return character.toLowerCase();
  const folded = character.normalize('NFKD').replace(formerMarks, '').toUpperCase().toLowerCase();
  return folded.replace(/[ßøæœłđðþı]/g, (letter) => plainLetters[letter] as string);
}
