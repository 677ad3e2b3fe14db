// Puts the lines of a level page in reading order, and joins what stands on one height.

import type { Polygon, TextType } from '../../../text/detected-text.ts';
import type { ShapedLine } from '../../../text/line-frame.ts';
import { readingRows } from '../../../text/reading-order.ts';
import type { Place, Quad } from './image.ts';

interface PlacedWord {
  text: string;
  confidence: number;
  quad: Quad;
  textType?: TextType;
}

export interface PlacedLine {
  quad: Quad;
  words: PlacedWord[];
}

/**
 * Column by column where the page is set in columns, otherwise row by row; the parts of a row are one line, so that a receipt's
 * names and amounts stay together.
 */
export function orderLines(lines: PlacedLine[]): PlacedLine[] {
  const rows = readingRows(lines.map((line) => ({ ...shapeOf(line), line })));
  return rows.map((row) => joinParts(row.map(({ line }) => line)));
}

function shapeOf({ quad, words }: PlacedLine): ShapedLine {
  const polygon = quad as Polygon;
  return { polygon, words: words.map(({ text, confidence }) => ({ text, confidence, polygon })) };
}

function joinParts(parts: PlacedLine[]): PlacedLine {
  const [first] = parts as [PlacedLine];
  if (parts.length === 1) return first;
  return { quad: around(parts.map(({ quad }) => quad)), words: parts.flatMap(({ words }) => words) };
}

/** The smallest quadrilateral along the first one's direction that holds all. */
export function around(quads: Quad[]): Quad {
  const [[origin, right]] = quads as [Quad];
  const length = Math.hypot(right.x - origin.x, right.y - origin.y) || 1;
  const [cos, sin] = [(right.x - origin.x) / length, (right.y - origin.y) / length];
  const corners = quads.flat();
  const us = corners.map(({ x, y }) => x * cos + y * sin);
  const vs = corners.map(({ x, y }) => y * cos - x * sin);
  const [left, far, top, bottom] = [Math.min(...us), Math.max(...us), Math.min(...vs), Math.max(...vs)];
  const at = (u: number, v: number): Place => ({ x: u * cos - v * sin, y: u * sin + v * cos });
  return [at(left, top), at(far, top), at(far, bottom), at(left, bottom)];
}
