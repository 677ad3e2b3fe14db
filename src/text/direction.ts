// Which way up a page's text is, and how far it is tilted, by the polygons of its words. Their first corner is the top
// left of the text, so that the text of a page on its side has polygons on their sides
// (https://docs.aws.amazon.com/textract/latest/dg/text-location.html). Pure.
import type { DetectedWord, Polygon } from './detected-text.ts';
import { normalizeRotation, type Rotation, type Size } from './rotated-polygons.ts';

export interface Direction {
  /** How the text is turned on the image, in degrees clockwise: 90 means that it reads from top to bottom. */
  turned: Rotation;
  /** How much further it is tilted, in degrees clockwise, from -45 to 45. Missing where lines are not parallel. */
  tilt?: number;
}

interface Measured {
  /** Degrees clockwise, from -180 to 180. */
  angle: number;
  letters: number;
  /** Letters count as far as they are certain. */
  weight: number;
}

const minWords = 5;
const minLetters = 20;
/** Words below this confidence say nothing about the page: they may be noise, or text that was read upside down. */
const minConfidence = 50;
/** The share of the weight that has to agree. */
const minShare = 0.8;
/** How far words of one page may differ in their tilt, in degrees, and a page still have one. */
const maxSpread = 2;

/** `undefined`: there are too few words, or they do not agree. */
export function findDirection(
  words: Pick<DetectedWord, 'text' | 'confidence' | 'polygon'>[],
  size: Size,
): Direction | undefined {
  const measured = words
    .filter(({ confidence }) => confidence >= minConfidence)
    .flatMap((word) => measure(word, size))
    .filter(({ letters }) => letters > 0);
  const letters = measured.reduce((sum, word) => sum + word.letters, 0);
  if (measured.length < minWords || letters < minLetters) return undefined;
  const turned = heaviestTurn(measured);
  const agreeing = measured.filter(({ angle }) => normalizeRotation(angle) === turned);
  if (weightOf(agreeing) < minShare * weightOf(measured)) return undefined;
  const tilt = tiltOf(agreeing.map((word) => ({ ...word, angle: wrap(word.angle - turned) })));
  return { turned, ...(tilt === undefined ? {} : { tilt }) };
}

function measure(
  { text, confidence, polygon }: Pick<DetectedWord, 'text' | 'confidence' | 'polygon'>,
  size: Size,
): Measured[] {
  const letters = text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  const angle = angleOf(polygon, size);
  return angle === undefined ? [] : [{ angle, letters, weight: (letters * confidence) / 100 }];
}

/** Along the text, measured in pixels: fractions of width and height have different lengths. */
function angleOf([p0, p1, p2, p3]: Polygon, { width, height }: Size): number | undefined {
  const x = (p1.x + p2.x - p0.x - p3.x) * width;
  const y = (p1.y + p2.y - p0.y - p3.y) * height;
  return x === 0 && y === 0 ? undefined : (Math.atan2(y, x) * 180) / Math.PI;
}

function heaviestTurn(words: Measured[]): Rotation {
  const weights = new Map<Rotation, number>();
  for (const { angle, weight } of words) {
    const turn = normalizeRotation(angle);
    weights.set(turn, (weights.get(turn) ?? 0) + weight);
  }
  return [...weights].reduce((best, other) => (other[1] > best[1] ? other : best), [0, 0] as const)[0];
}

/** The weighted median, to a hundredth of a degree; `undefined` where too many words are tilted otherwise. */
function tiltOf(words: Measured[]): number | undefined {
  const sorted = words.toSorted((one, other) => one.angle - other.angle);
  const half = weightOf(words) / 2;
  let before = 0;
  const median = sorted.find(({ weight }) => {
    before += weight;
    return before >= half;
  })?.angle;
  if (median === undefined) return undefined;
  const near = words.filter(({ angle }) => Math.abs(angle - median) <= maxSpread);
  return weightOf(near) < minShare * weightOf(words) ? undefined : Math.round(median * 100) / 100 + 0;
}

function weightOf(words: Measured[]): number {
  return words.reduce((sum, { weight }) => sum + weight, 0);
}

/** To the range from -180 to 180. */
function wrap(degrees: number): number {
  return ((((degrees + 180) % 360) + 360) % 360) - 180;
}
