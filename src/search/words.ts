// Splits text into words for the search index, and finds a query's words in text. Case, accents, width and punctuation
// inside a word, number or code are ignored: `rm39.00`, `RM3900` and `39` find “RM39.00”. A number detected with
// spaces in it (“39. 00”, “1 334”) is also indexed as one. `ü` is indexed as `u` and as `ue`. Spelling mistakes are
// not corrected. Changing this file's keys requires rebuilding the index (scripts/index-text.ts).
import { fold, foldToTwo } from './folding.ts';

/** Characters of a word in the index. The rest is compared with the page's text. */
const keyLength = 24;
/** A page with more different words is found by these first ones only. */
const maxKeys = 3000;
const queryLength = 200;
const maxTerms = 8;
/** Parts of a number detected with spaces in it, such as an IBAN. */
const maxPieces = 8;

const segmenter = new Intl.Segmenter('en', { granularity: 'word' });
/** Scripts that write words without a space between them. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const letterOrDigit = /[\p{L}\p{N}\p{M}]/u;

/** One folded spelling of some letters and digits. */
interface Form {
  folded: string;
  /** For each character of `folded`: where its original starts and ends in the line. */
  spans: [number, number][];
  /** Where words begin in it. */
  starts: number[];
  /** How many chunks of the line it spans: several for a number detected with spaces in it. */
  length: number;
}

/** A run of a line without white space, in every searchable form. The first form is the plain one. */
interface Chunk {
  forms: Form[];
  /** The positions of its first and last letter or digit in the line. */
  from: number;
  to: number;
}

export interface Span {
  start: number;
  end: number;
}

/** A folded word of a query in each spelling, longest first: `müller` is `mueller` and `muller`. */
type QueryWord = string[];

/** Every term must occur on the page. The words of a quoted term must follow each other; the last may be a prefix. */
export interface Query {
  terms: QueryWord[][];
}

function cut(line: string): Chunk[] {
  const chunks = [...line.matchAll(/\S+/gu)].flatMap((match) => cutChunk(match[0], match.index));
  for (const [at, chunk] of chunks.entries()) {
    const number = joinNumber(line, chunks, at);
    if (number) chunk.forms.push(number);
  }
  return chunks;
}

function kindOf(character: string): 'digit' | 'letter' | '' {
  if (character <= '\x7f') {
    if (character >= '0' && character <= '9') return 'digit';
    return /[a-z]/i.test(character) ? 'letter' : '';
  }
  if (!letterOrDigit.test(character)) return '';
  return /\p{N}/u.test(character) ? 'digit' : 'letter';
}

const emptyForm = (): Form => ({ folded: '', spans: [], starts: [], length: 1 });

/** Empty for punctuation alone. */
function cutChunk(text: string, offset: number): Chunk[] {
  const [plain, twofold] = [emptyForm(), emptyForm()];
  const isAscii = /^[\x20-\x7e]*$/.test(text);
  const breaks = unspaced.test(text)
    ? new Set([...segmenter.segment(text)].map(({ index }) => index))
    : undefined;
  let before = '';
  let at = 0;
  let [from, to] = [-1, -1];
  for (const character of text) {
    const kind = kindOf(character);
    if (kind) {
      const isMark = character > '\x7f' && /\p{M}/u.test(character);
      const isStart = !isMark && (kind !== before || breaks?.has(at) === true);
      const span: [number, number] = [offset + at, offset + at + character.length];
      const folded = fold(character);
      if (!isAscii) append(twofold, foldToTwo(character, plain.folded.at(-1) ?? '', folded), span, isStart);
      append(plain, folded, span, isStart);
      if (from < 0) from = span[0];
      to = span[1];
    }
    before = kind;
    at += character.length;
  }
  if (!plain.folded) return [];
  return [{ forms: isAscii || twofold.folded === plain.folded ? [plain] : [plain, twofold], from, to }];
}

function append(form: Form, folded: string, span: [number, number], isStart: boolean) {
  if (isStart) form.starts.push(form.folded.length);
  form.folded += folded;
  for (let index = 0; index < folded.length; index += 1) form.spans.push(span);
}

/** The number that starts in a chunk and continues in the following ones, as if written without spaces. */
function joinNumber(line: string, chunks: Chunk[], at: number): Form | undefined {
  const first = chunks[at] as Chunk;
  if (kindOf(line[first.to - 1] ?? '') !== 'digit') return undefined;
  const pieces = [first];
  for (let next = chunks[at + 1]; next && pieces.length < maxPieces; next = chunks[at + pieces.length]) {
    const last = pieces.at(-1) as Chunk;
    if (
      !goesOn(line.slice(last.from, last.to), line.slice(last.to, next.from), line.slice(next.from, next.to))
    )
      break;
    pieces.push(next);
  }
  if (pieces.length === 1) return undefined;
  const forms = pieces.map(({ forms: [plain] }) => plain as Form);
  return {
    folded: forms.map(({ folded }) => folded).join(''),
    spans: forms.flatMap(({ spans }) => spans),
    starts: (forms[0] as Form).starts,
    length: pieces.length,
  };
}

