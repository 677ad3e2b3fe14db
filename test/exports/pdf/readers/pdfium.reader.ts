// PDFium reads PDFs in Chrome and Edge. Its functions are described in public/fpdf_text.h and public/fpdf_doc.h.
import { readFile } from 'node:fs/promises';
import { PDFiumLibrary } from '@hyzyla/pdfium';
import sharp from 'sharp';
import type { Pdfium } from '../../../../src/drawing/pdfium-module.ts';
import type { ReadPage, ReadPdf, ReadPiece } from './read-pdf.ts';

/** What the package exports but does not describe. */
type Reader = Pdfium & {
  _FPDFText_LoadPage(page: number): number;
  _FPDFText_ClosePage(text: number): void;
  _FPDFText_CountChars(text: number): number;
  _FPDFText_GetUnicode(text: number, index: number): number;
  _FPDFText_GetText(text: number, start: number, count: number, into: number): number;
  _FPDFText_GetCharBox(text: number, index: number, l: number, r: number, b: number, t: number): number;
  _FPDFCatalog_IsTagged(document: number): number;
  _FPDFCatalog_GetLanguage?(document: number, into: number, length: number): number;
  _FPDF_StructTree_GetForPage(page: number): number;
  _FPDF_StructTree_CountChildren(tree: number): number;
  _FPDF_StructTree_GetChildAtIndex(tree: number, index: number): number;
  _FPDF_StructTree_Close(tree: number): void;
  _FPDF_StructElement_CountChildren(element: number): number;
  _FPDF_StructElement_GetChildAtIndex(element: number, index: number): number;
  _FPDF_StructElement_GetLang(element: number, into: number, length: number): number;
  _FPDFBookmark_GetFirstChild(document: number, bookmark: number): number;
  _FPDFBookmark_GetNextSibling(document: number, bookmark: number): number;
  _FPDFBookmark_GetTitle(bookmark: number, into: number, length: number): number;
  _FPDFBookmark_GetDest(document: number, bookmark: number): number;
  _FPDFDest_GetDestPageIndex(document: number, destination: number): number;
  _FPDF_GetMetaText(document: number, tag: number, into: number, length: number): number;
  _FPDF_GetPageWidthF(page: number): number;
  _FPDF_GetPageHeightF(page: number): number;
  _FPDF_CloseDocument(document: number): void;
};

let opened: Promise<Reader> | undefined;

/** Opens the PDF, hands it over, and gives its memory back. */
async function withDocument<T>(pdf: string | Buffer, use: (pdfium: Reader, document: number) => T) {
  opened ??= PDFiumLibrary.init().then((library) => (library as unknown as { module: Reader }).module);
  const pdfium = await opened;
  const bytes = typeof pdf === 'string' ? await readFile(pdf) : pdf;
  const file = pdfium.wasmExports.malloc(bytes.length);
  pdfium.HEAPU8.set(bytes, file);
  const document = pdfium._FPDF_LoadMemDocument(file, bytes.length, 0);
  if (document === 0) throw new Error(`PDFium cannot open the PDF: error ${pdfium._FPDF_GetLastError()}`);
  try {
    return use(pdfium, document);
  } finally {
    pdfium._FPDF_CloseDocument(document);
    pdfium.wasmExports.free(file);
  }
}

/** `pdf` is a path or the file itself. */
export function readWithPdfium(pdf: string | Buffer): Promise<ReadPdf> {
  return withDocument(pdf, (pdfium, document) => ({
    pages: Array.from({ length: pdfium._FPDF_GetPageCount(document) }, (_, index) =>
      withPage(pdfium, document, index, (page) => readPage(pdfium, page)),
    ),
    title: readMeta(pdfium, document, 'Title'),
    language: readLanguage(pdfium, document),
    isTagged: pdfium._FPDFCatalog_IsTagged(document) === 1,
    outline: readOutline(pdfium, document),
  }));
}

