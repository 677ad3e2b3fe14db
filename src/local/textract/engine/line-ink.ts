// Where ink stands in the image of a line, to set the edges of its words.
import type { RgbImage } from './image.ts';

const margin = 4;
const inkFrom = 0.4;
const leastContrast = 24;
const furthestGap = 12;

/** For each column of the image the number of pixels that differ from the paper. */
export function countInk({ data, width, height }: RgbImage): Uint8Array {
  const grey = new Uint8Array(width * height);
  const histogram = new Uint32Array(256);
  for (let i = 0; i < grey.length; i++) {
    const [red, green, blue] = [data[i * 3] as number, data[i * 3 + 1] as number, data[i * 3 + 2] as number];
    const value = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
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
  const ink = new Uint8Array(width);
  for (let y = margin; y < height - margin; y++) {
    for (let x = 0; x < width; x++) {
      const difference = Math.abs((grey[y * width + x] as number) - paper);
      if (difference > contrast * inkFrom) ink[x] = (ink[x] as number) + 1;
    }
  }
  return ink;
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
