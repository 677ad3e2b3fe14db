import type { PDFium } from '@hyzyla/pdfium/dist/vendor/pdfium.js';

/** Exported but not typed by the package. */
export type Pdfium = PDFium & {
  _FPDF_LoadCustomDocument(access: number, password: number): number;
  _FPDF_GetPageBoundingBox(page: number, box: number): number;
  _FPDFPage_GetRotation(page: number): number;
  _FPDFPage_GetAnnotCount(page: number): number;
  _FPDFPage_GetAnnot(page: number, index: number): number;
  _FPDFPage_CloseAnnot(annotation: number): void;
  _FPDFPage_Flatten(page: number, use: number): number;
  _FPDFAnnot_GetSubtype(annotation: number): number;
  _FPDFPageObj_GetMatrix(object: number, matrix: number): number;
  _FPDFPageObj_SetMatrix(object: number, matrix: number): number;
  _FPDFPageObj_SetIsActive(object: number, isActive: number): number;
  _FPDFFormObj_CountObjects(form: number): number;
  _FPDFFormObj_GetObject(form: number, index: number): number;
  _FPDFTextObj_GetTextRenderMode(text: number): number;
  _FPDFText_LoadPage(page: number): number;
  _FPDFText_ClosePage(text: number): void;
  _FPDFText_CountChars(text: number): number;
  _FPDFText_GetUnicode(text: number, index: number): number;
  _FPDFText_IsGenerated(text: number, index: number): number;
  _FPDFText_HasUnicodeMapError(text: number, index: number): number;
  _FPDFText_GetTextObject(text: number, index: number): number;
  _FPDFText_GetFontSize(text: number, index: number): number;
  _FPDFText_GetMatrix(text: number, index: number, matrix: number): number;
  _FPDFText_GetCharOrigin(text: number, index: number, x: number, y: number): number;
  _FPDFText_GetCharBox(
    text: number,
    index: number,
    left: number,
    right: number,
    bottom: number,
    top: number,
  ): number;
  _FPDF_CreateNewDocument(): number;
  _FPDF_CloseDocument(document: number): void;
  _FPDF_ImportPagesByIndex(to: number, from: number, indexes: number, count: number, at: number): number;
  _FPDF_SaveAsCopy(document: number, writing: number, flags: number): number;
  _FPDF_GetDefaultSystemFontInfo(): number;
  _FPDF_FreeDefaultSystemFontInfo(info: number): void;
  HEAPF32: Float32Array;
  HEAPF64: Float64Array;
  wasmExports: { __indirect_function_table: WebAssembly.Table };
};
