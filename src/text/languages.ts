// The languages that pages may be in. Pure.

/** By their BCP 47 tags, as people read them. */
export const languageNames = {
  en: 'English',
  de: 'German',
  fr: 'French',
  es: 'Spanish',
  it: 'Italian',
  nl: 'Dutch',
  pt: 'Portuguese',
  pl: 'Polish',
  zh: 'Chinese',
  ja: 'Japanese',
  ko: 'Korean',
  ar: 'Arabic',
  he: 'Hebrew',
  hi: 'Hindi',
} as const;

export type Language = keyof typeof languageNames;

export const knownLanguages = Object.keys(languageNames) as Language[];

export type Script = 'latin' | 'eastAsian' | 'hangul' | 'arabic' | 'hebrew' | 'devanagari';

export const languagesByScript: Record<Script, readonly Language[]> = {
  latin: ['en', 'de', 'fr', 'es', 'it', 'nl', 'pt', 'pl'],
  eastAsian: ['zh', 'ja'],
  hangul: ['ko'],
  arabic: ['ar'],
  hebrew: ['he'],
  devanagari: ['hi'],
};

/** In any case: `DE` is `de`. `undefined` for a language that is not known. */
export function findLanguage(tag: string): Language | undefined {
  const wanted = tag.trim().toLowerCase();
  return knownLanguages.find((known) => known === wanted);
}

/** "German, English and French" */
export function nameLanguages(tags: readonly Language[]): string {
  const names = tags.map((tag) => languageNames[tag]);
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`;
}

/** "en (English), de (German), …": what a list of languages may hold. */
export const describeKnownLanguages = (): string =>
  knownLanguages.map((tag) => `${tag} (${languageNames[tag]})`).join(', ');
