// Splits text into words for the search index, and finds a query's words in text. Case, accents, width and punctuation
// inside a word, number or code are ignored: `rm39.00`, `RM3900` and `39` find “RM39.00”. A number detected with
// spaces in it (“39. 00”, “1 334”) is also indexed as one, and so is a word that goes on in the next line. `ü` is indexed as `u`
// and as `ue`, and `ue` as `u`, too, where it may stand for `ü`. Scripts without spaces are indexed by pairs of characters. Spelling mistakes are not corrected. Changing this
// file's keys requires rebuilding the index (scripts/index-text.ts), unless `lookedUp` also names the former keys.

import { fold, foldAsBefore } from '../text/folding.ts';
import type { Language } from '../text/languages.ts';
import { type Chunk, cut, type Form, isDivided, isMark, kindOf, startsUnspaced } from './chunks.ts';
import { findUmlautEs, reduce } from './two-letter-spelling.ts';

/** Characters of a word in the index. The rest is compared with the page's text. */
const keyLength = 24;
/** A page with more different words is found by these first ones only. */
const maxKeys = 3000;
const queryLength = 200;
const maxTerms = 8;
/** Characters of a key that begins with a script without spaces, and how many keys of a query's word are looked up. */
const pairLength = 2;
const maxPairs = 4;
/** Letters of a short spelling that is compared with whole words, and of one that may be the beginning of a word. */
const shortLength = { whole: 3, beginning: 5 };
/** They have no umlauts: their `ae`, `oe` and `ue` are other sounds, in words that differ by them alone (`goed`, `god`). */
export const withoutUmlauts: readonly Language[] = ['es', 'fr', 'it', 'nl', 'pt'];

export interface Span {
  start: number;
  end: number;
}

/** What is looked for in a form: the beginning of a word, or a whole one. */
interface Sought {
  folded: string;
  isWhole: boolean;
}

/**
 * A folded word of a query in each spelling, longest first: `müller` is `mueller` and `muller`. `former` is how postings that were
 * written before begin.
 */
export interface QueryWord {
  /** As it was typed, without punctuation around it. */
  typed: string;
  forms: string[];
  /** `muller` for `mueller`. The same as the plain form where that has no `ue`; missing where it is too short to mean anything. */
  short?: Sought & { isPlain: boolean; reduced: string };
  former: string;
}

/** The index keys of a query's word: any of them may match. */
export interface LookedUp {
  keys: string[];
  /** Of its short spelling; worth looking up unless many pages have it, as a common word that differs from the one that is meant. */
  short?: string;
}

/** Every term must occur on the page. The words of a quoted term must follow each other; the last may be a prefix. */
export interface Query {
  terms: QueryWord[][];
  /** What is asked of a page's file name or of its project's name, by `file:` and `project:`. */
  fields?: { field: QueryField; words: QueryWord[] }[];
}
export type QueryField = 'file' | 'project';

const operators = /(?:(?<![^\s])(file|project):)?(?:["“„«]([^"“”„«»]+)["”“»]?|([^\s"“”„«»]+))/giu;

const keyOf = (folded: string) =>
  startsUnspaced.test(folded)
    ? [...folded.slice(0, 2 * pairLength)].slice(0, pairLength).join('')
    : formerKeyOf(folded);
/** What follows a key in the index. */
const endOfKey = ' ';
const formerKeyOf = (folded: string) => folded.slice(0, keyLength).replace(/[\uD800-\uDBFF]$/, '');

/** The index keys of a text: the beginning of each distinct word. */
export function keysOf(text: string): Set<string> {
  const keys = new Set<string>();
  const lines = text.split('\n');
  for (const [at, line] of lines.entries()) if (!addKeys(keys, line, lines[at + 1])) break;
  return keys;
}

/** The same for one line. `false` when the limit of keys is reached. */
export function addKeys(keys: Set<string>, line: string, next?: string): boolean {
  const forms = cut(line, next).flatMap((chunk) => [...chunk.forms, ...chunk.over]);
  for (const { folded, starts } of forms) {
    for (const start of starts) {
      if (keys.size >= maxKeys) return false;
      keys.add(keyOf(folded.slice(start, start + keyLength)));
    }
  }
  return true;
}

