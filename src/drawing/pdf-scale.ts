// Chooses the resolution at which a page of a PDF is drawn, and the pixels that its images cover. A scan keeps its
// resolution: each of its pixels becomes one pixel, not blurred because the PDF's numbers are rounded.
import { DrawingError, maxSide } from './drawable.ts';
import type { Matrix } from './matrix.ts';

/** An image on a page, as shown: its matrix maps the unit square to points from the page's top left. */
export interface PageImage {
  width: number;
  height: number;
  matrix: Matrix;
}

interface Size {
  width: number;
  height: number;
}

/** Maps points to pixels: `across` and `down` pixels a point, starting at the point (x, y). */
export interface Grid extends Size {
  x: number;
  y: number;
  across: number;
  down: number;
}

/** The resolution of a page that is more than scans: good enough for footnotes. */
const usualDpi = 300;
/** A4 at 600 dpi fits. */
const maxPixels = 40_000_000;
/** The share of the page that must be this fine for the whole page to be drawn so: scans alone, or scans with text. */
const minShare = { alone: 0.05, mixed: 0.5 };
/** An image with a smaller visible share only touches the page's edge. */
const minVisibleShare = 0.01;
/** Images that cover the page this many times are layers. PDFium does not report the resolution of their masks. */
const layered = 1.3;
/** Programs round page sizes to whole points: a scan that fills the page may differ by this much. */
const maxRounding = 1.5;
/** When an image's two resolutions differ by more (a fax has 204 by 98 dpi), its shape is kept. */
const likeShape = 1.05;

/**
 * A page of images alone keeps their resolution. Any other page is drawn at 300 dpi, or at the resolution of finer
 * images that cover half of it. Pages that would be too large are drawn smaller. Throws DrawingError.
 */
export function chooseGrid(
  points: Size,
  { images, isMixed }: { images: PageImage[]; isMixed: boolean },
): Grid {
  if (!(points.width > 0 && points.height > 0 && Number.isFinite(points.width * points.height))) {
    throw new DrawingError('page-unreadable', `a page of ${points.width} × ${points.height} points`);
  }
  const boxes = images
    .map(toBox)
    .filter((box) => seenOf(box, points) > minVisibleShare * box.width * box.height)
    .toSorted((one, other) => finenessOf(other) - finenessOf(one));
  const finest = findFinest(boxes, points, isMixed ? minShare.mixed : minShare.alone);
  const isLayered = boxes.reduce((sum, box) => sum + shareOf(box, points), 0) > layered;
  const usual = usualDpi / 72;
  const scale = !finest ? usual : isMixed || isLayered ? Math.max(usual, finest) : finest;
  const largest = largestScale(points);
  const fitting = scale <= largest && boxes.filter((box) => box.isStraight && isLike(finenessOf(box), scale));
  if (fitting && fitting.length > 0) return gridOf(points, fitting);
  return evenGrid(points, scale);
}

/** So many pixels a point, or fewer for a page that would be too large. */
export function evenGrid(points: Size, scale: number): Grid {
  const even = Math.min(scale, largestScale(points));
  return { x: 0, y: 0, across: even, down: even, ...toPixels(points, even, even) };
}

function largestScale({ width, height }: Size): number {
  return Math.min(maxSide / width, maxSide / height, Math.sqrt(maxPixels / (width * height)));
}

/** Where an image lies on the grid, in pixels: whole ones when it has as many as it covers there. */
export function findPlace(image: PageImage, grid: Grid) {
  const box = toBox(image);
  const isItsOwn =
    box.isStraight &&
    Math.abs(box.width * grid.across - box.across) < Math.max(1.5, box.across / 100) &&
    Math.abs(box.height * grid.down - box.down) < Math.max(1.5, box.down / 100);
  if (!isItsOwn) return undefined;
  const left = Math.round((box.x - grid.x) * grid.across);
  const top = Math.round((box.y - grid.y) * grid.down);
  return { from: box, to: { x: left, y: top, width: box.across, height: box.down } };
}

type Box = ReturnType<typeof toBox>;

/** The area of an image in points; `across` and `down` count its pixels on the page as shown. */
function toBox({ width, height, matrix: [a, b, c, d, e, f] }: PageImage) {
  const isNothing = (one: number, beside: number) => Math.abs(one) <= Math.abs(beside) * 1e-4;
  const isUpright = isNothing(b, a) && isNothing(c, d);
  const isStraight = isUpright || (isNothing(a, b) && isNothing(d, c));
  const isOnItsSide = isStraight && !isUpright;
  const [wide, high] = [Math.hypot(a, b), Math.hypot(c, d)];
  return {
    isStraight,
    x: Math.min(e, e + a + c),
    y: Math.min(f, f + b + d),
    ...(isOnItsSide
      ? { width: high, height: wide, across: height, down: width }
      : { width: wide, height: high, across: width, down: height }),
  };
}

/** How much of a box lies on the page. */
function seenOf(box: Box, page: Size): number {
  const wide = Math.min(box.x + box.width, page.width) - Math.max(box.x, 0);
  const high = Math.min(box.y + box.height, page.height) - Math.max(box.y, 0);
  return Math.max(0, wide) * Math.max(0, high);
}

/** How much of the page an image takes, from 0 to 1. */
export const shareOfPage = (image: PageImage, page: Size) => shareOf(toBox(image), page);
const shareOf = (box: Box, page: Size) => seenOf(box, page) / (page.width * page.height);
/** In pixels a point. */
const finenessOf = (box: Box) => Math.max(box.across / box.width, box.down / box.height) || 0;
const isLike = (one: number, other: number) => Math.max(one / other, other / one) < 1.01;

/**
 * The finest resolution that at least this share of the page has, in pixels a point. `boxes` are sorted, finest first.
 */
function findFinest(boxes: Box[], page: Size, share: number): number | undefined {
  let covered = 0;
  for (const box of boxes) {
    covered += shareOf(box, page);
    if (covered >= share && Number.isFinite(finenessOf(box))) return finenessOf(box);
  }
  return undefined;
}

/** The grid on which these images keep their pixels; it follows the images' edges where they fill the page. */
function gridOf(points: Size, boxes: Box[]): Grid {
  const sum = (of: (box: Box) => number) => boxes.reduce((total, box) => total + of(box), 0);
  let across = sum((box) => box.across) / sum((box) => box.width);
  let down = sum((box) => box.down) / sum((box) => box.height);
  if (Math.max(across / down, down / across) > likeShape) across = down = Math.max(across, down);
  const left = Math.min(...boxes.map((box) => box.x));
  const top = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  const margins = [left, top, points.width - right, points.height - bottom];
  if (margins.some((margin) => Math.abs(margin) > maxRounding)) {
    return { x: 0, y: 0, across, down, ...toPixels(points, across, down) };
  }
  return {
    x: left,
    y: top,
    across,
    down,
    ...toPixels({ width: right - left, height: bottom - top }, across, down),
  };
}

function toPixels({ width, height }: Size, across: number, down: number): Size {
  return { width: clamp(Math.round(width * across)), height: clamp(Math.round(height * down)) };
}

const clamp = (pixels: number) => Math.min(maxSide, Math.max(1, pixels));
