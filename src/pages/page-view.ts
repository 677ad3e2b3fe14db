import type { ReviewedLine } from '../text/corrections.ts';
import type { Polygon } from '../text/detected-text.ts';
import { rotatedSize, rotatePolygon, type Size } from '../text/rotated-polygons.ts';
import { mapPolygons } from '../text/upright.ts';
import type { Page } from './page.ts';
import { degreesOf, type ShownAs, type Sized } from './turning.ts';

/** How a prepared image becomes the one that is shown. */
export interface View {
  /** Degrees clockwise, from 0 to 360. */
  degrees: number;
  prepared: Size;
}

/** Of a page with its size as shown. */
export function viewOf(page: Sized & Pick<Page, 'tilt'>, as: ShownAs = {}): View {
  const { width = 1, height = 1 } = page;
  const isTurned = degreesOf(page) % 180 !== 0;
  const prepared = page.preparedSize ?? (isTurned ? { width: height, height: width } : { width, height });
  return { degrees: degreesOf(page, as), prepared };
}

/** From the prepared image, where the detection and lines added by hand are stored, to the image as shown. */
export function showPolygon(polygon: Polygon, { degrees, prepared }: View): Polygon {
  return rotatePolygon(polygon, degrees, prepared);
}

/** The opposite. */
export function storePolygon(polygon: Polygon, { degrees, prepared }: View): Polygon {
  return rotatePolygon(polygon, -degrees, rotatedSize(prepared, degrees), prepared);
}

export function showLines(lines: ReviewedLine[], view: View): ReviewedLine[] {
  if (view.degrees === 0) return lines;
  return lines.map((line) => mapPolygons(line, (polygon) => showPolygon(polygon, view)));
}
