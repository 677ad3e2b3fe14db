// PDFium (https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/), reading files block by block.
import { openSync, readSync, statSync } from 'node:fs';
import { PDFiumLibrary } from '@hyzyla/pdfium';
import type { Pdfium } from './pdfium-module.ts';
import { asWasmFunction } from './wasm-function.ts';

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