/** The languages that parts of each page name, apart from the document's own. */
export function readLanguagesWithPdfium(pdf: string | Buffer): Promise<string[][]> {
  return withDocument(pdf, (pdfium, document) =>
    Array.from({ length: pdfium._FPDF_GetPageCount(document) }, (_, index) =>
      withPage(pdfium, document, index, (page) => readPartLanguages(pdfium, page)),
    ),
  );
}

function readPartLanguages(pdfium: Reader, page: number): string[] {
  const tree = pdfium._FPDF_StructTree_GetForPage(page);
  const found = new Set<string>();
  const walk = (element: number) => {
    if (element === 0) return;
    found.add(readUtf16(pdfium, (into) => pdfium._FPDF_StructElement_GetLang(element, into, 256), 256));
    for (let at = 0; at < pdfium._FPDF_StructElement_CountChildren(element); at += 1)
      walk(pdfium._FPDF_StructElement_GetChildAtIndex(element, at));
  };
  try {
    for (let at = 0; at < pdfium._FPDF_StructTree_CountChildren(tree); at += 1)
      walk(pdfium._FPDF_StructTree_GetChildAtIndex(tree, at));
  } finally {
    pdfium._FPDF_StructTree_Close(tree);
  }
  return [...found].filter(Boolean);
}

/** A page as a PNG, as Chrome shows it; `scale` is pixels a point. */
export async function drawWithPdfium(pdf: string | Buffer, { page: number = 1, scale = 300 / 72 } = {}) {
  const drawn = await withDocument(pdf, (pdfium, document) =>
    withPage(pdfium, document, number - 1, (page) => draw(pdfium, page, scale)),
  );
  return sharp(drawn.pixels, { raw: { width: drawn.width, height: drawn.height, channels: 3 } })
    .png()
    .toBuffer();
}

function withPage<T>(pdfium: Reader, document: number, index: number, use: (page: number) => T): T {
  const page = pdfium._FPDF_LoadPage(document, index);
  if (page === 0) throw new Error(`PDFium cannot load page ${index + 1}`);
  try {
    return use(page);
  } finally {
    pdfium._FPDF_ClosePage(page);
  }
}

function readPage(pdfium: Reader, page: number): ReadPage {
  const size = { width: pdfium._FPDF_GetPageWidthF(page), height: pdfium._FPDF_GetPageHeightF(page) };
  const text = pdfium._FPDFText_LoadPage(page);
  try {
    const count = pdfium._FPDFText_CountChars(text);
    // FPDFText_GetText gives as many UTF-16 units as there is room for, and a zero
    const whole = readUtf16(
      pdfium,
      (into) => pdfium._FPDFText_GetText(text, 0, count * 2, into) * 2,
      count * 4 + 2,
    );
    return { ...size, text: whole, pieces: readPieces(pdfium, text, count, size) };
  } finally {
    pdfium._FPDFText_ClosePage(text);
  }
}

function readPieces(pdfium: Reader, text: number, count: number, size: { width: number; height: number }) {
  const pieces: ReadPiece[] = [];
  let word = '';
  let box: Box | undefined;
  const finish = () => {
    if (box) pieces.push({ text: word, ...placeOf(box, size) });
    word = '';
    box = undefined;
  };
  for (let index = 0; index < count; index += 1) {
    const character = characterOf(pdfium._FPDFText_GetUnicode(text, index));
    if (/^\s$/u.test(character)) finish();
    else {
      word += character;
      box = around(box, readBox(pdfium, text, index));
    }
  }
  finish();
  return pieces;
}

/** Halves of surrogate pairs come one by one. */
function characterOf(code: number): string {
  return code > 0xffff ? String.fromCodePoint(code) : String.fromCharCode(code);
}

interface Box {
  left: number;
  right: number;
  bottom: number;
  top: number;
}

