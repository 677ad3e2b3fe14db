// What the text detector found on one page: lines of words in reading order.

/** A point in fractions (0 to 1) of the upright page's width and height. */
export interface Point {
  x: number;
  y: number;
}

/** Four corners, clockwise from the top left of the text; a tilted word has a tilted polygon. */
export type Polygon = [Point, Point, Point, Point];

export interface DetectedWord {
  text: string;
  /** 0 to 100, as Textract reports it. */
  confidence: number;
  polygon: Polygon;
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

export function isDoubtful(word: { confidence: number }): boolean {
  return word.confidence < doubtfulBelow;
}

export function countDoubtfulWords(detection: Detection): number {
  return detection.lines.reduce((count, line) => count + line.words.filter(isDoubtful).length, 0);
}

/** The plain text: one line of text on each line, without a line break at the end. */
export function textOf(detection: Detection): string {
  return detection.lines.map((line) => line.text).join('\n');
}
