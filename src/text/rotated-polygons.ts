// Where things lie once the image that they lie on is rotated about its centre, on a canvas that holds all of it. Pure.
import type { Point, Polygon } from './detected-text.ts';

/** In pixels. */
export interface Size {
  width: number;
  height: number;
}

/** Degrees clockwise. */
export type Rotation = 0 | 90 | 180 | 270;

/** Normalises any multiple of 90 degrees to 0, 90, 180 or 270. */
export function normalizeRotation(degrees: number): Rotation {
  return ((((Math.round(degrees / 90) * 90) % 360) + 360) % 360) as Rotation;
}

/** The size of the rotated image, in whole pixels. */
export function rotatedSize({ width, height }: Size, degrees: number): Size {
  const { cos, sin } = directionOf(degrees);
  const [across, down] = [Math.abs(cos), Math.abs(sin)];
  return {
    width: Math.round(width * across + height * down),
    height: Math.round(width * down + height * across),
  };
}

/**
 * Rotates a polygon with its image: `size` is the image's before, `rotated` its size then. Corners keep their order, which
 * follows the text.
 */
export function rotatePolygon(
  polygon: Polygon,
  degrees: number,
  size: Size,
  rotated = rotatedSize(size, degrees),
): Polygon {
  if (degrees % 90 === 0) return turnPolygon(polygon, normalizeRotation(degrees));
  const { cos, sin } = directionOf(degrees);
  return polygon.map((point) => {
    const x = (point.x - 0.5) * size.width;
    const y = (point.y - 0.5) * size.height;
    return {
      x: 0.5 + (x * cos - y * sin) / rotated.width,
      y: 0.5 + (x * sin + y * cos) / rotated.height,
    };
  }) as Polygon;
}

/** The same by quarter turns, for which the size does not matter. */
export function turnPolygon(polygon: Polygon, turn: Rotation): Polygon {
  return turn === 0 ? polygon : (polygon.map((point) => turnPoint(point, turn)) as Polygon);
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

/** Exact for quarter turns. */
function directionOf(degrees: number): { cos: number; sin: number } {
  const radians = (degrees * Math.PI) / 180;
  if (degrees % 90 !== 0) return { cos: Math.cos(radians), sin: Math.sin(radians) };
  return { cos: Math.round(Math.cos(radians)), sin: Math.round(Math.sin(radians)) };
}
