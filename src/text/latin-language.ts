// Tells the languages in Latin script apart by their most frequent words. Accents and case are ignored: not every scan
// keeps them.
import type { Language } from './languages.ts';
import { wordLists } from './latin-word-lists.ts';

const fold = (text: string) => text.toLowerCase().replace('ł', 'l').normalize('NFD').replace(/\p{M}/gu, '');

/** The languages of each word. */
const known = new Map<string, (Language | 'other')[]>();
for (const [tag, list] of Object.entries(wordLists)) {
  for (const word of new Set(fold(list).split(' ')))
    known.set(word, [...(known.get(word) ?? []), tag as Language | 'other']);
}

/** So many words, and so much of the text, have to be known before a language is told without a choice. */
const fewestPoints = 2.5;
const fewestShare = 0.08;
/** The best language has to be ahead of the next by this factor. */
const lead = 1.25;

interface Vote {
  best: Language | 'other' | undefined;
  isSure: boolean;
}

function vote(text: string, among: readonly (Language | 'other')[]): Vote {
  const words = fold(text).match(/\p{Script=Latin}+/gu) ?? [];
  const points = new Map<Language | 'other', number>();
  for (const word of words) {
    const tags = (known.get(word) ?? []).filter((tag) => among.includes(tag));
    // a word of many languages says little
    for (const tag of tags) points.set(tag, (points.get(tag) ?? 0) + 1 / tags.length ** 2);
  }
  const [first, second] = [...points].sort(([, one], [, other]) => other - one);
  if (!first) return { best: undefined, isSure: false };
  const [best, most] = first;
  const isSure =
    most >= fewestPoints && most >= fewestShare * words.length && most >= lead * (second?.[1] ?? 0);
  return { best, isSure };
}

/** Among the chosen languages. `undefined`: the text has no word that tells. */
export function guessAmong(text: string, languages: readonly Language[]): Language | undefined {
  const { best } = vote(text, languages);
  return best === 'other' ? undefined : best;
}

/** Among all. `undefined`: unsure, as for languages that are not known. */
export function guessAmongAll(text: string): Language | undefined {
  const { best, isSure } = vote(text, Object.keys(wordLists) as (Language | 'other')[]);
  return isSure && best !== 'other' ? best : undefined;
}
