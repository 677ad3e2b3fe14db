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

/** The plain text: one line of text on each line, without a line break at the end. */
export function textOf(detection: Detection): string {
  return detection.lines.map((line) => line.text).join('\n');
}
