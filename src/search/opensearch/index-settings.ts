// How OpenSearch analyzes and stores a text. Pure. Everything here is in OpenSearch itself: no plugin has to be installed.
import { knownLanguages, type Language } from '../../text/languages.ts';

/** Raised when anything here or in document.ts changes; an index of another version is to be rebuilt. */
export const layoutVersion = 1;

/** Analyzers of OpenSearch that take words of the language to their stems. */
const builtIn: Partial<Record<Language, string>> = {
  en: 'english',
  de: 'german',
  fr: 'french',
  es: 'spanish',
  it: 'italian',
  nl: 'dutch',
  pt: 'portuguese',
  ar: 'arabic',
  hi: 'hindi',
  zh: 'cjk',
  ja: 'cjk',
  ko: 'cjk',
};

/** Of languages for which there is none: endings of Polish, and the letters that Hebrew writes before a word. */
const ownStems = {
  pl: {
    type: 'pattern_replace',
    pattern:
      '^(\\p{L}{3,}?)(iego|iemu|owie|ami|ach|owi|ego|emu|ymi|imi|ych|ich|iej|iem|ów|om|em|ej|ia|ie|ię|ią|io|iu|ą|ę|a|e|i|o|u|y)$',
    replacement: '$1',
  },
  he: { type: 'pattern_replace', pattern: '^[והבלכמש]+(\\p{L}{3,})$', replacement: '$1' },
} satisfies Partial<Record<Language, object>>;

export const stemField = (language: Language) => `text_${language}`;

/** Whether two words in a row are what a word of the language is found by. */
export const isPaired = (language: Language) => builtIn[language] === 'cjk';

export function indexSettings({ shards, replicas, isServerless }: IndexOptions) {
  return {
    settings: {
      index: {
        ...(isServerless
          ? {} // it decides itself
          : {
              number_of_shards: shards,
              number_of_replicas: replicas,
              // how long a deletion is remembered, so that an older write does not bring a text back
              gc_deletes: '1h',
            }),
        analysis: {
          filter: Object.fromEntries(
            Object.entries(ownStems).map(([language, filter]) => [`stem_${language}`, filter]),
          ),
          analyzer: Object.fromEntries(
            Object.keys(ownStems).map((language) => [
              `stem_${language}`,
              { type: 'custom', tokenizer: 'standard', filter: ['lowercase', `stem_${language}`] },
            ]),
          ),
        },
      },
    },
    mappings: {
      dynamic: 'strict',
      _meta: { layoutVersion },
      _source: { excludes: ['words', 'keys', 'fileKeys'] },
      properties: {
        id: { type: 'keyword' },
        organisationId: { type: 'keyword' },
        ownerId: { type: 'keyword' },
        projectId: { type: 'keyword' },
        pageId: { type: 'keyword', index: false, doc_values: false },
        textId: { type: 'keyword', index: false, doc_values: false },
        language: { type: 'keyword' },
        isPage: { type: 'boolean' },
        // words as words.ts folds them, in their order
        words: { type: 'text', analyzer: 'whitespace' },
        // what each word may begin with, as the embedded index holds it
        keys: beginnings,
        fileKeys: beginnings,
        ...Object.fromEntries(
          knownLanguages.map((language) => [
            stemField(language),
            { type: 'text', analyzer: builtIn[language] ?? `stem_${language}`, index_options: 'offsets' },
          ]),
        ),
      },
    },
  };
}

export interface IndexOptions {
  shards: number;
  replicas: number;
  isServerless: boolean;
}

const beginnings = {
  type: 'text',
  analyzer: 'whitespace',
  norms: false,
  index_options: 'docs',
  index_prefixes: { min_chars: 1, max_chars: 10 },
};
