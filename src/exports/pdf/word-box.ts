// The rectangle that a word of the text layer fills.
import type { Point, Polygon } from '../../text/detected-text.ts';
import type { PlacedWord } from './placed-words.ts';

/** Lengths in the page's unit; `direction` is the unit vector along which the word is read. */
export interface WordBox {
  centre: Point;
  direction: Point;
  length: number;
  height: number;
}

/**
 * Readers drop letters that lie closer together than a tenth of their height as printed twice. So words get twice that
 * width, even where a polygon has no area.
 */
const narrowest = 0.2;

/**
 * The rectangle around the middle line of a word's polygon, rotated about its centre. A word that rises over its
 * length by less than its height is made level: its rectangle still covers the whole middle line, and pdftotext, which
 * splits a word where a letter lies half a point higher than the first, keeps it in one piece (docs/decisions/0007).
 */
export function boxOf({ text, polygon }: PlacedWord, page: { width: number; height: number }): WordBox {
  const [p0, p1, p2, p3] = polygon.map((point) => ({
    x: clamp(point.x) * page.width,
    y: clamp(point.y) * page.height,
  })) as Polygon;
  const along = { x: (p1.x + p2.x - p0.x - p3.x) / 2, y: (p1.y + p2.y - p0.y - p3.y) / 2 };
  const down = { x: (p3.x + p2.x - p0.x - p1.x) / 2, y: (p3.y + p2.y - p0.y - p1.y) / 2 };
  const measured = Math.hypot(along.x, along.y);
  const turned = measured > 0 ? { x: along.x / measured, y: along.y / measured } : { x: 1, y: 0 };
  const height = Math.max(Math.abs(down.y * turned.x - down.x * turned.y), 1);
  const length = Math.max(measured, narrowest * height * ([...text].length - 1), 0.5);
  const level = along.x >= 0 && Math.abs(along.y) <= height;
  const centre = { x: (p0.x + p1.x + p2.x + p3.x) / 4, y: (p0.y + p1.y + p2.y + p3.y) / 4 };
  const direction = level ? { x: 1, y: 0 } : turned;
  return { centre: inside(centre, { length, direction }, page), direction, length, height };
}

/** Text outside the page would not be part of the PDF's text. */
function clamp(fraction: number): number {
  return Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
}

/** Moves a word into the page. Only words with a clipped polygon or one without area need it. */
function inside(
  centre: Point,
  { length, direction }: Pick<WordBox, 'length' | 'direction'>,
  page: { width: number; height: number },
): Point {
  const reach = { x: (Math.abs(direction.x) * length) / 2, y: (Math.abs(direction.y) * length) / 2 };
  const margin = {
    x: Math.min(Math.max(reach.x, 1), page.width / 2),
    y: Math.min(Math.max(reach.y, 1), page.height / 2),
  };
  return {
    x: Math.min(page.width - margin.x, Math.max(margin.x, centre.x)),
    y: Math.min(page.height - margin.y, Math.max(margin.y, centre.y)),
  };
}
