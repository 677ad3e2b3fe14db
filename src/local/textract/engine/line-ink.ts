// Where ink stands in the image of a line, to set the edges of its words.
import type { RgbImage } from './image.ts';

const inkFrom = 0.4;
const leastContrast = 24;
const furthestGap = 12;
/** Strokes further apart than this, in pixels, have a space between them. */
const widestPitch = 20;
/** A row with ink in this part of its columns is a rule, not print. */
const rule = 0.8;
/** Rows through the small letters have this part of the fullest row's ink, at least. */
const smallLetters = 0.3;
/** Rows with less are a stray stroke. */
const anyLetters = 0.03;
/** How far letters reach above and below the small ones, in heights of those: what goes on is another line's. */
const [furthestUp, furthestDown] = [0.85, 0.6];
/** Where there is no ink, what a detected line leaves empty above and below its print. */
const emptyPart = 0.1;

/** The print of a line's image. */
export interface Print {
  /** Its first row, and the one after its last. */
  top: number;
  bottom: number;
  /** For each column the number of its pixels that differ from the paper. */
  ink: Uint8Array;
  /** 1 for each pixel of the print, otherwise 0. */
  mask: Uint8Array;
  /** By how much ink differs from the paper, at most 255. */
  contrast: number;
  /** The typical distance from one stroke to the next in the rows of the small letters. Infinite where there is no ink. */
  strokePitch: number;
}

const known = new WeakMap<RgbImage, Print>();

/** Finds the print, once for each image: strokes that go through the line's small letters, not the rules and lines above and below. */
export function findPrint(line: RgbImage): Print {
  const print = known.get(line) ?? lookForPrint(line);
  known.set(line, print);
  return print;
}

function lookForPrint(line: RgbImage): Print {
  const { width, height } = line;
  const { isInk, contrast } = markInk(line);
  const small = findSmallLetters(countRows(isInk, width));
  if (!small) {
    const top = Math.round(height * emptyPart);
    return {
      top,
      bottom: height - top,
      ink: new Uint8Array(width),
      mask: new Uint8Array(width * height),
      contrast,
      strokePitch: Number.POSITIVE_INFINITY,
    };
  }
  const print = strokesThrough(small, isInk, width);
  const rows = countRows(print, width);
  const least = anyLetters * Math.max(...rows);
  return {
    top: rows.findIndex((count) => count > least),
    bottom: rows.findLastIndex((count) => count > least) + 1,
    ink: countColumns(print, width),
    mask: print,
    contrast,
    strokePitch: strokePitchOf(print, width, small),
  };
}

/** Along the rows of the small letters: the length of the print without its wide gaps, for each stroke. */
function strokePitchOf(
  print: Uint8Array,
  width: number,
  { top, bottom }: { top: number; bottom: number },
): number {
  let [length, strokes] = [0, 0];
  for (let y = top; y < bottom; y++) {
    let last = Number.NEGATIVE_INFINITY;
    for (let x = 0; x < width; x++) {
      if (!print[y * width + x]) continue;
      if (x - last > 1) {
        strokes++;
        if (x - last < widestPitch) length += x - last;
      } else length++;
      last = x;
    }
  }
  return strokes === 0 ? Number.POSITIVE_INFINITY : length / strokes;
}

function countRows(isInk: Uint8Array, width: number): number[] {
  const rows = new Array<number>(isInk.length / width).fill(0);
  for (let y = 0, at = 0; y < rows.length; y++) {
    let count = 0;
    for (let x = 0; x < width; x++) count += isInk[at++] as number;
    rows[y] = count < rule * width ? count : 0;
  }
  return rows;
}

function countColumns(isInk: Uint8Array, width: number): Uint8Array {
  const columns = new Uint8Array(width);
  for (let start = 0; start < isInk.length; start += width) {
    for (let x = 0; x < width; x++) columns[x] = (columns[x] as number) + (isInk[start + x] as number);
  }
  return columns;
}

