// Renders HTML to a verified PDF file. The browser can reach nothing but the given HTML and images.
import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Browser, Page } from 'puppeteer-core';
import type { InFlight } from '../../runtime/in-flight.ts';
import { inSpan } from '../../runtime/trace.ts';
import type { BrowserSupervisor } from './browser.supervisor.ts';
import { documentUrl } from './document-origin.ts';
import { serveDocument } from './document-server.ts';
import { countPdfPages } from './pdf-page-count.ts';
import { PdfRenderError } from './pdf-render.error.ts';
import { createSparePages, type SparePages } from './spare-page.ts';

export interface PdfLimits {
  htmlCharacters: number;
  images: number;
  imageBytes: number;
  pdfBytes: number;
  pages: number;
}

export interface PdfJob {
  html: string;
  /** Image n is shown by the document's `imageUrl(n)`: a JPEG, read when the browser requests it. */
  images?: ReadonlyArray<() => Promise<Buffer>>;
  /** How many pages the PDF must have. */
  expectedPages?: number;
  /** The path of the PDF. Removed when rendering fails. */
  outputFile: string;
  deadlineMs: number;
  signal?: AbortSignal;
}

export interface RenderedPdf {
  path: string;
  sizeBytes: number;
  pageCount: number;
}

const defaultLimits: PdfLimits = {
  htmlCharacters: 64 * 1024 * 1024,
  images: 1000,
  imageBytes: 12 * 1024 * 1024,
  pdfBytes: 2 * 1024 * 1024 * 1024,
  pages: 10_000,
};

/** Renders PDFs with the supervised browser. */
export function createPdfRenderer(dependencies: {
  supervisor: BrowserSupervisor;
  limits?: Partial<PdfLimits>;
  /** Tracks work that continues after a PDF is rendered. */
  track?: InFlight['track'];
}) {
  const { supervisor, track = (work) => work } = dependencies;
  const limits = { ...defaultLimits, ...dependencies.limits };
  const sparePages = createSparePages({ track });

  /** Throws PdfRenderError, errors of reading an image, or the signal's reason. A failed PDF leaves no file. */
  async function render(job: PdfJob): Promise<RenderedPdf> {
    if (job.html.length > limits.htmlCharacters) throw tooLarge('text');
    if ((job.images?.length ?? 0) > limits.images) throw tooLarge('number of images');
    try {
      await supervisor.run((browser, signal) => print({ job, browser, sparePages, signal, limits }), job);
      const [{ size }, pageCount] = await Promise.all([stat(job.outputFile), countPdfPages(job.outputFile)]);
      checkPages(pageCount, job.expectedPages, limits);
      return { path: job.outputFile, sizeBytes: size, pageCount };
    } catch (error) {
      await rm(job.outputFile, { force: true });
      throw error;
    }
  }

  return { render };
}

export type PdfRenderer = ReturnType<typeof createPdfRenderer>;

function checkPages(
  found: number | undefined,
  expected: number | undefined,
  limits: PdfLimits,
): asserts found {
  if (!found || (expected !== undefined && found !== expected)) {
    throw new PdfRenderError(
      'page-count',
      `The PDF has ${found ?? 'no readable'} pages instead of ${expected ?? 'some'}.`,
    );
  }
  if (found > limits.pages) throw tooLarge('number of pages');
}

async function print(work: {
  job: PdfJob;
  browser: Browser;
  sparePages: SparePages;
  signal: AbortSignal;
  limits: PdfLimits;
}) {
  const { job, browser, sparePages, signal, limits } = work;
  const page = await sparePages.take(browser);
  const served = await serveDocument({ page, html: job.html, images: job.images ?? [], limits });
  await Promise.race([
    served.failure,
    (async () => {
      await inSpan('chromium load', async () => {
        await page.goto(documentUrl, { waitUntil: 'load', timeout: 0 });
        await checkImages(page);
      });
      await inSpan('chromium print', () =>
        writePdf({ page, file: job.outputFile, maxBytes: limits.pdfBytes, signal }),
      );
    })(),
  ]);
  sparePages.replace(browser, page);
}

/** Chromium prints nothing for an image that it cannot decode. */
async function checkImages(page: Page): Promise<void> {
  const broken = await page.evaluate(
    () => [...document.images].filter((image) => image.naturalWidth === 0).length,
  );
  if (broken > 0) throw new PdfRenderError('bad-image', `${broken} of the images cannot be displayed.`);
}

async function writePdf(work: { page: Page; file: string; maxBytes: number; signal: AbortSignal }) {
  const pdf = await work.page.createPDFStream({
    preferCSSPageSize: true,
    printBackground: true,
    tagged: true,
    outline: true,
    timeout: 0,
  });
  let written = 0;
  await pipeline(
    Readable.fromWeb(pdf as Parameters<typeof Readable.fromWeb>[0]),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        written += chunk.length;
        if (written > work.maxBytes) throw tooLarge('PDF');
        yield chunk;
      }
    },
    createWriteStream(work.file, { flags: 'wx', mode: 0o600 }),
    { signal: work.signal },
  );
}

function tooLarge(what: string): PdfRenderError {
  return new PdfRenderError('too-large', `The ${what} exceeds the limit of a PDF.`);
}
