// PDFium (https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/), reading files block by block.
import { openSync, readSync, statSync } from 'node:fs';
import { PDFiumLibrary } from '@hyzyla/pdfium';
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

/** Opens a file without reading it into memory; `document` is 0 when it cannot be opened. */
export async function openWithPdfium(path: string): Promise<{ pdfium: Pdfium; document: number }> {
  const library = await PDFiumLibrary.init();
  const pdfium = (library as unknown as { module: Pdfium }).module;
  return { pdfium, document: pdfium._FPDF_LoadCustomDocument(giveFile(pdfium, path), 0) };
}

/**
 * Passes the file to PDFium as FPDF_FILEACCESS (fpdfview.h): its length, a function that reads a block, and that
 * function's argument. The function uses the first entry of PDFium's table, which C reserves for the null pointer,
 * because the table cannot grow.
 */
function giveFile(pdfium: Pdfium, path: string): number {
  const file = openSync(path, 'r');
  const readBlock = (_told: number, position: number, into: number, length: number): number => {
    const at = position >>> 0;
    let read = 0;
    while (read < length) {
      const count = readSync(file, pdfium.HEAPU8, into + read, length - read, at + read);
      if (count === 0) return 0;
      read += count;
    }
    return 1;
  };
  pdfium.wasmExports.__indirect_function_table.set(0, asWasmFunction(readBlock));
  const access = pdfium.wasmExports.malloc(12);
  pdfium.HEAP32.set([statSync(path).size, 0, 0], access / 4);
  return access;
}

/**
 * Gives PDFium a function that takes what it writes, as FPDF_FILEWRITE (fpdf_save.h): a version, and the function. It uses the
 * entry of a function that only those call who replace PDFium's fonts: the first of FPDF_SYSFONTINFO (fpdf_sysfontinfo.h).
 */
export function giveWriter(pdfium: Pdfium, write: (block: Uint8Array) => void): number {
  const fonts = pdfium._FPDF_GetDefaultSystemFontInfo();
  const [, entry = 0] = pdfium.HEAP32.subarray(fonts / 4, fonts / 4 + 2);
  if (entry === 0) throw new Error('PDFium has no entry for a function');
  const writeBlock = (_self: number, from: number, length: number): number => {
    write(pdfium.HEAPU8.subarray(from, from + length));
    return 1;
  };
  pdfium.wasmExports.__indirect_function_table.set(entry, asWasmFunction(writeBlock, 3));
  const writing = pdfium.wasmExports.malloc(8);
  pdfium.HEAP32.set([1, entry], writing / 4);
  return writing;
}

/**
 * A WebAssembly table holds WebAssembly functions only, so a small module imports this function and exports it again.
 */
function asWasmFunction(run: (...numbers: number[]) => number, count = 4): unknown {
  const [i32, func] = [0x7f, 0x60];
  const type = [1, 5 + count, 1, func, count, ...Array.from({ length: count }, () => i32), 1, i32];
  const imported = [2, 7, 1, 1, 0x65, 1, 0x66, 0, 0];
  const exported = [7, 5, 1, 1, 0x66, 0, 0];
  const module = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...type, ...imported, ...exported]);
  return new WebAssembly.Instance(new WebAssembly.Module(module), { e: { f: run } }).exports.f;
}
