// A choice of languages, as checkboxes.
import { knownLanguages, type Language, languageNames, nameLanguages } from '../text/languages.ts';
import { notReadByTextract } from '../text/textract-languages.ts';

/** What the deployment says of languages. */
export interface LanguageSettings {
  /** Of projects that choose none. */
  defaults: Language[];
  isReadByTextract: boolean;
}

/** The model of `partials/languages`. `otherwise` is what holds when none is selected. */
export function presentLanguages(
  chosen: readonly Language[],
  { isReadByTextract }: LanguageSettings,
  otherwise: string,
) {
  const notRead = notReadByTextract(isReadByTextract ? knownLanguages : []);
  return {
    options: knownLanguages.map((tag) => ({
      tag,
      name: languageNames[tag],
      isChosen: chosen.includes(tag),
      isNotRead: notRead.includes(tag),
    })),
    chosenText: nameLanguages(chosen),
    otherwise,
    warning:
      notRead.length > 0
        ? 'Amazon Textract detects the text here. It doesn’t read the languages marked *.'
        : '',
  };
}

/** The same for a project: without a choice, the deployment's default applies. */
export function presentProjectLanguages(chosen: readonly Language[], settings: LanguageSettings) {
  const usual = nameLanguages(settings.defaults);
  const languages = presentLanguages(
    chosen,
    settings,
    usual ? `None selected: ${usual}, the default.` : 'None selected: detected automatically.',
  );
  return {
    ...languages,
    summary: languages.chosenText || (usual ? `${usual} (default)` : 'Detect automatically'),
  };
}
