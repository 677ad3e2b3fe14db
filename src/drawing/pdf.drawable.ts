// Pages of a PDF, drawn by PDFium as plain images: scripts, attachments and links are left behind.
import { writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import sharp from 'sharp';
import { type Drawable, DrawingError, type DrawingUse, jpegOptions, maxSide } from './drawable.ts';
import { loadFlatPage } from './flat-page.ts';
import { readOwnText } from './own-text.ts';
import { alignImages, listContent } from './pdf-content.ts';
import { copyPages } from './pdf-copy.ts';
import { chooseGrid, evenGrid } from './pdf-scale.ts';
import { openWithPdfium } from './pdfium.ts';
import type { Pdfium } from './pdfium-module.ts';

interface Size {
  width: number;
  height: number;
}

const passwordError = 4;
/** 24 bits a pixel, red first, or 8 bits. */
const bitmapFormats = { colour: 2, grey: 1 };
const renderFlags = { annotations: 0x01, redFirst: 0x10 };
const white = 0xffffffff;
/** For pages that are looked at and not read from their images. */
const shownDpi = 200;
/** Large enough to see whether there is anything. */
const glanceSide = 1000;

/** Opens a PDF without reading it into memory. Throws DrawingError. */
export async function openPdf(path: string): Promise<Drawable> {
  const { pdfium, document } = await openWithPdfium(path);
  if (document === 0) {
    const error = pdfium._FPDF_GetLastError();
    throw new DrawingError(error === passwordError ? 'encrypted' : 'damaged', `PDFium says ${error}`);
  }
  const pageCount = pdfium._FPDF_GetPageCount(document);

  /** The page whose text was asked for: it is drawn next, and parsing it again would take as long as drawing it. */
  let loaded: { number: number; page: number } | undefined;

  function closePage() {
    if (loaded) pdfium._FPDF_ClosePage(loaded.page);
    loaded = undefined;
  }

  function loadPage(number: number): number {
    if (loaded?.number === number) return loaded.page;
    closePage();
    const page = loadFlatPage(pdfium, document, number);
    loaded = { number, page };
    return page;
  }

  return {
    pageCount,
    copyPages: async (numbers, to) => copyPages(pdfium, document, numbers, to),
    takeText: async (number, to) => takeText(pdfium, loadPage(number), to),
    async draw(number, to, use) {
      try {
        return await drawPage(pdfium, loadPage(number), to, use);
      } finally {
        closePage(); // drawing moves its images
      }
    },
  };
}

const sizeOf = (pdfium: Pdfium, page: number): Size => ({
  width: pdfium._FPDF_GetPageWidth(page),
  height: pdfium._FPDF_GetPageHeight(page),
});

async function takeText(pdfium: Pdfium, page: number, to: string): Promise<boolean> {
  const points = sizeOf(pdfium, page);
  const { images, texts } = listContent(pdfium, page, points);
  const drawGrey = (size: Size) =>
    withDrawn(pdfium, page, { ...size, format: bitmapFormats.grey }, (rows) => Buffer.from(rows));
  const text = readOwnText(pdfium, page, { points, texts, images, drawGrey });
  if (text) await writeFile(to, JSON.stringify(text));
  return text !== undefined;
}

async function drawPage(pdfium: Pdfium, page: number, to: string, use: DrawingUse = 'reading') {
  const points = sizeOf(pdfium, page);
  const { images, others, texts } = listContent(pdfium, page, points);
  const hadText = texts.length > 0;
  if (use === 'looking') {
    const grid = evenGrid(points, shownDpi / 72);
    await withDrawn(pdfium, page, grid, (rows, stride) => writeJpeg(rows, { ...grid, stride }, to));
    return { hadText };
  }
  const scan = chooseGrid(points, { images, isMixed: false });
  const mixed = chooseGrid(points, { images, isMixed: true });
  // looking takes as long as drawing, so only where it matters
  const isScan = isDeepStrictEqual(scan, mixed) || !showsOtherContent(pdfium, page, { points, others });
  const grid = isScan ? scan : mixed;
  alignImages(pdfium, images, { grid, points });
  await withDrawn(pdfium, page, grid, (rows, stride) => writeJpeg(rows, { ...grid, stride }, to));
  return { hadText };
}

/**
 * Whether the page looks different without these objects and without annotations. Text under a scan is not visible.
 */
function showsOtherContent(
  pdfium: Pdfium,
  page: number,
  { points, others }: { points: Size; others: number[] },
) {
  if (others.length === 0 && pdfium._FPDFPage_GetAnnotCount(page) === 0) return false;
  const scale = glanceSide / Math.max(points.width, points.height);
  const size = { width: Math.ceil(points.width * scale), height: Math.ceil(points.height * scale) };
  if (!(size.width > 0 && size.height > 0)) return true;
  const whole = withDrawn(pdfium, page, size, (rows) => Buffer.from(rows));
  for (const object of others) pdfium._FPDFPageObj_SetIsActive(object, 0);
  const isMixed = withDrawn(pdfium, page, { ...size, flags: 0 }, (rows) => !rows.equals(whole));
  for (const object of others) pdfium._FPDFPageObj_SetIsActive(object, 1);
  return isMixed;
}

/** Rows are padded to a multiple of four bytes. */
function withDrawn<T>(
  pdfium: Pdfium,
  page: number,
  {
    width,
    height,
    flags = renderFlags.annotations,
    format = bitmapFormats.colour,
  }: Size & { flags?: number; format?: number },
  use: (rows: Buffer, stride: number) => T,
): T {
  const bitmap = pdfium._FPDFBitmap_CreateEx(width, height, format, 0, 0);
  if (bitmap === 0) throw new DrawingError('out-of-memory', `no memory for ${width} × ${height} pixels`);
  const destroy = () => pdfium._FPDFBitmap_Destroy(bitmap);
  try {
    pdfium._FPDFBitmap_FillRect(bitmap, 0, 0, width, height, white);
    const order = format === bitmapFormats.colour ? renderFlags.redFirst : 0;
    pdfium._FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, flags | order);
    const stride = pdfium._FPDFBitmap_GetStride(bitmap);
    const start = pdfium._FPDFBitmap_GetBuffer(bitmap);
    const used = use(Buffer.from(pdfium.HEAPU8.buffer, start, stride * height), stride);
    if (used instanceof Promise) return used.finally(destroy) as T;
    destroy();
    return used;
  } catch (error) {
    destroy();
    throw error;
  }
}

async function writeJpeg(rows: Buffer, { width, height, stride }: Size & { stride: number }, to: string) {
  const length = width * 3;
  if (stride !== length)
    for (let y = 1; y < height; y += 1) rows.copyWithin(y * length, y * stride, y * stride + length);
  const pixels = rows.subarray(0, length * height);
  await sharp(pixels, { raw: { width, height, channels: 3 }, limitInputPixels: maxSide * maxSide })
    .jpeg(jpegOptions)
    .toFile(to);
}
