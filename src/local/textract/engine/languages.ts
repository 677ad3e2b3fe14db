// The languages that the server reads, and by which of its two readers.

interface Language {
  /** Tesseract's name for it. */
  tesseract: string;
  /** Letters that a recognition model must know to read the language. */
  letters: string;
  /** Of a script other than the Latin one, the letters by which a page in it is known. */
  script?: RegExp;
}

const latin = (tesseract: string, letters = ''): Language => ({ tesseract, letters });
const other = (tesseract: string, script: RegExp, letters: string): Language => ({
  tesseract,
  letters,
  script,
});

/** By their BCP 47 tags. */
const languages: Record<string, Language> = {
  en: latin('eng'),
  de: latin('deu', 'äöüßÄÖÜ'),
  fr: latin('fra', 'àâçéèêëîïôùûœÀÇÉÈÊ'),
  es: latin('spa', 'áéíóúñü¿ÁÉÍÓÚÑ'),
  it: latin('ita', 'àèéìòùÀÈ'),
  nl: latin('nld', 'ëéïöü'),
  pt: latin('por', 'ãõáéíóúâêôçÃÕ'),
  pl: latin('pol', 'ąćęłńóśźżĄĆĘŁŃÓŚŹŻ'),
  zh: other('chi_sim', /\p{Script=Han}/u, '的一是不了人我在有他'),
  ja: other('jpn', /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u, 'あいうえおアイウエオ'),
  ko: other('kor', /\p{Script=Hangul}/u, '가나다라마'),
  ar: other('ara', /\p{Script=Arabic}/u, 'ابتثجحخ'),
  he: other('heb', /\p{Script=Hebrew}/u, 'אבגדה'),
  hi: other('hin', /\p{Script=Devanagari}/u, 'अआइईउक'),
};

/** What other programs call them: Tesseract's and ISO 639-2's codes, and tags with a region. */
export function findLanguage(name: string): string | undefined {
  const [tag = ''] = name.toLowerCase().split('-');
  if (Object.hasOwn(languages, tag)) return tag;
  return Object.keys(languages).find((key) => languages[key]?.tesseract === name.toLowerCase());
}

export function tesseractNameOf(tag: string): string {
  return (languages[tag] as Language).tesseract;
}

export const languageTags: readonly string[] = Object.keys(languages);

/** Whether a recognition model with these letters reads all of the languages. */
export function knowsLetters(tags: readonly string[], alphabet: ReadonlySet<string>): boolean {
  return tags.every((tag) => [...(languages[tag]?.letters ?? '')].every((letter) => alphabet.has(letter)));
}

/** The languages of other scripts, and the letters by which a page in them is known. */
export const otherScripts: readonly { tag: string; script: RegExp }[] = Object.entries(languages).flatMap(
  ([tag, { script }]) => (script ? [{ tag, script }] : []),
);

const latinLetter = /^[\p{Script=Latin}\p{Nd}²³¹½\p{P}\p{S}]$/u;

/** Which of a model's letters pages in these languages may have. */
export function letterFilter(tags: readonly string[]): (letter: string) => boolean {
  if (tags.some((tag) => languages[tag]?.script)) return () => true;
  return (letter) => latinLetter.test(letter);
}
