// What a translated export says of itself.
import { languageNames } from '../text/languages.ts';
import type { TranslatedPage } from './page-translations.ts';

/** Headings of a page's text and of its translation, which says why where there is none. */
export function describeTranslation({ text: whole, translation }: TranslatedPage) {
  const { from, to, text } = translation;
  const target = languageNames[to];
  return {
    original: from ? `original in ${languageNames[from]}` : 'original',
    translation:
      text !== undefined
        ? `translated into ${target} by Amazon Translate`
        : whole.trim() === ''
          ? 'no text'
          : from === to
            ? `already in ${target}`
            : 'not translated: its language couldn’t be recognised',
  };
}
