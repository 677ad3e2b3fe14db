// Lines that a person added by hand: their place in the reading order, and a default position without a box. Pure; all
// polygons share one orientation.
import { type ReviewedLine, textOfLine } from './corrections.ts';
import type { Point, Polygon } from './detected-text.ts';

/** The client chooses the id, so that a repeated request is recognised: `m` and a ULID. */
export const addedLineId = /^m[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** A line with its place in the reading order. Detected lines have whole numbers from 1. */
export interface Placed {
  polygon: Polygon;
  place: number;
}

/** A fraction of the page. */
const minSide = 0.001;

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The place of a line with this box: a number between those of its neighbours. */
export function placeAmong(lines: Placed[], polygon: Polygon): number {
  const box = boxOf(polygon);
  const middle = (box.top + box.bottom) / 2;
  const boxes = lines.map((line) => ({ line, box: boxOf(line.polygon) }));
  const overlapping = boxes.filter(({ box: { left, right } }) => left < box.right && right > box.left);
  const lowest = maxBy(
    overlapping.filter((other) => (other.box.top + other.box.bottom) / 2 <= middle),
    (other) => other.box.bottom,
  );
  if (lowest) return after(lines, lowest.line);
  const besides = boxes.filter(({ box: { top, bottom } }) => top <= middle && bottom >= middle);
  const beside = maxBy(
    besides.filter((other) => other.box.right <= box.left),
    (other) => other.box.right,
  );
  if (beside) return after(lines, beside.line);
  const highest = maxBy(overlapping, (other) => -other.box.top);
  if (highest) return before(lines, highest.line);
  const above = maxBy(
    boxes.filter((other) => other.box.bottom <= middle),
    (other) => other.box.bottom,
  );
  if (above) return after(lines, above.line);
  return lines[0] ? before(lines, lines[0]) : 1;
}

/** Below the lowest line and as high as the others; at the top of an empty page. `width` and `height` in pixels. */
export function defaultPolygon(
  lines: ReviewedLine[],
  text: string,
  { width = 1000, height = 1414 }: { width?: number; height?: number },
): Polygon {
  const boxes = lines.filter((line) => textOfLine(line) !== '').map(({ polygon }) => boxOf(polygon));
  const heights = boxes.map(({ top, bottom }) => bottom - top).sort((one, other) => one - other);
  const high = Math.min(0.1, Math.max(0.008, heights[Math.floor(heights.length / 2)] ?? 0.02));
  const left = Math.min(0.9, Math.max(0, Math.min(...boxes.map((box) => box.left), 0.9)));
  const start = boxes.length > 0 ? left : 0.1;
  const lowest = boxes.length > 0 ? Math.max(...boxes.map(({ bottom }) => bottom)) + high * 0.6 : 0.1;
  const top = Math.min(lowest, 1 - high);
  const letter = (high * height * 0.5) / width;
  const right = Math.min(1, start + Math.max(0.05, text.length * letter));
  return polygonOf({ left: start, top, right, bottom: top + high });
}

/** Whether a box has room for text. */
export function hasArea([topLeft, topRight, , bottomLeft]: Point[]): boolean {
  const lengthOf = (one?: Point, other?: Point) =>
    one && other ? Math.hypot(other.x - one.x, other.y - one.y) : 0;
  return Math.min(lengthOf(topLeft, topRight), lengthOf(topLeft, bottomLeft)) >= minSide;
}

function after(lines: Placed[], line: Placed): number {
  const next = lines.map(({ place }) => place).filter((place) => place > line.place);
  return next.length > 0 ? (line.place + Math.min(...next)) / 2 : Math.floor(line.place) + 1;
}

function before(lines: Placed[], line: Placed): number {
  const previous = lines.map(({ place }) => place).filter((place) => place < line.place);
  return (Math.max(0, ...previous) + line.place) / 2;
}

function boxOf(polygon: Polygon): Box {
  const [xs, ys] = [polygon.map(({ x }) => x), polygon.map(({ y }) => y)];
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

function polygonOf({ left, top, right, bottom }: Box): Polygon {
  return [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ];
}

function maxBy<T>(things: T[], measure: (thing: T) => number): T | undefined {
  return things.reduce<T | undefined>(
    (best, thing) => (best === undefined || measure(thing) > measure(best) ? thing : best),
    undefined,
  );
}
