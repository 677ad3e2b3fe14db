// Reads the text of one line: a port with two implementations, PP-OCR's recognition model and Tesseract.
import type { RgbImage } from './image.ts';

export interface PlacedLetter {
  text: string;
  /** 0 to 1. */
  probability: number;
  /** Roughly the middle of it, in pixels of the line's image. */
  middle: number;
}

export interface ReadWord {
  text: string;
  /** 0 to 100, as this reader sees it. */
  confidence: number;
  /** Where it begins and ends, in pixels of the line's image. */
  from: number;
  to: number;
  /** From left to right. Missing where the reader does not know. */
  letters?: PlacedLetter[];
}

export interface LineReader {
  /** What it wants to see above and below the detected line, in heights of the line. */
  margin: number;
  /** The words of a level line (`cutLine`), in reading order: those of Arabic or Hebrew from right to left. */
  read(line: RgbImage): Promise<ReadWord[]>;
  /** From the confidences of all words of a page, what the page answers for each: 80 and more is not marked as doubtful. */
  calibrate(page: readonly number[]): (confidence: number) => number;
  close(): Promise<void>;
}
