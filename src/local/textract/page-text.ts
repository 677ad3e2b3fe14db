// From Tesseract's blocks, whose boxes lie level in the prepared image, to lines and words with polygons along the print.
import type { Bbox, Block, Line } from 'tesseract.js';
import type { DetectedLine, DetectedWord, Point, Polygon } from '../../text/detected-text.ts';

export type TextLine = Omit<DetectedLine, 'id'>;

type ToPage = (x: number, y: number) => Point;

const signUnsureBelow = 50;

/** Lines from top to bottom as Tesseract orders them; what stands on one height stays one line, words left to right. */
export function readLines(blocks: Block[] | null, toPage: ToPage): TextLine[] {
  return (blocks ?? [])
    .flatMap((block) => block.paragraphs)
    .flatMap((paragraph) => paragraph.lines)
    .map((line) => readLine(line, toPage))
    .filter((line) => line.words.length > 0);
}

function readLine(line: Line, toPage: ToPage): TextLine {
  const tilt = tiltOf(line);
  const legible = line.words.filter(isLegible);
  const words = legible.map(
    (word): DetectedWord => ({
      text: word.text.trim(),
      confidence: word.confidence,
      polygon: place(cornersAlong(word.bbox, tilt), toPage),
    }),
  );
  return {
    text: words.map((word) => word.text).join(' '),
    confidence: words.reduce((sum, word) => sum + word.confidence, 0) / Math.max(1, words.length),
    polygon: place(
      aroundAll(
        legible.flatMap((word) => cornersAlong(word.bbox, tilt)),
        tilt,
      ),
      toPage,
    ),
    words,
  };
}

/** Specks and rules come back as uncertain words without a letter. Uncertain words with one are often right: they stay. */
function isLegible(word: { text: string; confidence: number }): boolean {
  const text = word.text.trim();
  return /[\p{L}\p{N}]/u.test(text) || (text !== '' && word.confidence >= signUnsureBelow);
}

/** What tilt a line has left in the levelled image, in radians. Short lines' baselines are too uncertain to follow. */
function tiltOf({ baseline, bbox }: Line): number {
  const run = baseline.x1 - baseline.x0;
  const tilt = Math.atan2(baseline.y1 - baseline.y0, run);
  const height = bbox.y1 - bbox.y0 - run * Math.abs(Math.tan(tilt));
  return run > 6 * height && height > 0 && Math.abs(tilt) < 0.18 ? tilt : 0;
}

/** The corners of the rectangle, turned by the tilt, that the level box is the bounds of; clockwise from the top left. */
function cornersAlong({ x0, y0, x1, y1 }: Bbox, tilt: number): Point[] {
  const [width, height] = [x1 - x0, y1 - y0];
  const [cos, sin] = [Math.cos(tilt), Math.abs(Math.sin(tilt))];
  const along = (width * cos - height * sin) / (cos * cos - sin * sin);
  const across = (height * cos - width * sin) / (cos * cos - sin * sin);
  if (along < width * 0.5 || across < height * 0.5) return turnedRectangle(x0, y0, x1, y1, 0);
  const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
  return turnedRectangle(x - along / 2, y - across / 2, x + along / 2, y + across / 2, tilt);
}

function turnedRectangle(x0: number, y0: number, x1: number, y1: number, tilt: number): Point[] {
  const centre = { x: (x0 + x1) / 2, y: (y0 + y1) / 2 };
  return [
    { x: x0, y: y0 },
    { x: x1, y: y0 },
    { x: x1, y: y1 },
    { x: x0, y: y1 },
  ].map((corner) => turn(corner, centre, tilt));
}

/** The smallest rectangle with that tilt around all points. */
function aroundAll(points: Point[], tilt: number): Point[] {
  const origin = { x: 0, y: 0 };
  const level = points.map((point) => turn(point, origin, -tilt));
  const xs = level.map((point) => point.x);
  const ys = level.map((point) => point.y);
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  return turnedRectangle(x0, y0, x1, y1, 0).map((corner) => turn(corner, origin, tilt));
}

function turn(point: Point, centre: Point, angle: number): Point {
  const [dx, dy] = [point.x - centre.x, point.y - centre.y];
  return {
    x: centre.x + dx * Math.cos(angle) - dy * Math.sin(angle),
    y: centre.y + dx * Math.sin(angle) + dy * Math.cos(angle),
  };
}

function place(corners: Point[], toPage: ToPage): Polygon {
  const inside = (part: number) => Math.min(1, Math.max(0, part));
  return corners.map((corner) => {
    const point = toPage(corner.x, corner.y);
    return { x: inside(point.x), y: inside(point.y) };
  }) as Polygon;
}
