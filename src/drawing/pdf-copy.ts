// Copies pages of a PDF to a file of their own. PDFium reads also damaged files and those that are encrypted without a
// password, and writes a plain one: a cross-reference table, and each object by itself.
import { closeSync, openSync, writeSync } from 'node:fs';
import { DrawingError } from './drawable.ts';
import { loadFlatPage } from './flat-page.ts';
import { giveWriter } from './pdfium.ts';
import type { Pdfium } from './pdfium-module.ts';

/** The numbers begin with 1. What several pages share, such as fonts, is copied once. Throws DrawingError. */
export function copyPages(pdfium: Pdfium, document: number, numbers: number[], to: string) {
  for (const number of numbers) pdfium._FPDF_ClosePage(loadFlatPage(pdfium, document, number));
  const copy = pdfium._FPDF_CreateNewDocument();
  const indexes = pdfium.wasmExports.malloc(numbers.length * 4);
  try {
    pdfium.HEAP32.set(
      numbers.map((number) => number - 1),
      indexes / 4,
    );
    if (pdfium._FPDF_ImportPagesByIndex(copy, document, indexes, numbers.length, 0) !== 1)
      throw new DrawingError('page-unreadable', 'PDFium cannot copy the pages');
    save(pdfium, copy, to);
  } finally {
    pdfium.wasmExports.free(indexes);
    pdfium._FPDF_CloseDocument(copy);
  }
}

function save(pdfium: Pdfium, document: number, to: string) {
  const file = openSync(to, 'wx', 0o600);
  const writing = giveWriter(pdfium, (block) => {
    let written = 0;
    while (written < block.length) written += writeSync(file, block, written);
  });
  try {
    if (pdfium._FPDF_SaveAsCopy(document, writing, 0) !== 1)
      throw new DrawingError('page-unreadable', 'PDFium cannot save the pages');
  } finally {
    pdfium.wasmExports.free(writing);
    closeSync(file);
  }
}
