// Reads a page: finds its lines, turns the page upright, reads line by line, and puts the lines in order.
import type { Point, Polygon } from '../../../text/detected-text.ts';
import type { TextLine } from '../text-line.ts';
import { type DirectionFinder, turnedOver } from './direction.ts';
import { cutLine, decodePage, type Place, type Quad, type RgbImage, sidesOf } from './image.ts';
import { orderLines, type PlacedLine } from './line-order.ts';
import type { LineReader, ReadWord } from './line-reader.ts';
import { turnPage } from './page-turning.ts';
import type { RegionDetector } from './region-detector.ts';

const longestSide = 2400;
/** A page that is tilted by more than this, in radians, is turned level before its lines are looked for again. */
const levelAbove = (4 * Math.PI) / 180;
const mostTurns = 2;
/** A line without a single word of this confidence is none: leaves, carpet and the like look like print from afar. */
const noiseBelow = 5;
/** Lines that are this many times higher than long run across the page's direction. */
const across = 1.8;
/** Words reach over this part of their line's quadrilateral, whose edges lie outside the letters. */
const [wordTop, wordBottom] = [0.1, 0.9];

export interface PageReaderParts {
  detector: RegionDetector;
  direction: DirectionFinder;
}

/** Lines in reading order, with polygons in fractions of the upright page. Throws UnreadableDocumentError's causes as sharp gives them. */
export function createPageReader({ detector, direction }: PageReaderParts) {
  return {
    decode: (document: Uint8Array) => decodePage(document, longestSide),

    async read(original: RgbImage, reader: LineReader): Promise<TextLine[]> {
      const level = await findLevelLines(original);
      const upsideDown = await direction.isUpsideDown(level.page, level.quads, reader);
      const lines: PlacedLine[] = [];
      for (const found of level.quads) {
        const quad = alongPrint(upsideDown ? turnedOver(found) : found);
        const image = cutLine(level.page, quad);
        const words = await reader.read(image);
        const line = placeLine(quad, image.width, words);
        if (line) lines.push(line);
      }
      const toPage = (place: Place): Point => {
        const { x, y } = level.toOriginal(place);
        return { x: inside(x / original.width), y: inside(y / original.height) };
      };
      return orderLines(lines, { upsideDown, rightToLeft: reader.rightToLeft }).map((line) =>
        toTextLine(line, toPage),
      );
    },
  };

  async function findLevelLines(original: RgbImage) {
    let page = original;
    let toOriginal = (place: Place) => place;
    let { quads, angle } = await detector.find(page);
    let turnedBy = 0;
    for (let turn = 0; turn < mostTurns && Math.abs(angle) > levelAbove; turn++) {
      turnedBy += angle;
      const print = quads.map((quad) => quad.map(toOriginal) as Quad);
      ({ page, toOriginal } = await turnPage(original, turnedBy, print));
      ({ quads, angle } = await detector.find(page));
    }
    return { page, toOriginal, quads };
  }
}

function inside(part: number): number {
  return Math.min(1, Math.max(0, part));
}

function alongPrint(quad: Quad): Quad {
  const sides = sidesOf(quad);
  const [topLeft, topRight, bottomRight, bottomLeft] = quad;
  return sides.across > across * sides.along ? [topRight, bottomRight, bottomLeft, topLeft] : quad;
}

function placeLine(quad: Quad, width: number, words: ReadWord[]): PlacedLine | undefined {
  const legible = words.filter(isLegible);
  if (!legible.some(({ confidence }) => confidence >= noiseBelow)) return undefined;
  return {
    quad,
    words: legible.map(({ text, confidence, from, to }) => ({
      text,
      confidence,
      quad: partOf(quad, from / width, to / width),
    })),
  };
}

/** The part of a line's quadrilateral that a word takes up. */
function partOf([topLeft, topRight, , bottomLeft]: Quad, from: number, to: number): Quad {
  const at = (u: number, v: number): Place => ({
    x: topLeft.x + (topRight.x - topLeft.x) * u + (bottomLeft.x - topLeft.x) * v,
    y: topLeft.y + (topRight.y - topLeft.y) * u + (bottomLeft.y - topLeft.y) * v,
  });
  return [at(from, wordTop), at(to, wordTop), at(to, wordBottom), at(from, wordBottom)];
}

/** A rule or a speck may come back as a word without a letter or digit: noise, unless it is certain. */
function isLegible({ text, confidence }: ReadWord): boolean {
  return /[\p{L}\p{N}]/u.test(text) || confidence >= 80;
}

function toTextLine({ words, quad }: PlacedLine, toPage: (place: Place) => Point): TextLine {
  return {
    text: words.map(({ text }) => text).join(' '),
    confidence: words.reduce((sum, { confidence }) => sum + confidence, 0) / words.length,
    polygon: quad.map(toPage) as Polygon,
    words: words.map((word) => ({
      text: word.text,
      confidence: word.confidence,
      polygon: word.quad.map(toPage) as Polygon,
    })),
  };
}
