// What a page of a PDF contains: images, and other visible objects.
import { invert, type Matrix, multiply } from './matrix.ts';
import { findPlace, type Grid, type PageImage } from './pdf-scale.ts';
import type { Pdfium } from './pdfium-module.ts';

interface PlacedImage extends PageImage {
  object: number;
  /** From the image's container (the page, or a form on it) to the page as shown. */
  outer: Matrix;
}

const objectTypes = { text: 1, image: 3, form: 5 };
const invisibleText = 3;
const deepestForm = 3;
/** PDFium draws an image on every pixel that it touches. This margin keeps it off its neighbours' pixels. */
const inset = 0.02;

/** The page's images and the area of each, the other objects that may be visible, and all that are text. */
export function listContent(pdfium: Pdfium, page: number, points: { width: number; height: number }) {
  const images: PlacedImage[] = [];
  const others: number[] = [];
  const texts: number[] = [];

  function look(object: number, outer: Matrix, depth: number) {
    const type = pdfium._FPDFPageObj_GetType(object);
    if (type === objectTypes.image) {
      const matrix = multiply(readMatrix(pdfium, object), outer);
      images.push({ object, outer, matrix, ...readPixelSize(pdfium, object) });
    } else if (type === objectTypes.form && depth < deepestForm) {
      const matrix = multiply(readMatrix(pdfium, object), outer);
      const count = pdfium._FPDFFormObj_CountObjects(object);
      for (let index = 0; index < count; index += 1) {
        look(pdfium._FPDFFormObj_GetObject(object, index), matrix, depth + 1);
      }
    } else {
      const isText = type === objectTypes.text;
      if (isText) texts.push(object);
      const isHidden = isText && pdfium._FPDFTextObj_GetTextRenderMode(object) === invisibleText;
      if (!isHidden) others.push(object);
    }
  }

  const shown = readShownMatrix(pdfium, page, points);
  const count = pdfium._FPDFPage_CountObjects(page);
  for (let index = 0; index < count; index += 1) look(pdfium._FPDFPage_GetObject(page, index), shown, 0);
  return { images, others, texts };
}

/** Aligns images with whole pixels of the grid that the page is drawn on. */
export function alignImages(
  pdfium: Pdfium,
  images: PlacedImage[],
  { grid, points }: { grid: Grid; points: { width: number; height: number } },
) {
  for (const image of images) {
    const place = findPlace(image, grid);
    const inner = invert(image.outer);
    if (!place || !inner) continue;
    const { from, to } = place;
    const [across, down] = [points.width / grid.width, points.height / grid.height];
    const wide = ((to.width - 2 * inset) * across) / from.width;
    const high = ((to.height - 2 * inset) * down) / from.height;
    const [x, y] = [(to.x + inset) * across - from.x * wide, (to.y + inset) * down - from.y * high];
    writeMatrix(pdfium, image.object, multiply(multiply(image.matrix, [wide, 0, 0, high, x, y]), inner));
  }
}

/** From the page's own coordinates to points from the top left of the page as shown. */
export function readShownMatrix(
  pdfium: Pdfium,
  page: number,
  points: { width: number; height: number },
): Matrix {
  const [left, top, right, bottom] = withNumbers(pdfium, 4, (numbers) =>
    pdfium._FPDF_GetPageBoundingBox(page, numbers),
  ) as [number, number, number, number];
  const turns: Matrix[] = [
    [1, 0, 0, -1, -left, top],
    [0, 1, 1, 0, -bottom, -left],
    [-1, 0, 0, 1, right, -bottom],
    [0, -1, -1, 0, top, right],
  ];
  const rotation = pdfium._FPDFPage_GetRotation(page);
  const width = rotation % 2 === 0 ? right - left : top - bottom;
  const unit = points.width / width || 1;
  return multiply(turns[rotation] ?? (turns[0] as Matrix), [unit, 0, 0, unit, 0, 0]);
}

const readMatrix = (pdfium: Pdfium, object: number) =>
  withNumbers(pdfium, 6, (numbers) => pdfium._FPDFPageObj_GetMatrix(object, numbers)) as Matrix;

function writeMatrix(pdfium: Pdfium, object: number, matrix: Matrix) {
  const numbers = pdfium.wasmExports.malloc(24);
  pdfium.HEAPF32.set(matrix, numbers / 4);
  pdfium._FPDFPageObj_SetMatrix(object, numbers);
  pdfium.wasmExports.free(numbers);
}

function withNumbers(pdfium: Pdfium, count: number, write: (numbers: number) => void): number[] {
  const numbers = pdfium.wasmExports.malloc(count * 4);
  write(numbers);
  const read = [...pdfium.HEAPF32.subarray(numbers / 4, numbers / 4 + count)];
  pdfium.wasmExports.free(numbers);
  return read;
}

function readPixelSize(pdfium: Pdfium, image: number): { width: number; height: number } {
  const numbers = pdfium.wasmExports.malloc(8);
  pdfium._FPDFImageObj_GetImagePixelSize(image, numbers, numbers + 4);
  const [width = 0, height = 0] = pdfium.HEAP32.subarray(numbers / 4, numbers / 4 + 2);
  pdfium.wasmExports.free(numbers);
  return { width, height };
}
