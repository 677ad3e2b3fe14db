import type { DrawingFault } from './drawing.messages.ts';

/** A file of which pages can be drawn. */
export interface Drawable {
  pageCount: number;
  /** Draws a page, from 1 on, as a JPEG file without metadata. Throws DrawingError. */
  draw(number: number, path: string): Promise<{ hadText: boolean }>;
}

/** The file or the page cannot be drawn, and never will be. */
export class DrawingError extends Error {
  override name = 'DrawingError';
  readonly fault: DrawingFault;
  constructor(fault: DrawingFault, detail: string, cause?: unknown) {
    super(detail, { cause });
    this.fault = fault;
  }
}

/** As large as a page may be drawn: what the text detector takes on a side, and what fits in memory. */
export const maxSide = 10_000;

/** Good enough to be encoded once more, as the page's image; optimised, it would take twice the memory and the time. */
export const jpegOptions = { quality: 92, chromaSubsampling: '4:4:4', optimiseCoding: false } as const;
