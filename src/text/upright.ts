// Puts the lines of a page into the order in which the upright page reads, however its text lies on the image. Pure.
import type { DetectedLine, Detection, Polygon } from './detected-text.ts';
import { type Direction, findDirection } from './direction.ts';
import { inReadingOrder } from './reading-order.ts';
import { rotatedSize, rotatePolygon, type Size } from './rotated-polygons.ts';

/** Up to this tilt, in degrees, the text detector's own order is right. */
const levelTilt = 1;

/** The share of a line's height by which lines of one row may differ in theirs. */
const rowShare = 0.5;

/**
 * The detection in reading order, and the direction of its text if that is certain. Polygons stay in the frame of the
 * image. Text detectors order lines from the top of the image, which is not the top of a page that lies on its side.
 */
export function readUpright(
  detection: Detection,
  size: Size,
): { detection: Detection; direction: Direction | undefined } {
  const direction = findDirection(
    detection.lines.flatMap(({ words }) => words),
    size,
  );
  const degrees = direction ? -(direction.turned + (direction.tilt ?? 0)) : 0;
  if (!direction || Math.abs(degrees) <= levelTilt) return { detection, direction };
  const level = rotatedSize(size, degrees);
  const rotate = (line: DetectedLine) => mapPolygons(line, (each) => rotatePolygon(each, degrees, size));
  const rotateBack = (line: DetectedLine) =>
    mapPolygons(line, (each) => rotatePolygon(each, -degrees, level, size));
  const lines = inReadingOrder(inRows(detection.lines.map(rotate))).map(rotateBack);
  return { detection: { lines: lines.map((line, index) => ({ ...line, id: `l${index + 1}` })) }, direction };
}

export function mapPolygons<Line extends { polygon: Polygon; words: { polygon: Polygon }[] }>(
  line: Line,
  map: (polygon: Polygon) => Polygon,
): Line {
  return {
    ...line,
    polygon: map(line.polygon),
    words: line.words.map((word) => ({ ...word, polygon: map(word.polygon) })),
  };
}

/** From top to bottom, and lines beside each other from left to right. */
function inRows(lines: DetectedLine[]): DetectedLine[] {
  const placed = lines.map((line) => ({ line, ...extentOf(line.polygon) }));
  const rows: (typeof placed)[] = [];
  for (const one of placed.toSorted((a, b) => a.middle - b.middle)) {
    const row = rows.at(-1);
    const first = row?.[0];
    const isBeside =
      first && one.middle - first.middle <= rowShare * Math.min(first.height, one.height) && row;
    if (isBeside) isBeside.push(one);
    else rows.push([one]);
  }
  return rows.flatMap((row) => row.toSorted((a, b) => a.left - b.left).map(({ line }) => line));
}

function extentOf(polygon: Polygon): { left: number; middle: number; height: number } {
  const ys = polygon.map(({ y }) => y);
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  return {
    left: Math.min(...polygon.map(({ x }) => x)),
    middle: (top + bottom) / 2,
    height: bottom - top,
  };
}
