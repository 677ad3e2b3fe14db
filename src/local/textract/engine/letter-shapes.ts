// Measures the ink of each letter of a line, for what tells handwriting from print.
import type { RgbImage } from './image.ts';
import { findPrint, type Print } from './line-ink.ts';
import type { PlacedLetter, ReadWord } from './line-reader.ts';

export interface LetterShape {
  text: string;
  /** The box of its ink, in pixels. */
  from: number;
  to: number;
  top: number;
  bottom: number;
  /** Whether a column without ink parts it from the word's next letter. `undefined` at a word's end. */
  isApart: boolean | undefined;
  /** How much the colour changes at its edges, and how much of that at edges that are nearly level. */
  edges: number;
  levelEdges: number;
}

/** Of the distance between two letters' middles: the part next to each in which they are not cut. */
const uncut = 0.2;
/** What a column's distance from the middle counts in pixels of ink. */
const perColumnAside = 0.05;
/** Changes of colour weaker than this part of the contrast are grain. */
const leastChange = 0.25;
/** Edges that rise by less than one in this many are level. */
const levelRun = 10;

/** The letters that have ink, from left to right. Empty where the reader does not say where letters are. */
export function measureLetters(line: RgbImage, words: readonly ReadWord[]): LetterShape[] {
  const print = findPrint(line);
  return words.flatMap((word) => measureWord(line, print, word));
}

function measureWord(line: RgbImage, print: Print, { letters = [], from, to }: ReadWord): LetterShape[] {
  const ends = letters.map(
    (letter, i) => endOf(print.ink, letter, letters[i + 1]) ?? Math.min(line.width, Math.ceil(to)),
  );
  return letters.flatMap(({ text }, i) => {
    const columns = { from: ends[i - 1] ?? Math.max(0, Math.floor(from)), to: ends[i] as number };
    const box = boxOf(line.width, print, columns);
    if (!box) return [];
    const isApart = i + 1 < letters.length ? print.ink[columns.to] === 0 : undefined;
    return [{ text, ...box, isApart, ...measureEdges(line, print, box) }];
  });
}

/** The column with the least ink between a letter and the next. */
function endOf(ink: Uint8Array, letter: PlacedLetter, next: PlacedLetter | undefined): number | undefined {
  if (!next) return undefined;
  const aside = uncut * (next.middle - letter.middle);
  const middle = (letter.middle + next.middle) / 2;
  let [end, least] = [Math.round(middle), Number.POSITIVE_INFINITY];
  for (let x = Math.round(letter.middle + aside); x <= Math.round(next.middle - aside); x++) {
    const cost = (ink[x] ?? 0) + perColumnAside * Math.abs(x - middle);
    if (cost < least) [end, least] = [x, cost];
  }
  return end;
}

type Box = Pick<LetterShape, 'from' | 'to' | 'top' | 'bottom'>;

function boxOf(
  width: number,
  { mask, ...print }: Print,
  columns: { from: number; to: number },
): Box | undefined {
  let [from, to, top, bottom] = [columns.to, columns.from, print.bottom, print.top];
  for (let x = columns.from; x < columns.to; x++) {
    if (!print.ink[x]) continue;
    from = Math.min(from, x);
    to = x + 1;
    for (let y = print.top; y < top; y++) if (mask[y * width + x]) top = y;
    for (let y = print.bottom - 1; y >= bottom; y--) if (mask[y * width + x]) bottom = y + 1;
  }
  return to > from && bottom > top ? { from, to, top, bottom } : undefined;
}

/** By the differences of the green channel from left to right and from above to below. */
function measureEdges({ data, width, height }: RgbImage, print: Print, { from, to }: Box) {
  const row = width * 3;
  const least = leastChange * print.contrast;
  const [first, end] = [Math.max(1, from), Math.min(width - 1, to)];
  let [edges, levelEdges] = [0, 0];
  for (let y = Math.max(1, print.top); y < Math.min(height - 1, print.bottom); y++) {
    let at = y * row + first * 3 + 1;
    for (let x = first; x < end; x++, at += 3) {
      const across = Math.abs((data[at + 3] as number) - (data[at - 3] as number));
      const down = Math.abs((data[at + row] as number) - (data[at - row] as number));
      if (across + down < least) continue;
      edges += across + down;
      if (across * levelRun < down) levelEdges += across + down;
    }
  }
  return { edges, levelEdges };
}
