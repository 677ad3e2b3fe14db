// In how many pixels a page of a PDF is drawn.
import { DrawingError, maxSide } from './drawable.ts';

/** An image on a page: its pixels, and what it covers, in points (1/72 inch). */
export interface PageImage {
  width: number;
  height: number;
  across: number;
  down: number;
}

interface Size {
  width: number;
  height: number;
}

/** What a page is drawn at that is more than one scan: good for the text of a contract's footnotes. */
const usualDpi = 300;
/** A4 at 600 dpi fits. */
const maxPixels = 40_000_000;
/** The share of the page from which on an image is the page. */
const wholePage = 0.85;

/**
 * A page that is one scanned image keeps the image's own resolution. Any other is drawn at 300 dpi, or at that of an image
 * which covers half of it and is finer. What would be too large is drawn smaller. Throws DrawingError.
 */
export function chooseScale(
  points: Size,
  { images, isMixed }: { images: PageImage[]; isMixed: boolean },
): Size {
  if (!(points.width > 0 && points.height > 0 && Number.isFinite(points.width * points.height))) {
    throw new DrawingError('page-unreadable', `a page of ${points.width} × ${points.height} points`);
  }
  const area = points.width * points.height;
  const shareOf = (image: PageImage) => (image.across * image.down) / area;
  const [largest] = images.toSorted((one, other) => shareOf(other) - shareOf(one));
  let dpi = usualDpi;
  if (largest && shareOf(largest) >= 0.5) {
    const own = Math.max(largest.width / largest.across, largest.height / largest.down) * 72;
    const isTheScan = !isMixed && shareOf(largest) >= wholePage;
    dpi = isTheScan ? own : Math.max(usualDpi, own);
  }
  const scale = Math.min(
    dpi / 72,
    maxSide / points.width,
    maxSide / points.height,
    Math.sqrt(maxPixels / area),
  );
  return {
    width: clamp(Math.round(points.width * scale)),
    height: clamp(Math.round(points.height * scale)),
  };
}

const clamp = (pixels: number) => Math.min(maxSide, Math.max(1, pixels));
