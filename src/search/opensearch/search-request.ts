// A search as a request of OpenSearch. Pure.
import { knownLanguages } from '../../text/languages.ts';
import { startsUnspaced } from '../chunks.ts';
import { mayHaveErrors } from '../near.ts';
import type { Readable } from '../readable.ts';
import { type LookedUp, lookedUp, type Query, type QueryWord, withoutUmlauts } from '../words.ts';
import { isPaired, stemField } from './index-settings.ts';

/** How much each way of being found counts. A word as it was typed counts by how rare it is; a typing error counts least. */
const boosts = { typed: 2, beginning: 1, stem: 1, otherSpelling: 0.3, error: 0.1, together: 2 };

const paired = knownLanguages.filter(isPaired).map(stemField);
const stemmed = knownLanguages.filter((language) => !isPaired(language)).map(stemField);

/**
 * What may be read, as a filter. There is no other way into a request, and a `Readable` is made from the person alone
 * (readable.ts).
 */
function filterFor({ organisationId, isAll, owners, shared }: Readable): object[] {
  const ofOrganisation = { term: { organisationId } };
  if (isAll) return [ofOrganisation];
  const projectIds = [...shared.values()].flatMap((ids) => [...ids]);
  return [
    ofOrganisation,
    {
      bool: {
        should: [
          { terms: { ownerId: owners } },
          ...(projectIds.length > 0 ? [{ terms: { projectId: projectIds } }] : []),
        ],
        minimum_should_match: 1,
      },
    },
  ];
}

/** Pages and projects that hold every term. `projectIds`: only of these, where the query names projects. */
export function searchBody(readable: Readable, query: Query, projectIds: string[] | undefined): object {
  const files = (query.fields ?? []).filter(({ field }) => field === 'file');
  const single = query.terms.filter(({ length }) => length === 1).map(([word]) => plainOf(word as QueryWord));
  return {
    bool: {
      filter: [
        ...filterFor(readable),
        ...(projectIds ? [{ terms: { projectId: projectIds } }] : []),
        ...files.flatMap(({ words }) => words.flatMap((word) => beginsWith('fileKeys', word))),
      ],
      must: query.terms.map(matchTerm),
      should:
        single.length > 1
          ? [{ match_phrase: { words: { query: single.join(' '), slop: 4, boost: boosts.together } } }]
          : [],
    },
  };
}

/** Projects whose names hold these words. */
export function projectsNamed(readable: Readable, names: QueryWord[][]): object {
  return {
    bool: {
      filter: [
        ...filterFor(readable),
        { term: { isPage: false } },
        ...names.flatMap((words) => words.flatMap((word) => beginsWith('keys', word))),
      ],
    },
  };
}

const plainOf = ({ forms }: QueryWord) => forms.at(-1) ?? '';

function matchTerm(words: QueryWord[]): object {
  const [word] = words as [QueryWord];
  if (words.length > 1) return matchPhrase(words);
  const plain = plainOf(word);
  const isPairs = startsUnspaced.test(plain) || /^\p{Script=Hangul}/u.test(plain);
  const common = beginsWith('keys', word);
  return {
    bool: {
      should: [
        ...word.forms.map((form) => ({ term: { words: { value: form, boost: boosts.typed } } })),
        { constant_score: { filter: { bool: { filter: common } }, boost: boosts.beginning } },
        ...otherSpelling(word),
        ...(isPairs
          ? [{ multi_match: { query: word.typed, type: 'phrase', fields: paired, boost: boosts.stem } }]
          : []),
        ...(/\p{N}/u.test(plain) || isPairs
          ? []
          : [{ multi_match: { query: word.typed, operator: 'and', fields: stemmed, boost: boosts.stem } }]),
        ...(mayHaveErrors(plain) && !isPairs ? [withErrors(plain)] : []),
      ],
      minimum_should_match: 1,
    },
  };
}

/** Each key of a word at the beginning of one of the field's words. */
function beginsWith(field: 'keys' | 'fileKeys', word: QueryWord): object[] {
  return lookedUp({ terms: [[word]] }).map(({ keys }) => beginsWithAny(field, keys));
}

const beginsWithAny = (field: string, keys: LookedUp['keys']) => ({
  bool: { should: keys.map((value) => ({ prefix: { [field]: { value } } })), minimum_should_match: 1 },
});

/** `muller` for `mueller`, except on pages in languages that have no umlauts. */
function otherSpelling({ short }: QueryWord): object[] {
  if (!short || short.isPlain) return [];
  const found = short.isWhole
    ? { term: { keys: { value: short.folded } } }
    : { prefix: { keys: { value: short.folded } } };
  return [
    {
      constant_score: {
        filter: { bool: { filter: [found], must_not: [{ terms: { language: withoutUmlauts } }] } },
        boost: boosts.otherSpelling,
      },
    },
  ];
}

/** The same rule as near.ts. */
const withErrors = (value: string) => ({
  constant_score: {
    filter: { fuzzy: { words: { value, fuzziness: 'AUTO:4,8', prefix_length: 1, max_expansions: 50 } } },
    boost: boosts.error,
  },
});

/** Words that follow each other; the last may be a prefix. */
function matchPhrase(words: QueryWord[]): object {
  const spellings = ({ forms, short }: QueryWord) => [
    ...new Set([...forms, ...(short && !short.isPlain ? [short.folded] : [])]),
  ];
  const last = words.length - 1;
  return {
    intervals: {
      words: {
        all_of: {
          ordered: true,
          max_gaps: 0,
          intervals: words.map((word, at) => ({
            any_of: {
              intervals: spellings(word).map((form) =>
                at === last ? { prefix: { prefix: form } } : { match: { query: form } },
              ),
            },
          })),
        },
        boost: boosts.typed,
      },
    },
  };
}
