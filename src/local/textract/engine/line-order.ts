// Puts the lines of a level page in reading order, and joins what stands on one height.

import type { DetectedWord, Polygon } from '../../../text/detected-text.ts';
import { inReadingOrder } from '../../../text/reading-order.ts';
import type { Place, Quad } from './image.ts';

interface PlacedWord {
  text: string;
  confidence: number;
  quad: Quad;
}

export interface PlacedLine {
  quad: Quad;
  words: PlacedWord[];
}

/** Lines whose middles differ by less than this part of their height stand in one row. */
const sameRow = 0.4;

interface Item {
  line: PlacedLine;
  /** Of the line's middle, along the print and down the page. */
  along: number;
  down: number;
  height: number;
}

/**
 * Column by column where the page is set in columns, otherwise row by row; the parts of a row are one line, so that a receipt's
 * names and amounts stay together. `upsideDown`: the page's bottom is the text's top.
 */
export function orderLines(
  lines: PlacedLine[],
  { upsideDown, rightToLeft }: { upsideDown: boolean; rightToLeft: boolean },
): PlacedLine[] {
  const sign = upsideDown ? -1 : 1;
  const items = lines.map((line): Item => {
    const [topLeft, , bottomRight, bottomLeft] = line.quad;
    return {
      line,
      along: (sign * (topLeft.x + bottomRight.x)) / 2,
      down: (sign * (topLeft.y + bottomRight.y)) / 2,
      height: Math.hypot(bottomLeft.x - topLeft.x, bottomLeft.y - topLeft.y),
    };
  });
  const rows = rowsOf(items).map((row) => (rightToLeft ? row.toReversed() : row));
  const inRows = rows.flat();
  const ordered = inReadingOrder(inRows.map((item) => ({ ...shapeOf(item.line, sign), item })));
  const rowOf = new Map(rows.flatMap((row, index) => row.map((item) => [item, index] as const)));
  const joined: { row: number; parts: PlacedLine[] }[] = [];
  for (const { item } of ordered) {
    const row = rowOf.get(item) as number;
    const last = joined.at(-1);
    if (last?.row === row) last.parts.push(item.line);
    else joined.push({ row, parts: [item.line] });
  }
  return joined.map(({ parts }) => joinParts(parts));
}

/** From top to bottom; within a row from left to right. */
function rowsOf(items: Item[]): Item[][] {
  const rows: { items: Item[]; down: number; height: number }[] = [];
  for (const item of items.toSorted((a, b) => a.down - b.down)) {
    const row = rows.at(-1);
    if (row && item.down - row.down / row.items.length < sameRow * Math.min(item.height, row.height)) {
      row.items.push(item);
      row.down += item.down;
    } else rows.push({ items: [item], down: item.down, height: item.height });
  }
  return rows.map((row) => row.items.toSorted((a, b) => a.along - b.along));
}

/** As `inReadingOrder` takes a line, in fractions of the printed area. */
function shapeOf({ quad, words }: PlacedLine, sign: number): { polygon: Polygon; words: DetectedWord[] } {
  const polygon = quad.map(({ x, y }) => ({ x: sign * x, y: sign * y })) as Polygon;
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
