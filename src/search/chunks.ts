// Cuts a line into runs without white space, each in its folded spellings, with where each character stands in the line. A number
// detected with spaces in it is also one run, and so is a word that goes on in the next line. Pure.
import { fold } from '../text/folding.ts';
import { findUmlautEs, foldToTwo } from './two-letter-spelling.ts';

/** Parts of a number detected with spaces in it, such as an IBAN. */
const maxPieces = 8;
/** Scripts that write words without a space between them. */
const unspaced =
  /[ーｰ\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** Whether a text begins with such a script. */
export const startsUnspaced = new RegExp(`^${unspaced.source}`, 'u');
const endsUnspaced = new RegExp(`${unspaced.source}$`, 'u');
const letterOrDigit = /[\p{L}\p{N}\p{M}]/u;

/** `ü` is `u` in the plain spelling and `ue` in the long one; `ue` is `u` in the short one, as is `ü`. */
type Spelling = 'plain' | 'long' | 'short';

/** One folded spelling of some letters and digits. */
export interface Form {
  spelling: Spelling;
  folded: string;
  /** For each character of `folded`: where its original starts and ends in the line. */
  spans: [number, number][];
  /** Where words begin in it. */
  starts: number[];
  /** How many chunks of the line it spans: several for a number detected with spaces in it. */
  length: number;
}

/** A run of a line without white space, in every searchable form. The first form is the plain one. */
export interface Chunk {
  forms: Form[];
  /** The positions of its first and last letter or digit in the line. */
  from: number;
  to: number;
  /** With the beginning of the next line, whose positions follow this line's after a line break. */
  over: Form[];
}
/** `next` is the following line, if there is one. */
export function cut(line: string, next = ''): Chunk[] {
  const chunks = [...line.matchAll(/\S+/gu)].flatMap((match) => cutChunk(match[0], match.index));
  const last = chunks.at(-1);
  if (last) last.over = joinOver(line, last, next);
  for (const [at, chunk] of chunks.entries()) {
    const number = joinNumber(line, chunks, at);
    if (number) chunk.forms.push(number);
  }
  return chunks;
}

export function kindOf(character: string): 'digit' | 'letter' | '' {
  if (character <= '\x7f') {
    if (character >= '0' && character <= '9') return 'digit';
    return /[a-z]/i.test(character) ? 'letter' : '';
  }
  if (!letterOrDigit.test(character)) return '';
  return /\p{N}/u.test(character) ? 'digit' : 'letter';
}

/** The last word of a line with the first of the next, where a hyphen divides it or the script has no spaces. */
function joinOver(line: string, last: Chunk, next: string): Form[] {
  if (!isDivided(line, next)) return [];
  const [match] = next.matchAll(/\S+/gu);
  const [first] = match ? cutChunk(match[0], match.index) : [];
  if (!first) return [];
  const shift = line.length + 1;
  const spellings = new Set([...last.forms, ...first.forms].map(({ spelling }) => spelling));
  return [...spellings].map((spelling): Form => {
    const before = formOf(last, spelling);
    const after = formOf(first, spelling);
    const spans = after.spans.map(([start, end]): [number, number] => [start + shift, end + shift]);
    return {
      spelling,
      folded: before.folded + after.folded,
      spans: [...before.spans, ...spans],
      starts: before.starts,
      length: 1,
    };
  });
}

/** The plain form where the spelling makes no difference. */
const formOf = ({ forms }: Chunk, wanted: Spelling) =>
  (forms.find(({ spelling }) => spelling === wanted) ?? forms[0]) as Form;

/** Whether a word goes on in the next line: after a hyphen, or in a script without spaces. */
export function isDivided(line: string, next: string): boolean {
  const [end = '', start = ''] = [line.trimEnd().slice(-2), next.trimStart().slice(0, 2)];
  return (
    (/\p{L}[-\u00ad\u2010¬]$/u.test(end) && /^\p{L}/u.test(start)) ||
    (endsUnspaced.test(end) && startsUnspaced.test(start))
  );
}

export const isMark = (character: string) => /[\p{M}\uff9e\uff9f]/u.test(character);
/** Of kana: か with it is が, one letter. */
const isVoicing = /^[\u3099\u309a]$/;

const emptyForm = (spelling: Spelling): Form => ({ spelling, folded: '', spans: [], starts: [], length: 1 });

/** Empty for punctuation alone. */
function cutChunk(text: string, offset: number): Chunk[] {
  const [plain, long, short] = [emptyForm('plain'), emptyForm('long'), emptyForm('short')];
  const umlautEs = findUmlautEs(text);
  const isAscii = /^[\x20-\x7e]*$/.test(text);
  let before = '';
  let at = 0;
  let [from, to] = [-1, -1];
  for (const character of text) {
    const kind = kindOf(character);
    if (kind) {
      const run = !isAscii && unspaced.test(character) ? 'unspaced' : kind;
      const isStart = !(character > '\x7f' && isMark(character)) && (run !== before || run === 'unspaced');
      const span: [number, number] = [offset + at, offset + at + character.length];
      const folded = fold(character);
      if (!isAscii) append(long, foldToTwo(character, plain.folded.at(-1) ?? '', folded), span, isStart);
      if (umlautEs.has(at)) lengthen(short, span);
      else if (umlautEs.size > 0) append(short, folded, span, isStart);
      append(plain, folded, span, isStart);
      if (from < 0) from = span[0];
      to = span[1];
      before = run;
    } else before = '';
    at += character.length;
  }
  if (!plain.folded) return [];
  const others = [long, short].filter(({ folded }) => folded !== '' && folded !== plain.folded);
  return [{ forms: [plain, ...others], from, to, over: [] }];
}

/** Lets the last character stand for one more of the line. */
function lengthen(form: Form, [, end]: [number, number]) {
  const last = form.spans.at(-1);
  if (last) form.spans[form.spans.length - 1] = [last[0], end];
}

function append(form: Form, folded: string, span: [number, number], isStart: boolean) {
  const last = form.spans.at(-1);
  if (last && isVoicing.test(folded)) {
    const composed = `${form.folded.at(-1)}${folded}`.normalize('NFC');
    if (composed.length === 1) {
      form.folded = form.folded.slice(0, -1) + composed;
      form.spans[form.spans.length - 1] = [last[0], span[1]];
      return;
    }
  }
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
    spelling: 'plain',
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
