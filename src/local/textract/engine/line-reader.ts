// Reads the text of one line: a port with two implementations, PP-OCR's recognition model and Tesseract.
import type { RgbImage } from './image.ts';

export interface ReadWord {
  text: string;
  /** 0 to 100. */
  confidence: number;
  /** Where it begins and ends, in pixels of the line's image. */
  from: number;
  to: number;
}

export interface LineReader {
  /** The words of a level line (`cutLine`), in the order in which they stand in the image, left to right. */
  read(line: RgbImage): Promise<ReadWord[]>;
  close(): Promise<void>;
}
