// A choice of languages, as the API and forms give it.
import * as z from 'zod';
import { PaperliftError } from '../errors.ts';
import { describeKnownLanguages, findLanguage, knownLanguages, type Language } from '../text/languages.ts';

/** BCP 47 tags, each once. Parsing throws `language-unknown`, which names the known ones. */
export const languageList = z
  .array(z.string().meta({ enum: knownLanguages }))
  .max(100, 'Choose from the known languages, each once.')
  .transform((tags) => [...new Set(tags.map(knownOrRefuse))]);

/** The same from a form's checkboxes: none, one or many. */
export const languageFields = z.preprocess(
  (given) => (given === undefined ? [] : [given].flat()),
  languageList,
);

export const languageAnswer = z.enum(knownLanguages);

function knownOrRefuse(tag: string): Language {
  const language = findLanguage(tag);
  if (language) return language;
  throw new PaperliftError('invalid', {
    code: 'language-unknown',
    message: `Paperlift doesn’t know the language “${tag.toWellFormed().slice(0, 40)}”.`,
    hint: `Use one or more of: ${describeKnownLanguages()}.`,
  });
}
