// Reads a page: finds its lines, turns the page upright, reads line by line, and puts the lines in order.
import type { Point, Polygon, TextType } from '../../../text/detected-text.ts';
import type { TextLine } from '../text-line.ts';
import { type DirectionFinder, turnedOver } from './direction.ts';
import { type Evidence, tellTextTypes, weighLetters } from './handwriting.ts';
import { cutLine, decodePage, type Place, type Quad, type RgbImage, sidesOf } from './image.ts';
import { findPrint } from './line-ink.ts';
import { around, orderLines, type PlacedLine } from './line-order.ts';
import type { LineReader, ReadWord } from './line-reader.ts';
import { turnPage } from './page-turning.ts';
import type { RegionDetector } from './region-detector.ts';

const longestSide = 2400;
/** A page that is tilted by more than this, in radians, is turned level before its lines are looked for again. */
const levelAbove = (4 * Math.PI) / 180;
const mostTurns = 3;
/** A line without a single word of this confidence is none, nor a page without one of the next: leaves and carpet look like print from afar. */
const noiseBelow = 30;
const legibleFrom = 60;
const certainFrom = 80;
/** Lines are this many times longer than high, at least. */
const lineShape = 2;
/** So many times its height is what a page's lines take up together before another script is thought of, */
const leastPrint = 8;
/** and so many letters stand on a stretch as long as the line is high. In Latin print there are two or more. */
const fewestLetters = 0.5;
const samples = 3;
/** Lines lower than this, in pixels, show too little of how their letters stand. */
const measurableFrom = 28;
/** Lines that are this many times higher than long run across the page's direction. */
const across = 1.8;

/** A line to try readers with. */
export interface LineSample {
  image: RgbImage;
  /** How many times longer than high it is. */
  shape: number;
}

type FindOther = (samples: LineSample[]) => Promise<LineReader | undefined>;

interface LevelPage {
  page: RgbImage;
  toOriginal(place: Place): Place;
  /** Of its lines. */
  quads: Quad[];
}

interface ReadLine {
  quad: Quad;
  /** Of the image that was read; `top` and `bottom` are its print's, in fractions of the height. */
  image: { width: number; top: number; bottom: number };
  words: ReadWord[];
  textType: TextType | undefined;
}

interface ReadPage {
  lines: ReadLine[];
  calibrated(confidence: number): number;
}

export interface PageReaderParts {
  detector: RegionDetector;
  direction: DirectionFinder;
}

/** Lines in reading order, with polygons in fractions of the upright page. Throws UnreadableDocumentError's causes as sharp gives them. */
export function createPageReader({ detector, direction }: PageReaderParts) {
  return {
    decode: (document: Uint8Array) => decodePage(document, longestSide),

    /** `findOther` is asked for another reader where this one makes nothing of the print. */
    async read(original: RgbImage, reader: LineReader, findOther?: FindOther): Promise<TextLine[]> {
      const level = await findLevelLines(original);
      let found = await readLines(level, reader);
      if (findOther && isUnread(found.lines)) {
        const other = await findOther(samplesOf(level.page, found.lines));
        if (other) found = await readLines(level, other);
      }
      const toPage = (place: Place): Point => {
        const { x, y } = level.toOriginal(place);
        return { x: inside(x / original.width), y: inside(y / original.height) };
      };
      return orderLines(placeLines(found)).map((line) => toTextLine(line, toPage));
    },
  };

  async function readLines({ page, quads }: LevelPage, reader: LineReader): Promise<ReadPage> {
    const upsideDown = await direction.isUpsideDown(page, quads, reader);
    const lines: Omit<ReadLine, 'textType'>[] = [];
    const evidence: (Evidence | undefined)[] = [];
    for (const found of quads) {
      const quad = heightened(alongPrint(upsideDown ? turnedOver(found) : found), reader.margin);
      const image = cutLine(page, quad);
      const { top, bottom } = findPrint(image);
      const { width, height } = image;
      const words = await reader.read(image);
      lines.push({ quad, image: { width, top: top / height, bottom: bottom / height }, words });
      evidence.push(sidesOf(quad).across < measurableFrom ? undefined : weighLetters(image, words));
    }
    const textTypes = tellTextTypes(evidence);
    const confidences = lines.flatMap(({ words }) => words.map(({ confidence }) => confidence));
    return {
      lines: lines.map((line, i) => ({ ...line, textType: textTypes[i] })),
      calibrated: reader.calibrate(confidences),
    };
  }

  async function findLevelLines(original: RgbImage): Promise<LevelPage> {
    let page = original;
    let toOriginal = (place: Place) => place;
    let { quads, angle } = await detector.find(page);
    let turnedBy = 0;
    let isCut = Math.abs(angle) <= levelAbove;
    for (let turn = 0; turn < mostTurns && !isCut; turn++) {
      // What is empty is cut off, so that the print is seen larger: not before the page is level, since lines are overlooked on a tilted one.
      isCut = turn > 0 && Math.abs(angle) <= levelAbove;
      turnedBy += angle;
      const print = isCut ? quads.map((quad) => quad.map(toOriginal) as Quad) : [wholeOf(original)];
      ({ page, toOriginal } = await turnPage(original, turnedBy, print));
      ({ quads, angle } = await detector.find(page));
    }
    return { page, toOriginal, quads };
  }
}

