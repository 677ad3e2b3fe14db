/**
 * Why a PDF could not be made:
 * - deadline: it took too long; the browser was killed
 * - crashed: the browser ended while it was rendering
 * - closed: the browser is being shut down with its program; the job may be done elsewhere
 * - no-browser: there is no browser, or it does not start
 * - page-count: the PDF does not hold the pages that it should
 * - too-large: a page, an image or the PDF is larger than allowed
 * - bad-image: an image is no JPEG or cannot be decoded
 */
export type PdfRenderFailure =
  | 'deadline'
  | 'crashed'
  | 'closed'
  | 'no-browser'
  | 'page-count'
  | 'too-large'
  | 'bad-image';

/** A PDF could not be rendered. No file is left behind. */
export class PdfRenderError extends Error {
  override name = 'PdfRenderError';
  readonly reason: PdfRenderFailure;

  constructor(reason: PdfRenderFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
