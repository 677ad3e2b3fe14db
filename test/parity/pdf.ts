import { readWithPdfium } from '../exports/pdf/readers/pdfium.reader.ts';

/** A PDF's pages and their words. Two PDFs of the same pages are never the same bytes: they hold the time and an id. */
export async function readPdf(bytes: Buffer): Promise<string> {
  const { pages } = await readWithPdfium(bytes);
  return [
    `PDF of ${pages.length} pages`,
    ...pages.map(({ text }, index) => `${index + 1}: ${text.replaceAll(/\s+/g, ' ').trim()}`),
  ].join('\n');
}