/** The rows around the fullest one near the middle. `undefined`: there is no ink. */
function findSmallLetters(rows: number[]): { top: number; bottom: number } | undefined {
  const quarter = rows.length / 4;
  const inner = rows.map((count, y) => (y >= quarter && y < rows.length - quarter ? count : 0));
  const most = Math.max(...inner);
  if (most === 0) return undefined;
  const isFull = (y: number) => (rows[y] ?? 0) >= smallLetters * most;
  let [top, bottom] = [inner.indexOf(most), inner.indexOf(most) + 1];
  while (isFull(top - 1)) top--;
  while (isFull(bottom)) bottom++;
  return { top, bottom };
}

/** The ink that hangs together with ink in these rows, 1 for each pixel. */
function strokesThrough(
  { top, bottom }: { top: number; bottom: number },
  isInk: Uint8Array,
  width: number,
): Uint8Array {
  const first = Math.max(0, Math.round(top - furthestUp * (bottom - top)));
  const end = Math.min(isInk.length / width, Math.round(bottom + furthestDown * (bottom - top)));
  const found = new Uint8Array(isInk.length);
  const open = new Int32Array(isInk.length);
  let count = 0;
  const visit = (at: number) => {
    if (!isInk[at] || found[at]) return;
    found[at] = 1;
    open[count++] = at;
  };
  for (let at = top * width; at < bottom * width; at++) visit(at);
  while (count > 0) {
    const at = open[--count] as number;
    const x = at % width;
    const y = (at - x) / width;
    for (let row = Math.max(first, y - 1); row < Math.min(end, y + 2); row++) {
      for (let column = Math.max(0, x - 1); column < Math.min(width, x + 2); column++) {
        visit(row * width + column);
      }
    }
  }
  return found;
}

/** 1 for each pixel that differs from the paper, otherwise 0. */
function markInk({ data, width, height }: RgbImage): { isInk: Uint8Array; contrast: number } {
  const grey = new Uint8Array(width * height);
  const histogram = new Uint32Array(256);
  for (let i = 0; i < grey.length; i++) {
    const red = data[i * 3] as number;
    const green = data[i * 3 + 1] as number;
    const blue = data[i * 3 + 2] as number;
    const value = (0.299 * red + 0.587 * green + 0.114 * blue + 0.5) | 0;
    grey[i] = value;
    histogram[value] = (histogram[value] as number) + 1;
  }
  const quantile = (part: number) => {
    let left = grey.length * part;
    let value = 0;
    for (; value < 255; value++) {
      left -= histogram[value] as number;
      if (left <= 0) break;
    }
    return value;
  };
  const paper = quantile(0.5);
  const contrast = Math.max(paper - quantile(0.02), quantile(0.98) - paper, leastContrast);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = Math.abs((grey[i] as number) - paper) > contrast * inkFrom ? 1 : 0;
  }
  return { isInk: grey, contrast };
}

/** The widest run of columns without ink between two columns; their middle where there is none. */
export function widestGap(ink: Uint8Array, from: number, to: number): { from: number; to: number } {
  const [first, last] = [Math.max(0, Math.round(from)), Math.min(ink.length - 1, Math.round(to))];
  let best = { from: (first + last) / 2, to: (first + last) / 2 };
  let widest = 0;
  for (let x = first; x <= last; x++) {
    const start = x;
    while (x <= last && ink[x] === 0) x++;
    if (x - start > widest) {
      widest = x - start;
      best = { from: start, to: x };
    }
  }
  return best;
}

/** The end of the ink that a letter belongs to: outwards from its middle until a gap. */
export function edgeOfInk(ink: Uint8Array, middle: number, step: 1 | -1): number {
  let last = Math.min(ink.length - 1, Math.max(0, Math.round(middle)));
  for (let x = last, blank = 0; x >= 0 && x < ink.length && blank <= furthestGap; x += step) {
    blank = ink[x] === 0 ? blank + 1 : 0;
    if (ink[x] !== 0) last = x;
  }
  return step > 0 ? last + 1 : last;
}

/** The part of a stretch that begins and ends with ink; all of it where there is none. */
export function trimToInk(ink: Uint8Array, from: number, to: number): { from: number; to: number } {
  const inside = ink.subarray(Math.floor(from), Math.ceil(to));
  const first = inside.findIndex((count) => count > 0);
  if (first < 0) return { from, to };
  return {
    from: Math.floor(from) + first,
    to: Math.floor(from) + inside.findLastIndex((count) => count > 0) + 1,
  };
}
