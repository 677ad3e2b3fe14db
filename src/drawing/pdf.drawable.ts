// Pages of a PDF, drawn by PDFium as plain images: scripts, attachments and links are left behind.
import { isDeepStrictEqual } from 'node:util';
import sharp from 'sharp';
import { type Drawable, DrawingError, jpegOptions, maxSide } from './drawable.ts';
import { alignImages, listContent } from './pdf-content.ts';
import { chooseGrid } from './pdf-scale.ts';
import { openWithPdfium, type Pdfium } from './pdfium.ts';

interface Size {
  width: number;
  height: number;
}

const passwordError = 4;
/** 24 bits a pixel, red first. */
const bitmapFormat = 2;
const renderFlags = { annotations: 0x01, redFirst: 0x10 };
const white = 0xffffffff;
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

  return {
    pageCount,
    async draw(number, to) {
      const page = pdfium._FPDF_LoadPage(document, number - 1);
      if (page === 0) throw new DrawingError('page-unreadable', `PDFium says ${pdfium._FPDF_GetLastError()}`);
      try {
        return await drawPage(pdfium, page, to);
      } finally {
        pdfium._FPDF_ClosePage(page);
      }
    },
  };
}

async function drawPage(pdfium: Pdfium, page: number, to: string) {
  const points = { width: pdfium._FPDF_GetPageWidth(page), height: pdfium._FPDF_GetPageHeight(page) };
  const { images, others, hasText } = listContent(pdfium, page, points);
  const scan = chooseGrid(points, { images, isMixed: false });
  const mixed = chooseGrid(points, { images, isMixed: true });
  // looking takes as long as drawing, so only where it matters
  const isScan = isDeepStrictEqual(scan, mixed) || !showsOtherContent(pdfium, page, { points, others });
  const grid = isScan ? scan : mixed;
  alignImages(pdfium, images, { grid, points });
  await withDrawn(pdfium, page, grid, (rows, stride) => writeJpeg(rows, { ...grid, stride }, to));
  return { hadText: hasText };
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

/** Each row ends with up to three bytes of padding. */
function withDrawn<T>(
  pdfium: Pdfium,
  page: number,
  { width, height, flags = renderFlags.annotations }: Size & { flags?: number },
  use: (rows: Buffer, stride: number) => T,
): T {
  const bitmap = pdfium._FPDFBitmap_CreateEx(width, height, bitmapFormat, 0, 0);
  if (bitmap === 0) throw new DrawingError('out-of-memory', `no memory for ${width} × ${height} pixels`);
  const destroy = () => pdfium._FPDFBitmap_Destroy(bitmap);
  try {
    pdfium._FPDFBitmap_FillRect(bitmap, 0, 0, width, height, white);
    pdfium._FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, flags | renderFlags.redFirst);
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
