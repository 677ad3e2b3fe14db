// The lines of a page as the upright page reads, however its text lies on the image. Pure.
import type { Detection, Polygon } from './detected-text.ts';
import { type Direction, findDirection } from './direction.ts';
import type { Size } from './rotated-polygons.ts';

/**
 * The direction of the text if that is certain; then lines of a page that lies otherwise are numbered as the upright page
 * reads. They come in reading order already, and their polygons stay in the frame of the image.
 */
export function readUpright(
  detection: Detection,
  size: Size,
): { detection: Detection; direction: Direction | undefined } {
  const words = detection.lines.flatMap((line) => line.words);
  const direction = findDirection(words, size);
  if (!direction?.turned) return { detection, direction };
  const lines = detection.lines.map((line, index) => ({ ...line, id: `l${index + 1}` }));
  return { detection: { lines }, direction };
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
