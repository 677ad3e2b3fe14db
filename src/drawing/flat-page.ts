// Pages of a PDF with their annotations as content: filled form fields, stamps and notes are drawn, read and copied like what
// is printed. PDFium draws no form fields otherwise, and a page that is carried over has no annotations
// (https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdf_flatten.h).
import { DrawingError } from './drawable.ts';
import type { Pdfium } from './pdfium-module.ts';

const asOnScreen = 0;
const failed = 0;
const greyFormat = 1;
const withAnnotations = 0x01;
/** Links show nothing, and pop-ups are not open (fpdf_annot.h). */
const unseen = new Set([2, 16]);

/** The number begins with 1. The caller closes the page. Throws DrawingError. */
export function loadFlatPage(pdfium: Pdfium, document: number, number: number): number {
  const page = loadPage(pdfium, document, number);
  if (!showsAnnotations(pdfium, page)) return page;
  makeAppearances(pdfium, page);
  // one that cannot be flattened is shown without its form fields
  if (pdfium._FPDFPage_Flatten(page, asOnScreen) === failed) return page;
  pdfium._FPDF_ClosePage(page);
  return loadPage(pdfium, document, number);
}

function loadPage(pdfium: Pdfium, document: number, number: number): number {
  const page = pdfium._FPDF_LoadPage(document, number - 1);
  if (page === 0) throw new DrawingError('page-unreadable', `PDFium says ${pdfium._FPDF_GetLastError()}`);
  return page;
}

/**
 * PDFium gives fields and notes that have no appearance of their own one when it draws annotations, in whatever size. The
 * page lies beside the bitmap, so that none of its content is drawn: a large image takes a hundred times longer.
 */
function makeAppearances(pdfium: Pdfium, page: number) {
  const bitmap = pdfium._FPDFBitmap_CreateEx(1, 1, greyFormat, 0, 0);
  const beside = 100;
  pdfium._FPDF_RenderPageBitmap(bitmap, page, beside, beside, 1, 1, 0, withAnnotations);
  pdfium._FPDFBitmap_Destroy(bitmap);
}

function showsAnnotations(pdfium: Pdfium, page: number): boolean {
  const count = pdfium._FPDFPage_GetAnnotCount(page);
  for (let index = 0; index < count; index += 1) {
    const annotation = pdfium._FPDFPage_GetAnnot(page, index);
    const subtype = annotation === 0 ? 0 : pdfium._FPDFAnnot_GetSubtype(annotation);
    if (annotation !== 0) pdfium._FPDFPage_CloseAnnot(annotation);
    if (!unseen.has(subtype)) return true;
  }
  return false;
}