/** Parses a query: words, phrases in quotation marks, and either of them behind `file:` or `project:`. Long queries are truncated. */
export function readQuery(typed: string): Query {
  const terms: QueryWord[][] = [];
  const fields: { field: QueryField; words: QueryWord[] }[] = [];
  const text = typed.slice(0, queryLength).toWellFormed();
  for (const [, field, quoted, plain] of text.matchAll(operators)) {
    const part = quoted ?? plain ?? '';
    const words = cut(part).map((chunk) => readWord(chunk, part.slice(chunk.from, chunk.to)));
    if (words.length === 0) continue;
    if (field) fields.push({ field: field.toLowerCase() as QueryField, words });
    else terms.push(words);
  }
  const seen = new Set<string>();
  const different = terms.filter((words) => {
    const key = JSON.stringify(words.map(({ typed: _, ...word }) => word));
    return !seen.has(key) && seen.add(key);
  });
  return {
    terms: different.slice(0, maxTerms),
    ...(fields.length > 0 ? { fields: fields.slice(0, maxTerms) } : {}),
  };
}

function readWord({ forms }: Chunk, typed: string): QueryWord {
  const foldEach = (by: (letter: string) => string, other: string) =>
    [...typed].map((letter) => (kindOf(letter) ? by(letter) : other)).join('');
  const single = forms.filter(({ length }) => length === 1);
  const [plain] = single as [Form];
  const folded = (single.find(({ spelling }) => spelling === 'short') ?? plain).folded;
  const isWhole = folded.length < shortLength.beginning || findUmlautEs(typed).has(typed.length - 1);
  const reduced = reduce(foldEach(fold, ' ')).replaceAll(' ', '');
  return {
    typed,
    forms: single
      .filter(({ spelling }) => spelling !== 'short')
      .map((form) => form.folded)
      .toSorted((one, other) => other.length - one.length),
    ...(folded.length >= shortLength.whole && {
      short: { folded, isWhole, isPlain: folded === plain.folded, reduced },
    }),
    former: foldEach(foldAsBefore, ''),
  };
}

/** The query as it is compared with a page in this language. */
export function queryIn(language: Language | undefined, query: Query): Query {
  if (!language || !withoutUmlauts.includes(language)) return query;
  return { ...query, terms: query.terms.map((words) => words.map(({ short: _, ...word }) => word)) };
}

/** A query's words as index keys. */
export function lookedUp(query: Query): LookedUp[] {
  const words = query.terms.flat().flatMap(({ forms, former, short }): LookedUp[] => {
    const [plain = ''] = forms.slice(-1);
    const before = formerKeyOf(former);
    if (startsUnspaced.test(plain))
      return pairsOf(plain).map((pair) => ({ keys: [...new Set([pair, before])] }));
    const keys = [...new Set([...forms.map(keyOf), before])];
    return [
      {
        keys: keys.filter((key) => !keys.some((other) => other !== key && key.startsWith(other))),
        ...(short && !short.isPlain && { short: keyOf(short.folded) + (short.isWhole ? endOfKey : '') }),
      },
    ];
  });
  return [...new Map(words.map((each) => [each.keys.join(' '), each])).values()].slice(0, maxTerms);
}

/** The pairs of characters of a word in a script without spaces, as they are keys of every page that holds it. */
function pairsOf(folded: string): string[] {
  const characters = [...folded];
  const pairs = characters.flatMap((character, at) =>
    startsUnspaced.test(character) && !isMark(character) && (at === 0 || at < characters.length - 1)
      ? [characters.slice(at, at + pairLength).join('')]
      : [],
  );
  return [...new Set(pairs)].slice(0, maxPairs);
}

/**
 * Where each term of the query occurs in a line; an empty list for terms that do not. A word that goes on in the `next` line ends
 * beyond this one, after a line break (`splitOver`).
 */
export function findInLine(line: string, query: Query, next = ''): Span[][] {
  if (mayNotHold(isDivided(line, next) ? line + next : line, query)) return query.terms.map(() => []);
  const chunks = cut(line, next);
  return query.terms.map((words) => findTerm(chunks, words));
}

/** Decided without splitting the line, which is fifty times slower. Most lines contain nothing of a query. */
function mayNotHold(line: string, { terms }: Query): boolean {
  if (!/^[\x20-\x7e]*$/.test(line)) return false;
  const small = line.toLowerCase();
  const [letters = '', reduced = ''] = [small, reduce(small)].map((text) => text.replace(/[^a-z0-9]+/g, ''));
  const mayHold = ({ forms, short }: QueryWord) =>
    forms.some((form) => letters.includes(form)) || (short && reduced.includes(short.reduced));
  return !terms.some((words) => words.every(mayHold));
}

