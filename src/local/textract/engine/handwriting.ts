// Tells handwriting from print by how alike a line's letters stand: a typeface sets letters on one line, gives equal letters one height,
// parts most of them, and has level strokes. The record docs/decisions/0057 says how well that works, and how the weights were found.
import type { TextType } from '../../../text/detected-text.ts';
import type { RgbImage } from './image.ts';
import { type LetterShape, measureLetters } from './letter-shapes.ts';
import type { ReadWord } from './line-reader.ts';

/** What a line's letters say. */
export interface Evidence {
  letters: number;
  /** The logarithm of the odds that it is handwriting. */
  odds: number;
}

/** Fewer letters say too little. */
const minLetters = 4;
/** Letters that are known for where they stand, and that the reader is this sure of, on average, are Latin and no other script's. */
const knownPart = 0.6;
const sureFrom = 0.8;

const digits = '0123456789';
const onBaseline = 'abcdehiklmnorstuvwxzABDEFGHIKLMNPRTVWXZ';
const small = 'acemnorsuvwxz';
const tall = 'bdfhklABDEFGHIKLMNPRTVWXZ';
const maxSlope = 0.06;

/** Each mark is the logarithm of a mean, in letter heights, with `expected` counted in twice for lines that have few such letters. `offset`: added before the logarithm. */
const marks = {
  bottoms: { expected: 0.035, max: 0.113, offset: 0.007 },
  tops: { expected: 0.042, max: 0.113, offset: 0.007 },
  heights: { expected: 0.05, max: 0.12, offset: 0.01 },
};
const expectedWeight = 2;
const expectedApart = 0.6;
const weights = { bottoms: 2.27, tops: 5.58, heights: 1.36, apart: -3.42, level: -2.93 };
const intercept = 21.71;

/** A page's other lines count by this part, each line by its letters, with this many letters in doubt added. */
const otherLines = 0.5;
const doubtfulLetters = 20;
const maxLetters = 40;
const maxOdds = 5;
/** Between these a line is neither. */
const [printedBelow, handwritingFrom] = [-2, 2.7];

/** `undefined` where the letters are too few, or not surely Latin ones. */
export function weighLetters(line: RgbImage, words: readonly ReadWord[]): Evidence | undefined {
  const read = words.flatMap(({ letters = [] }) => letters);
  const known = read.filter(({ text }) => /[\p{Script=Latin}0-9]/u.test(text)).length;
  const sureness = read.reduce((sum, { probability }) => sum + probability, 0);
  if (known < Math.max(minLetters, knownPart * read.length) || sureness < sureFrom * read.length)
    return undefined;
  const shapes = measureLetters(line, words);
  if (shapes.length < minLetters) return undefined;
  const found = markLetters(shapes);
  const odds = (Object.keys(found) as (keyof typeof found)[]).reduce(
    (sum, name) => sum + weights[name] * found[name],
    intercept,
  );
  return { letters: known, odds };
}

/** How unlike each other a line's letters stand. */
export function markLetters(shapes: readonly LetterShape[]) {
  const height = median(shapes.map(({ top, bottom }) => bottom - top));
  const slope = slopeOf(shapes.filter(({ text }) => onBaseline.includes(text) || digits.includes(text)));
  const steps = (edge: 'top' | 'bottom', ...kinds: string[]) =>
    kinds.flatMap((kind) => {
      const places = shapes
        .filter(({ text }) => kind.includes(text))
        .map((shape) => shape[edge] - slope * middleOf(shape));
      return places.slice(1).map((place, i) => Math.abs(place - (places[i] as number)) / height);
    });
  const joints = shapes.flatMap(({ isApart }) => isApart ?? []);
  const sum = (of: 'edges' | 'levelEdges') => shapes.reduce((total, shape) => total + shape[of], 0);
  return {
    bottoms: mark(steps('bottom', onBaseline, digits), marks.bottoms),
    tops: mark(steps('top', small, tall, digits), marks.tops),
    heights: mark(
      nearestHeights(shapes).map((value) => value / height),
      marks.heights,
    ),
    apart:
      (joints.filter(Boolean).length + expectedWeight * expectedApart) / (joints.length + expectedWeight),
    level: Math.log(sum('levelEdges') / (sum('edges') + 1) + 0.01),
  };
}

function mark(values: number[], { expected, max, offset }: (typeof marks)['tops']): number {
  const sum = values.reduce((total, value) => total + Math.min(max, value), expectedWeight * expected);
  return Math.log(sum / (values.length + expectedWeight) + offset);
}

/** For each letter that a line has more than once, by how much its height differs from the most similar one's. */
function nearestHeights(shapes: readonly LetterShape[]): number[] {
  const byText = new Map<string, number[]>();
  for (const { text, top, bottom } of shapes) {
    if (/[\p{L}\p{N}]/u.test(text)) byText.set(text, [...(byText.get(text) ?? []), bottom - top]);
  }
  return [...byText.values()].flatMap((heights) => {
    if (heights.length < 2) return [];
    const sorted = heights.sort((a, b) => a - b);
    return sorted.map((value, i) =>
      Math.min(
        value - (sorted[i - 1] ?? Number.NEGATIVE_INFINITY),
        (sorted[i + 1] ?? Number.POSITIVE_INFINITY) - value,
      ),
    );
  });
}

/** Of the line on which letters stand, by pairs that are half the line apart. */
function slopeOf(shapes: readonly LetterShape[]): number {
  const half = shapes.length >> 1;
  const slopes = shapes.slice(half).map((far, i) => {
    const near = shapes[i] as LetterShape;
    return (far.bottom - near.bottom) / Math.max(1, middleOf(far) - middleOf(near));
  });
  if (half < 2) return 0;
  return Math.min(maxSlope, Math.max(-maxSlope, median(slopes)));
}

function middleOf({ from, to }: LetterShape): number {
  return (from + to) / 2;
}

function median(values: number[]): number {
  const sorted = values.sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[half] as number)
    : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}

/** What each of a page's lines is, by its own letters and, less, by those of the others. */
export function tellTextTypes(lines: readonly (Evidence | undefined)[]): (TextType | undefined)[] {
  const shares = lines.map((line) => {
    if (!line) return { letters: 0, odds: 0 };
    const letters = Math.min(maxLetters, line.letters);
    return { letters, odds: letters * Math.min(maxOdds, Math.max(-maxOdds, line.odds)) };
  });
  const all = shares.reduce((a, b) => ({ letters: a.letters + b.letters, odds: a.odds + b.odds }), {
    letters: 0,
    odds: 0,
  });
  return lines.map((line, i) => {
    if (!line) return undefined;
    const own = shares[i] as Evidence;
    const others = (all.odds - own.odds) / (all.letters - own.letters + doubtfulLetters);
    const odds = line.odds + otherLines * others;
    if (odds > handwritingFrom) return 'handwriting';
    return odds < printedBelow ? 'printed' : undefined;
  });
}
