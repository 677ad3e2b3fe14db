// A page is rotated by its `rotation` alone. The prepared image and the detection stay as they are and are rotated
// when read, so that a reader sees all of a rotation or nothing of it. Pure.
import type { ReviewedLine } from '../text/corrections.ts';
import type { Point, Polygon } from '../text/detected-text.ts';
import type { Page } from './page.ts';

/** Degrees clockwise. */
export type Rotation = 0 | 90 | 180 | 270;

type Turned = Pick<Page, 'rotation' | 'preparedRotation'>;

/** Normalises any multiple of 90 degrees to 0, 90, 180 or 270. */
export function normalizeRotation(degrees: number): Rotation {
  return ((((Math.round(degrees / 90) * 90) % 360) + 360) % 360) as Rotation;
}

/** Degrees clockwise from the prepared image to `rotation`, by default the page's. */
export function turnOf(page: Turned, rotation = page.rotation): Rotation {
  return normalizeRotation(rotation - (page.preparedRotation ?? page.rotation));
}

/** Sets `width` and `height` to those of the image as shown; a stored page has those of the prepared image. */
export function withShownSize<P extends Turned & { width?: number; height?: number }>(page: P): P {
  if (turnOf(page) % 180 === 0 || page.width === undefined || page.height === undefined) return page;
  return { ...page, width: page.height, height: page.width };
}

/** Rotates the coordinates. Corners keep their order, which follows the text. */
export function turnPolygon(polygon: Polygon, turn: Rotation): Polygon {
  return turn === 0 ? polygon : (polygon.map((point) => turnPoint(point, turn)) as Polygon);
}

export function turnLines(lines: ReviewedLine[], turn: Rotation): ReviewedLine[] {
  if (turn === 0) return lines;
  return lines.map((line) => ({
    ...line,
    polygon: turnPolygon(line.polygon, turn),
    words: line.words.map((word) => ({ ...word, polygon: turnPolygon(word.polygon, turn) })),
  }));
}

function turnPoint({ x, y }: Point, turn: Rotation): Point {
  switch (turn) {
    case 90:
      return { x: 1 - y, y: x };
    case 180:
      return { x: 1 - x, y: 1 - y };
    case 270:
      return { x: y, y: 1 - x };
    default:
      return { x, y };
  }
}
