// Boxes of words, which may be rotated: the gap between two, the union of several, and one divided among words.
import type { Point, Polygon } from './detected-text.ts';

interface Boxed {
  polygon: Polygon;
}

/** The space between two words, a little narrower, so that a word in it touches neither. */
export function gapBetween(before: Boxed | undefined, after: Boxed | undefined): Polygon | undefined {
  if (!before || !after) return undefined;
  const [, topLeft, bottomLeft] = before.polygon;
  const [topRight, , , bottomRight] = after.polygon;
  const along = axesOf([before.polygon]).along;
  if ((topRight.x - topLeft.x) * along.x + (topRight.y - topLeft.y) * along.y <= 0) return undefined;
  return partOf([topLeft, topRight, bottomRight, bottomLeft], 0.08, 0.92);
}

/** The box around words, along their reading direction. */
export function unionOf(words: Boxed[]): Polygon {
  const polygons = words.map((word) => word.polygon);
  const [only] = polygons as [Polygon];
  if (polygons.length === 1) return only;
  const { along, down } = axesOf(polygons);
  const determinant = along.x * down.y - along.y * down.x;
  const end = polygons.at(-1) as Polygon;
  if (Math.abs(determinant) < 1e-12) return [only[0], end[1], end[2], only[3]];
  const origin = only[0];
  // affine coordinates, since fractions of x and y have different lengths
  const corners = polygons.flat().map(({ x, y }) => ({
    along: ((x - origin.x) * down.y - (y - origin.y) * down.x) / determinant,
    down: ((y - origin.y) * along.x - (x - origin.x) * along.y) / determinant,
  }));
  const [left, right] = extentOf(corners.map((corner) => corner.along));
  const [top, bottom] = extentOf(corners.map((corner) => corner.down));
  const at = (right: number, low: number): Point => ({
    x: origin.x + right * along.x + low * down.x,
    y: origin.y + right * along.y + low * down.y,
  });
  return [at(left, top), at(right, top), at(right, bottom), at(left, bottom)];
}

function extentOf(values: number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

/** The directions in which words run and letters stand. Longer words count more. */
function axesOf(polygons: Polygon[]): { along: Point; down: Point } {
  const sum = { along: { x: 0, y: 0 }, down: { x: 0, y: 0 } };
  for (const [topLeft, topRight, bottomRight, bottomLeft] of polygons) {
    sum.along.x += topRight.x - topLeft.x + bottomRight.x - bottomLeft.x;
    sum.along.y += topRight.y - topLeft.y + bottomRight.y - bottomLeft.y;
    sum.down.x += bottomLeft.x - topLeft.x + bottomRight.x - topRight.x;
    sum.down.y += bottomLeft.y - topLeft.y + bottomRight.y - topRight.y;
  }
  return sum;
}

/** Divides a box among words by their lengths, with a letter's width between them. */
export function spread(texts: string[], polygon: Polygon, from: number[]) {
  const total = texts.reduce((sum, text) => sum + text.length, 0) + Math.max(0, texts.length - 1);
  let before = 0;
  return texts.map((text) => {
    const [start, end] = [before / total, (before + text.length) / total];
    before += text.length + 1;
    return { text, from, polygon: texts.length === 1 ? polygon : partOf(polygon, start, end) };
  });
}

function partOf([topLeft, topRight, bottomRight, bottomLeft]: Polygon, from: number, to: number): Polygon {
  return [
    between(topLeft, topRight, from),
    between(topLeft, topRight, to),
    between(bottomLeft, bottomRight, to),
    between(bottomLeft, bottomRight, from),
  ];
}

function between(start: Point, end: Point, share: number): Point {
  return { x: start.x + (end.x - start.x) * share, y: start.y + (end.y - start.y) * share };
}

export function widthOf([topLeft, topRight]: Polygon): number {
  return Math.hypot(topRight.x - topLeft.x, topRight.y - topLeft.y);
}
