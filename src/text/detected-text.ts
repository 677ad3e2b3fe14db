// What the text detector found on one page: lines of words in reading order.

/** A point in fractions (0 to 1) of the upright page's width and height. */
export interface Point {
  x: number;
  y: number;
}

/** Four corners, clockwise from the top left of the text; a tilted word has a tilted polygon. */
export type Polygon = [Point, Point, Point, Point];

/** What the detector takes a word for. Missing where it does not say. */
export type TextType = 'handwriting' | 'printed';

export interface DetectedWord {
  text: string;
  /** 0 to 100, as Textract reports it. */
  confidence: number;
  polygon: Polygon;
  textType?: TextType;
}

export interface DetectedLine {
  /** Unique within its page and revision. */
  id: string;
  text: string;
  confidence: number;
  polygon: Polygon;
  words: DetectedWord[];
}

export interface Detection {
  lines: DetectedLine[];
}

/** Words below this confidence are marked as unsure. */
const doubtfulBelow = 80;

/** Whether a text has no letter or digit: rules, dots, and what is found in a photograph. */
function isNoise(text: string): boolean {
  return !/[\p{L}\p{N}]/u.test(text);
}

/** Noise never is: checking it changes nothing. Handwriting always is, however confident the detector is. */
export function isDoubtful({ text, confidence, textType }: Omit<DetectedWord, 'polygon'>): boolean {
  return (confidence < doubtfulBelow || textType === 'handwriting') && !isNoise(text);
}

/** A page on which nothing but noise was found has no text. */
export function withoutNoise(detection: Detection): Detection {
  return detection.lines.every((line) => line.words.every(({ text }) => isNoise(text)))
    ? { lines: [] }
    : detection;
}

export function countDoubtfulWords(detection: Detection): number {
  return detection.lines.reduce((count, line) => count + line.words.filter(isDoubtful).length, 0);
}

/** The plain text: one line of text on each line, without a line break at the end. */
export function textOf(detection: Detection): string {
  return detection.lines.map((line) => line.text).join('\n');
}
