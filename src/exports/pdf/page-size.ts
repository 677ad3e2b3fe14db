// The size of a PDF page. Chromium rounds it to whole points and then to 1/300 inch (measured on Chromium 156). So
// sizes are chosen among whole points, and content is laid out for the resulting box.

export interface PageSize {
  /** The size to request, in whole points (1/72 inch). */
  points: { width: number; height: number };
  /** The resulting size, in CSS pixels (1/96 inch). */
  pixels: { width: number; height: number };
}

const a4Height = 842;
const smallest = 8;
const dotsPerInch = 200;

/**
 * The page size for an image: 200 dots an inch, but no side longer than A4's, and up to a tenth smaller where whole
 * points then match the image's aspect ratio better.
 */
export function pageSizeOf(image: { width: number; height: number }): PageSize {
  const longest = Math.max(image.width, image.height);
  const largest = Math.max(smallest, Math.floor(Math.min(a4Height, (longest * 72) / dotsPerInch)));
  let best = { error: Number.POSITIVE_INFINITY, points: { width: largest, height: largest } };
  for (let long = largest; long >= Math.max(smallest, largest * 0.9); long -= 1) {
    const points = {
      width: wholePoints(image.width, long / longest),
      height: wholePoints(image.height, long / longest),
    };
    const ratio = resultingPixels(points.width) / resultingPixels(points.height);
    const error = Math.abs(Math.log((ratio * image.height) / image.width));
    if (error < best.error) best = { error, points };
  }
  const { points } = best;
  return { points, pixels: { width: resultingPixels(points.width), height: resultingPixels(points.height) } };
}

/** For a page of this size in points. */
export function pageSizeInPoints({ width, height }: { width: number; height: number }): PageSize {
  const points = { width: wholePoints(width, 1), height: wholePoints(height, 1) };
  return { points, pixels: { width: resultingPixels(points.width), height: resultingPixels(points.height) } };
}

function wholePoints(pixels: number, scale: number): number {
  return Math.max(smallest, Math.round(pixels * scale));
}

function resultingPixels(points: number): number {
  return (Math.round((points * 300) / 72) * 96) / 300;
}