/** What of a query's word is looked for in a form of a chunk. */
function soughtIn({ spelling }: Form, { forms, short }: QueryWord): Sought[] {
  const isLoose = short && (spelling === 'short' || !short.isPlain);
  return [
    ...(spelling === 'short' ? [] : forms.map((folded) => ({ folded, isWhole: false }))),
    ...(isLoose ? [short] : []),
  ];
}

/** Whether a form has this at a place, and a word of the form ends where it has to. */
function holdsAt(form: Form, start: number, { folded, isWhole }: Sought): boolean {
  if (!form.folded.startsWith(folded, start)) return false;
  const end = start + folded.length;
  return !isWhole || end === form.folded.length || form.starts.includes(end);
}

/** The term at each chunk where its first word starts. */
function findTerm(chunks: Chunk[], [first, ...rest]: QueryWord[]): Span[] {
  if (!first) return [];
  if (rest.length === 0) return chunks.flatMap((chunk) => findWord(chunk, first));
  const ends = endsOf(chunks, rest);
  return chunks.flatMap(({ forms }, at): Span[] => {
    for (const form of forms) {
      for (const { folded } of soughtIn(form, first)) {
        const begin = form.starts.find((start) => form.folded.slice(start) === folded);
        const start = begin === undefined ? undefined : form.spans[begin]?.[0];
        const end = ends[at + form.length];
        if (start !== undefined && end !== undefined) return [{ start, end }];
      }
    }
    return [];
  });
}

/** Every place in a chunk where a word starts, in the first form that has it, and where it goes on in the next line. */
function findWord({ forms, over, to }: Chunk, word: QueryWord): Span[] {
  const placesIn = (form: Form) =>
    soughtIn(form, word).map((sought) =>
      form.starts
        .filter((start) => holdsAt(form, start, sought))
        .map((start) => ({
          start: form.spans[start]?.[0] ?? 0,
          end: form.spans[start + sought.folded.length - 1]?.[1] ?? 0,
        })),
    );
  const here = forms.flatMap(placesIn).find(({ length }) => length > 0);
  const beyond = over
    .flatMap(placesIn)
    .flat()
    .filter(({ end }) => end > to);
  return [...(here ?? []), ...beyond];
}

/** The parts of what was found in this line, and in the next one. */
export function splitOver(line: string, found: Span[]): { here: Span[]; next: Span[] } {
  const shift = line.length + 1;
  return {
    here: found.map(({ start, end }) => ({ start, end: Math.min(end, line.length) })),
    next: found.filter(({ end }) => end > shift).map(({ end }) => ({ start: 0, end: end - shift })),
  };
}

/**
 * For each chunk, the ends of the words that follow each other from there; the last may be a prefix. Computed from the
 * last word to the first, which takes linear time for each word; trying each spelling in turn would take exponential
 * time.
 */
function endsOf(chunks: Chunk[], words: QueryWord[]): (number | undefined)[] {
  const last = words.at(-1) as QueryWord;
  let ends = chunks.map(({ forms }) => {
    for (const form of forms) {
      const sought = soughtIn(form, last).find((each) => holdsAt(form, 0, each));
      if (sought) return form.spans[sought.folded.length - 1]?.[1];
    }
    return undefined;
  });
  for (const word of words.slice(0, -1).reverse()) {
    const after = ends;
    ends = chunks.map(({ forms }, at) => {
      for (const form of forms) {
        const end = after[at + form.length];
        if (end !== undefined && soughtIn(form, word).some(({ folded }) => folded === form.folded))
          return end;
      }
      return undefined;
    });
  }
  return ends;
}

/** Splits a line at the hits, in order and without overlap. The parts together are the line. */
export function markParts(line: string, found: Span[]): { text: string; found: boolean }[] {
  const parts: { text: string; found: boolean }[] = [];
  let end = 0;
  for (const span of found.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    if (span.end <= end) continue;
    const start = Math.max(span.start, end);
    if (start > end) parts.push({ text: line.slice(end, start), found: false });
    parts.push({ text: line.slice(start, span.end), found: true });
    end = span.end;
  }
  if (end < line.length) parts.push({ text: line.slice(end), found: false });
  return parts;
}
