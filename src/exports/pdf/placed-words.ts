// Where text lies on a page: the words of a line with corrections applied, each with its polygon.
import type { DetectedLine, Point, Polygon } from '../../text/detected-text.ts';
import { blankAdvanceOf } from './blank-font.ts';
import { printableText } from './document-text.ts';

export interface PlacedWord {
  text: string;
  polygon: Polygon;
}

/**
 * In a line without corrections each word keeps its polygon. In a line that was corrected to another number of words,
 * the words share the line's polygon in proportion to their widths.
 */
export function placeWords(line: DetectedLine): PlacedWord[] {
  const texts = wordsOf(line.text);
  const detected = line.words.filter((word) => wordsOf(word.text).length > 0);
  if (texts.length === detected.length) {
    return texts.map((text, index) => ({ text, polygon: detected[index]?.polygon ?? line.polygon }));
  }
  return spread(texts, line.polygon);
}

/** Directional marks are invisible; the words' positions already give their direction. */
const directionMarks = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function wordsOf(text: string): string[] {
  return printableText(text)
    .replace(directionMarks, '')
    .split(/\s+/u)
    .filter((word) => word !== '');
}

function spread(texts: string[], [topLeft, topRight, bottomRight, bottomLeft]: Polygon): PlacedWord[] {
  const gap = 0.3;
  const widths = texts.map((text) => widthOf(text));
  const total = widths.reduce((sum, width) => sum + width, gap * Math.max(0, texts.length - 1));
  let from = 0;
  return texts.map((text, index) => {
    const to = from + (widths[index] ?? 0);
    const [start, end] = [from / total, to / total];
    from = to + gap;
    return {
      text,
      polygon: [
        between(topLeft, topRight, start),
        between(topLeft, topRight, end),
        between(bottomLeft, bottomRight, end),
        between(bottomLeft, bottomRight, start),
      ],
    };
  });
}

/** A word's width in ems in the text layer's font. Never zero, so that it can be stretched. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += blankAdvanceOf(character);
  return width || 0.3;
}

function between(a: Point, b: Point, share: number): Point {
  return { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share };
}