/** Whether two chunks belong to one number: “39. 00”, “39 .00”, “1 , 334”, “1 334”, “03- 6258”, “DE12 3456”. */
function goesOn(before: string, between: string, after: string): boolean {
  if (between.length > 4) return false;
  // limited to the digits that matter: searching from the left would take quadratic time
  const left = /\d{1,5}$/.exec(before.slice(-5))?.[0].length ?? 0;
  const right = /^\d{1,5}/.exec(after)?.[0].length ?? 0;
  if (left === 0 || right === 0) return false;
  if (/^\s*[.,]\s*$/.test(between)) return right >= 2 && right <= 4;
  if (/^(?:[-/:’']\s+|\s+[-/:’'])$/.test(between)) return right >= 2 && right <= 4;
  return /^\s+$/.test(between) && (right === 3 || (right === 4 && left >= 2));
}

const keyOf = (folded: string) => folded.slice(0, keyLength).replace(/[\uD800-\uDBFF]$/, '');

/** The index keys of a text: the beginning of each distinct word. */
export function keysOf(text: string): Set<string> {
  const keys = new Set<string>();
  for (const line of text.split('\n')) if (!addKeys(keys, line)) break;
  return keys;
}

/** The same for one line. `false` when the limit of keys is reached. */
export function addKeys(keys: Set<string>, line: string): boolean {
  for (const { folded, starts } of cut(line).flatMap(({ forms }) => forms)) {
    for (const start of starts) {
      if (keys.size >= maxKeys) return false;
      keys.add(keyOf(folded.slice(start)));
    }
  }
  return true;
}

/** Parses a query. Quotation marks are the only operator. Long queries are truncated. */
export function readQuery(typed: string): Query {
  const terms: QueryWord[][] = [];
  const text = typed.slice(0, queryLength).toWellFormed();
  for (const [, quoted, plain] of text.matchAll(/["“„«]([^"“”„«»]+)["”“»]?|([^\s"“”„«»]+)/gu)) {
    const words = cut(quoted ?? plain ?? '').map(({ forms }) =>
      forms
        .filter(({ length }) => length === 1)
        .map(({ folded }) => folded)
        .toSorted((one, other) => other.length - one.length),
    );
    if (words.length > 0) terms.push(words);
  }
  const seen = new Set<string>();
  const different = terms.filter((words) => {
    const key = JSON.stringify(words);
    return !seen.has(key) && seen.add(key);
  });
  return { terms: different.slice(0, maxTerms) };
}

/** A query's words as index keys: for each the alternatives, any of which may match. */
export function lookedUp(query: Query): string[][] {
  const words = query.terms.flat().map((forms) => {
    const keys = [...new Set(forms.map(keyOf))];
    return keys.filter((key) => !keys.some((other) => other !== key && key.startsWith(other)));
  });
  return [...new Map(words.map((keys) => [keys.join(' '), keys])).values()].slice(0, maxTerms);
}

/** Where each term of the query occurs in a line; an empty list for terms that do not. */
export function findInLine(line: string, query: Query): Span[][] {
  if (mayNotHold(line, query)) return query.terms.map(() => []);
  const chunks = cut(line);
  return query.terms.map((words) => findTerm(chunks, words));
}

/** Decided without splitting the line, which is fifty times slower. Most lines contain nothing of a query. */
function mayNotHold(line: string, { terms }: Query): boolean {
  if (!/^[\x20-\x7e]*$/.test(line)) return false;
  const letters = line.replace(/[^A-Za-z0-9]+/g, '').toLowerCase();
  return !terms.some((words) => words.every((forms) => forms.some((form) => letters.includes(form))));
}

/** The term at each chunk where its first word starts. */
function findTerm(chunks: Chunk[], [first = [], ...rest]: QueryWord[]): Span[] {
  const ends = rest.length > 0 ? endsOf(chunks, rest) : undefined;
  return chunks.flatMap(({ forms }, at): Span[] => {
    for (const form of forms) {
      for (const word of first) {
        const begin = form.starts.find((start) =>
          ends ? form.folded.slice(start) === word : form.folded.startsWith(word, start),
        );
        if (begin === undefined) continue;
        const start = form.spans[begin]?.[0] ?? 0;
        const end = ends ? ends[at + form.length] : form.spans[begin + word.length - 1]?.[1];
        if (end !== undefined) return [{ start, end }];
      }
    }
    return [];
  });
}

/**
 * For each chunk, the ends of the words that follow each other from there; the last may be a prefix. Computed from the
 * last word to the first, which takes linear time for each word; trying each spelling in turn would take exponential
 * time.
 */
function endsOf(chunks: Chunk[], words: QueryWord[]): (number | undefined)[] {
  const last = words.at(-1) ?? [];
  let ends = chunks.map(({ forms }) => {
    for (const form of forms) {
      const word = last.find((each) => form.folded.startsWith(each));
      if (word !== undefined) return form.spans[word.length - 1]?.[1];
    }
    return undefined;
  });
  for (const word of words.slice(0, -1).reverse()) {
    const after = ends;
    ends = chunks.map(({ forms }, at) => {
      for (const form of forms) {
        const end = after[at + form.length];
        if (end !== undefined && word.includes(form.folded)) return end;
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
