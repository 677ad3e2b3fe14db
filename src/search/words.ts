// How text is cut into what can be looked up, and how a query finds it again. Case, accents and width do not matter, and
// neither does punctuation inside of a word, a number or a code: “RM39.00” is found by `rm39.00`, `RM3900` and `39`.
// Typing errors are not forgiven.

/** So much of a word is in the index; what is behind is compared on the page's text. */
const keyLength = 24;
/** A page with more different words than this is found by the first of them. */
const mostKeys = 3000;
const queryLength = 200;
const mostTerms = 8;

const segmenter = new Intl.Segmenter('en', { granularity: 'word' });
/** Marks that scripts get along without in writing; others (Thai vowels, say) are letters to their readers. */
const marks = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f]/g;
/** Scripts that write words without a space between them. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const letterOrDigit = /[\p{L}\p{N}\p{M}]/u;

/** A stretch without white space: its letters and digits folded, where each stands, and where words begin in it. */
interface Chunk {
  folded: string;
  /** For each character of `folded`: from where to where its original reaches in the line. */
  spans: [number, number][];
  starts: number[];
}

export interface Span {
  start: number;
  end: number;
}

/** Each must be on the page. Several words in one were quoted: they follow each other, the last may be cut short. */
export interface Query {
  terms: string[][];
}

/** Of one character. */
function fold(text: string): string {
  if (text <= '\x7f') return text.toLowerCase();
  return text.normalize('NFKD').replace(marks, '').toUpperCase().toLowerCase();
}

function cut(line: string): Chunk[] {
  return [...line.matchAll(/\S+/gu)]
    .map((match) => cutChunk(match[0], match.index))
    .filter(({ folded }) => folded);
}

function kindOf(character: string): 'digit' | 'letter' | '' {
  if (character <= '\x7f') {
    if (character >= '0' && character <= '9') return 'digit';
    return /[a-z]/i.test(character) ? 'letter' : '';
  }
  if (!letterOrDigit.test(character)) return '';
  return /\p{N}/u.test(character) ? 'digit' : 'letter';
}

function cutChunk(text: string, offset: number): Chunk {
  const chunk = { folded: '', spans: [] as [number, number][], starts: [] as number[] };
  const breaks = unspaced.test(text)
    ? new Set([...segmenter.segment(text)].map(({ index }) => index))
    : undefined;
  let before = '';
  let at = 0;
  for (const character of text) {
    const kind = kindOf(character);
    if (kind) {
      const isMark = character > '\x7f' && /\p{M}/u.test(character);
      const folded = fold(character);
      if (!isMark && (kind !== before || breaks?.has(at))) chunk.starts.push(chunk.folded.length);
      chunk.folded += folded;
      for (let index = 0; index < folded.length; index += 1) {
        chunk.spans.push([offset + at, offset + at + character.length]);
      }
    }
    before = kind;
    at += character.length;
  }
  return chunk;
}

const keyOf = (folded: string) => folded.slice(0, keyLength).replace(/[\uD800-\uDBFF]$/, '');

/** What the index holds of a text: each word's beginning once. */
export function keysOf(text: string): Set<string> {
  const keys = new Set<string>();
  for (const line of text.split('\n')) {
    for (const { folded, starts } of cut(line)) {
      for (const start of starts) {
        if (keys.size >= mostKeys) return keys;
        keys.add(keyOf(folded.slice(start)));
      }
    }
  }
  return keys;
}

/** Reads what somebody typed, whatever it is. No operators but quotation marks; what is too long is cut. */
export function readQuery(typed: string): Query {
  const terms: string[][] = [];
  const text = typed.slice(0, queryLength).toWellFormed();
  for (const [, quoted, plain] of text.matchAll(/["“„«]([^"“”„«»]+)["”“»]?|([^\s"“”„«»]+)/gu)) {
    const words = cut(quoted ?? plain ?? '').map(({ folded }) => folded);
    if (words.length > 0) terms.push(words);
  }
  const seen = new Set<string>();
  const different = terms.filter((words) => !seen.has(words.join(' ')) && seen.add(words.join(' ')));
  return { terms: different.slice(0, mostTerms) };
}

/** The words of a query as the index has them. */
export function lookedUp(query: Query): string[] {
  return [...new Set(query.terms.flat().map(keyOf))].slice(0, mostTerms);
}

/** Where each term of the query stands in a line of text; an empty list for those that do not. */
export function findInLine(line: string, query: Query): Span[][] {
  const chunks = cut(line);
  return query.terms.map((words) => chunks.flatMap((_, at) => findAt(chunks, at, words)));
}

function findAt(chunks: Chunk[], at: number, words: string[]): Span[] {
  const [first = '', ...rest] = words;
  const chunk = chunks[at] as Chunk;
  const start = chunk.starts.find((begin) =>
    rest.length > 0 ? chunk.folded.slice(begin) === first : chunk.folded.startsWith(first, begin),
  );
  if (start === undefined) return [];
  const follows = rest.every((word, index) => {
    const next = chunks[at + 1 + index]?.folded;
    return index === rest.length - 1 ? next?.startsWith(word) : next === word;
  });
  if (!follows) return [];
  const last = chunks[at + rest.length] as Chunk;
  const endAt = (rest.length > 0 ? (rest.at(-1) ?? '').length : start + first.length) - 1;
  return [{ start: chunk.spans[start]?.[0] ?? 0, end: last.spans[endAt]?.[1] ?? 0 }];
}

/** A line cut at what was found, in order and without overlap. The parts together are the line. */
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
