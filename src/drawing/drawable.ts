import type { DrawingFault } from './drawing.messages.ts';

export type DrawingUse = 'reading' | 'looking';

/** A file of which pages can be drawn. */
export interface Drawable {
  pageCount: number;
  /** Copies pages to a PDF at `path`, so that they can be carried over. Throws DrawingError; a file of another type has none. */
  copyPages(numbers: number[], path: string): Promise<void>;
  /** Writes the page's (from 1) own text as a Detection, as JSON, where it is real. `false`: it has none. Throws DrawingError. */
  takeText(number: number, path: string): Promise<boolean>;
  /**
   * Draws a page as a JPEG file without metadata: good enough to be read, or to be looked at. `hadText` is whether it holds
   * any text, real or not. Throws DrawingError.
   */
  draw(number: number, path: string, use?: DrawingUse): Promise<{ hadText: boolean }>;
}

/** The file or page cannot be drawn, and retrying will not help. */
export class DrawingError extends Error {
  override name = 'DrawingError';
  readonly fault: DrawingFault;
  constructor(fault: DrawingFault, detail: string, cause?: unknown) {
    super(detail, { cause });
    this.fault = fault;
  }
}

/** The largest side of a drawn page: the text detector's limit, and what fits in memory. */
export const maxSide = 10_000;

/** Good enough to be encoded once more as the page's image. Optimised coding would take twice the memory and time. */
export const jpegOptions = { quality: 92, chromaSubsampling: '4:4:4', optimiseCoding: false } as const;
