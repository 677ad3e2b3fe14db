// Pages of a PDF, drawn by PDFium (https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/). They are pictures
// and nothing else: scripts, attachments and links stay in the file.
import { openSync, readSync, statSync } from 'node:fs';
import { PDFiumLibrary } from '@hyzyla/pdfium';
import type { PDFium } from '@hyzyla/pdfium/dist/vendor/pdfium.js';
import sharp from 'sharp';
import { type Drawable, DrawingError, jpegOptions, maxSide } from './drawable.ts';
import { chooseScale, type PageImage } from './pdf-scale.ts';

/** What the package exports but does not describe. */
type Pdfium = PDFium & {
  _FPDF_LoadCustomDocument(access: number, password: number): number;
  _FPDFPageObj_GetMatrix(object: number, matrix: number): number;
  _FPDFFormObj_CountObjects(form: number): number;
  _FPDFFormObj_GetObject(form: number, index: number): number;
  _FPDFTextObj_GetTextRenderMode(text: number): number;
  HEAPF32: Float32Array;
  wasmExports: { __indirect_function_table: WebAssembly.Table };
};

const passwordError = 4;
const objectTypes = { text: 1, image: 3, form: 5 };
const invisibleText = 3;
const deepestForm = 3;
/** 24 bits a pixel, red first, annotations too. */
const bitmapFormat = 2;
const renderFlags = 0x01 | 0x10;
const white = 0xffffffff;

/** Opens a PDF without reading it into memory. Throws DrawingError. */
export async function openPdf(path: string): Promise<Drawable> {
  const library = await PDFiumLibrary.init();
  const pdfium = (library as unknown as { module: Pdfium }).module;
  const document = pdfium._FPDF_LoadCustomDocument(giveFile(pdfium, path), 0);
  if (document === 0) {
    const error = pdfium._FPDF_GetLastError();
    throw new DrawingError(error === passwordError ? 'encrypted' : 'damaged', `PDFium says ${error}`);
  }
  const pageCount = pdfium._FPDF_GetPageCount(document);

  return {
    pageCount,
    async draw(number, to) {
      const page = pdfium._FPDF_LoadPage(document, number - 1);
      if (page === 0) throw new DrawingError('page-unreadable', `PDFium says ${pdfium._FPDF_GetLastError()}`);
      try {
        const hadText = countCharacters(pdfium, page) > 0;
        await drawPage(pdfium, page, to);
        return { hadText };
      } finally {
        pdfium._FPDF_ClosePage(page);
      }
    },
  };
}

async function drawPage(pdfium: Pdfium, page: number, to: string) {
  const points = { width: pdfium._FPDF_GetPageWidth(page), height: pdfium._FPDF_GetPageHeight(page) };
  const { width, height } = chooseScale(points, listContent(pdfium, page));
  const bitmap = pdfium._FPDFBitmap_CreateEx(width, height, bitmapFormat, 0, 0);
  if (bitmap === 0) throw new DrawingError('out-of-memory', `no memory for ${width} × ${height} pixels`);
  try {
    pdfium._FPDFBitmap_FillRect(bitmap, 0, 0, width, height, white);
    pdfium._FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, renderFlags);
    const stride = pdfium._FPDFBitmap_GetStride(bitmap);
    const start = pdfium._FPDFBitmap_GetBuffer(bitmap);
    // a row ends with up to three bytes that are no pixels: rows are drawn as bytes, then cut
    const rows = Buffer.from(pdfium.HEAPU8.buffer, start, stride * height);
    await writeJpeg(rows, { width, height, stride }, to);
  } finally {
    pdfium._FPDFBitmap_Destroy(bitmap);
  }
}

async function writeJpeg(
  rows: Buffer,
  { width, height, stride }: { width: number; height: number; stride: number },
  to: string,
) {
  const length = width * 3;
  if (stride !== length)
    for (let y = 1; y < height; y += 1) rows.copyWithin(y * length, y * stride, y * stride + length);
  const pixels = rows.subarray(0, length * height);
  await sharp(pixels, { raw: { width, height, channels: 3 }, limitInputPixels: maxSide * maxSide })
    .jpeg(jpegOptions)
    .toFile(to);
}

/**
 * Hands PDFium the file as FPDF_FILEACCESS (fpdfview.h): its length, a function that reads a block, and what that
 * function is told. The function takes the first place of PDFium's table, which C keeps free for the null pointer: the
 * table cannot grow.
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

/** WebAssembly's tables hold only its own functions: a module that imports one and exports it again. */
function asWasmFunction(run: (...numbers: number[]) => number): unknown {
  const [i32, func] = [0x7f, 0x60];
  const type = [1, 9, 1, func, 4, i32, i32, i32, i32, 1, i32];
  const imported = [2, 7, 1, 1, 0x65, 1, 0x66, 0, 0];
  const exported = [7, 5, 1, 1, 0x66, 0, 0];
  const module = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...type, ...imported, ...exported]);
  return new WebAssembly.Instance(new WebAssembly.Module(module), { e: { f: run } }).exports.f;
}

function countCharacters(pdfium: Pdfium, page: number): number {
  const text = pdfium._FPDFText_LoadPage(page);
  if (text === 0) return 0;
  const count = pdfium._FPDFText_CountChars(text);
  pdfium._FPDFText_ClosePage(text);
  return count;
}

/** The page's images with what they cover, and whether there is anything else to be seen. */
function listContent(pdfium: Pdfium, page: number): { images: PageImage[]; isMixed: boolean } {
  const numbers = pdfium.wasmExports.malloc(24);
  const images: PageImage[] = [];
  let isMixed = false;

  function readMatrix(object: number): Matrix {
    pdfium._FPDFPageObj_GetMatrix(object, numbers);
    return [...pdfium.HEAPF32.subarray(numbers / 4, numbers / 4 + 6)] as Matrix;
  }

  function look(object: number, outer: Matrix, depth: number) {
    const type = pdfium._FPDFPageObj_GetType(object);
    if (type === objectTypes.image) {
      const [a, b, c, d] = multiply(readMatrix(object), outer);
      pdfium._FPDFImageObj_GetImagePixelSize(object, numbers, numbers + 4);
      const [width = 0, height = 0] = pdfium.HEAP32.subarray(numbers / 4, numbers / 4 + 2);
      images.push({ width, height, across: Math.hypot(a, b), down: Math.hypot(c, d) });
    } else if (type === objectTypes.form && depth < deepestForm) {
      const matrix = multiply(readMatrix(object), outer);
      const count = pdfium._FPDFFormObj_CountObjects(object);
      for (let index = 0; index < count; index += 1) {
        look(pdfium._FPDFFormObj_GetObject(object, index), matrix, depth + 1);
      }
    } else if (type !== objectTypes.text || pdfium._FPDFTextObj_GetTextRenderMode(object) !== invisibleText) {
      isMixed = true;
    }
  }

  const count = pdfium._FPDFPage_CountObjects(page);
  for (let index = 0; index < count; index += 1) {
    look(pdfium._FPDFPage_GetObject(page, index), [1, 0, 0, 1, 0, 0], 0);
  }
  pdfium.wasmExports.free(numbers);
  return { images, isMixed };
}

type Matrix = [number, number, number, number, number, number];

function multiply([a, b, c, d, e, f]: Matrix, [p, q, r, s, t, u]: Matrix): Matrix {
  return [a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u];
}