function wholeOf({ width, height }: RgbImage): Quad {
  return [
    { x: 0, y: 0 },
    { x: width, y: 0 },
    { x: width, y: height },
    { x: 0, y: height },
  ];
}

function inside(part: number): number {
  return Math.min(1, Math.max(0, part));
}

function alongPrint(quad: Quad): Quad {
  const sides = sidesOf(quad);
  const [topLeft, topRight, bottomRight, bottomLeft] = quad;
  return sides.across > across * sides.along ? [topRight, bottomRight, bottomLeft, topLeft] : quad;
}

/** The quadrilateral with this part of its height added above and below. */
function heightened([topLeft, topRight, bottomRight, bottomLeft]: Quad, margin: number): Quad {
  const beyond = (edge: Place, other: Place): Place => ({
    x: edge.x + (edge.x - other.x) * margin,
    y: edge.y + (edge.y - other.y) * margin,
  });
  return [
    beyond(topLeft, bottomLeft),
    beyond(topRight, bottomRight),
    beyond(bottomRight, topRight),
    beyond(bottomLeft, topLeft),
  ];
}

/** Whether the reader knows but few of the letters that there must be. */
function isUnread(lines: ReadLine[]): boolean {
  const printed = lines.map(shapeOf).filter((shape) => shape >= lineShape);
  const print = printed.reduce((sum, shape) => sum + shape, 0);
  const letters = lines
    .flatMap(({ words }) => words)
    .reduce((sum, { text, confidence }) => sum + (confidence >= legibleFrom ? text.length : 0), 0);
  return print >= leastPrint && letters < fewestLetters * print;
}

function samplesOf(page: RgbImage, lines: ReadLine[]): LineSample[] {
  return lines
    .map((line) => ({ line, shape: shapeOf(line) }))
    .filter(({ shape }) => shape >= lineShape)
    .sort((a, b) => b.shape - a.shape)
    .slice(0, samples)
    .map(({ line, shape }) => ({ image: cutLine(page, line.quad), shape }));
}

function shapeOf({ quad }: ReadLine): number {
  const { along, across } = sidesOf(quad);
  return along / across;
}

function placeLines({ lines, calibrated }: ReadPage): PlacedLine[] {
  const words = lines.flatMap((line) => line.words);
  // A photograph in which something looks like print. A circle is an O, a stroke an I.
  if (!words.some((word) => isMoreThanALetter(word) && word.confidence >= legibleFrom)) return [];
  return lines.flatMap((line) => placeLine(line, calibrated));
}

function placeLine(
  { quad, image, words, textType }: ReadLine,
  calibrated: (confidence: number) => number,
): PlacedLine[] {
  if (!words.some(({ confidence }) => confidence >= noiseBelow)) return [];
  const placeOf = (from: number, to: number) =>
    partOf(quad, { from, to, top: image.top, bottom: image.bottom });
  const placed = words.flatMap((word) => {
    const confidence = calibrated(word.confidence);
    // A rule or a speck may come back as a word without a letter or digit: noise, unless it is certain.
    if (!hasLetters(word) && confidence < certainFrom) return [];
    const place = placeOf(word.from / image.width, word.to / image.width);
    return { text: word.text, confidence, quad: place, ...(textType && { textType }) };
  });
  return placed.length > 0 ? [{ quad, words: placed }] : [];
}

function hasLetters({ text }: ReadWord): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

function isMoreThanALetter({ text }: ReadWord): boolean {
  return /\p{N}|\p{L}.*\p{L}|(?!\p{Script=Latin})\p{L}/u.test(text);
}

/** A part of a line's quadrilateral, in fractions of its length and height. */
function partOf(
  [topLeft, topRight, , bottomLeft]: Quad,
  { from, to, top, bottom }: { from: number; to: number; top: number; bottom: number },
): Quad {
  const at = (u: number, v: number): Place => ({
    x: topLeft.x + (topRight.x - topLeft.x) * u + (bottomLeft.x - topLeft.x) * v,
    y: topLeft.y + (topRight.y - topLeft.y) * u + (bottomLeft.y - topLeft.y) * v,
  });
  return [at(from, top), at(to, top), at(to, bottom), at(from, bottom)];
}

function toTextLine({ words }: PlacedLine, toPage: (place: Place) => Point): TextLine {
  return {
    text: words.map(({ text }) => text).join(' '),
    confidence: words.reduce((sum, { confidence }) => sum + confidence, 0) / words.length,
    polygon: around(words.map(({ quad }) => quad)).map(toPage) as Polygon,
    words: words.map((word) => ({
      text: word.text,
      confidence: word.confidence,
      polygon: word.quad.map(toPage) as Polygon,
      ...(word.textType && { textType: word.textType }),
    })),
  };
}