function readBox(pdfium: Reader, text: number, index: number): Box {
  const at = pdfium.wasmExports.malloc(32);
  try {
    pdfium._FPDFText_GetCharBox(text, index, at, at + 8, at + 16, at + 24);
    const numbers = new DataView(pdfium.HEAPU8.buffer, at, 32);
    const [left = 0, right = 0, bottom = 0, top = 0] = [0, 8, 16, 24].map((offset) =>
      numbers.getFloat64(offset, true),
    );
    return { left, right, bottom, top };
  } finally {
    pdfium.wasmExports.free(at);
  }
}

function around(one: Box | undefined, other: Box): Box {
  if (!one) return other;
  return {
    left: Math.min(one.left, other.left),
    right: Math.max(one.right, other.right),
    bottom: Math.min(one.bottom, other.bottom),
    top: Math.max(one.top, other.top),
  };
}

function placeOf({ left, right, bottom, top }: Box, page: { width: number; height: number }) {
  return {
    x: (left + right) / 2 / page.width,
    y: 1 - (bottom + top) / 2 / page.height,
    width: (right - left) / page.width,
    height: (top - bottom) / page.height,
  };
}

function readOutline(pdfium: Reader, document: number): ReadPdf['outline'] {
  const entries: ReadPdf['outline'] = [];
  const walk = (parent: number) => {
    let entry = pdfium._FPDFBookmark_GetFirstChild(document, parent);
    for (; entry !== 0; entry = pdfium._FPDFBookmark_GetNextSibling(document, entry)) {
      const title = readUtf16(pdfium, (into) => pdfium._FPDFBookmark_GetTitle(entry, into, 4096), 4096);
      const destination = pdfium._FPDFBookmark_GetDest(document, entry);
      entries.push({ title, page: pdfium._FPDFDest_GetDestPageIndex(document, destination) + 1 });
      walk(entry);
    }
  };
  walk(0);
  return entries;
}

function readMeta(pdfium: Reader, document: number, tag: string): string {
  const name = pdfium.wasmExports.malloc(tag.length + 1);
  pdfium.HEAPU8.set(Buffer.from(`${tag}\0`, 'latin1'), name);
  try {
    return readUtf16(pdfium, (into) => pdfium._FPDF_GetMetaText(document, name, into, 4096), 4096);
  } finally {
    pdfium.wasmExports.free(name);
  }
}

function readLanguage(pdfium: Reader, document: number): string {
  return readUtf16(pdfium, (into) => pdfium._FPDFCatalog_GetLanguage?.(document, into, 256) ?? 0, 256);
}

/** `write` writes text that ends in a zero, and returns how many bytes that took. */
function readUtf16(pdfium: Reader, write: (into: number) => number, room: number): string {
  const into = pdfium.wasmExports.malloc(room);
  try {
    const length = Math.min(write(into), room);
    return Buffer.from(pdfium.HEAPU8.slice(into, into + Math.max(0, length - 2))).toString('utf16le');
  } finally {
    pdfium.wasmExports.free(into);
  }
}

const formatBgr = 2;
const redFirst = 0x10;

function draw(pdfium: Reader, page: number, scale: number) {
  const width = Math.round(pdfium._FPDF_GetPageWidthF(page) * scale);
  const height = Math.round(pdfium._FPDF_GetPageHeightF(page) * scale);
  const bitmap = pdfium._FPDFBitmap_CreateEx(width, height, formatBgr, 0, 0);
  try {
    pdfium._FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xffffffff);
    pdfium._FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, redFirst);
    const stride = pdfium._FPDFBitmap_GetStride(bitmap);
    const start = pdfium._FPDFBitmap_GetBuffer(bitmap);
    const rows = Array.from({ length: height }, (_, y) =>
      pdfium.HEAPU8.slice(start + y * stride, start + y * stride + width * 3),
    );
    return { pixels: Buffer.concat(rows), width, height };
  } finally {
    pdfium._FPDFBitmap_Destroy(bitmap);
  }
}
