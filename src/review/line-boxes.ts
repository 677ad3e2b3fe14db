// Where the lines lie that people added by hand or moved.
import type { Page } from '../pages/page.ts';
import { linesOf } from '../pages/page-reader.ts';
import { showLines, showPolygon, storePolygon, viewOf } from '../pages/page-view.ts';
import { takeTurns } from '../runtime/short-turns.ts';
import { addedLineId, defaultPolygon, placeAmong } from '../text/added-lines.ts';
import type { Detection, Polygon } from '../text/detected-text.ts';
import type { ReviewChanges } from '../text/review.ts';
import type { PageChanges } from './page-changes.ts';

/** Adds the positions of lines added or moved by hand, in the orientation of the detection. */
export async function withBoxes(
  page: Page,
  detection: Detection,
  { lines, drawnAt, ...changes }: PageChanges,
): Promise<ReviewChanges> {
  if (!lines) return changes;
  const view = viewOf(page);
  const shown = showLines(await linesOf(detection, page), view);
  const places = new Map(detection.lines.map((line, index) => [line.id, index + 1]));
  const placeOf = (id: string) => page.added?.[id]?.place ?? places.get(id) ?? 0;
  const placed = shown.map(({ id, polygon }) => ({ id, polygon, place: placeOf(id) }));
  const given: [string, NonNullable<ReviewChanges['lines']>[string]][] = [];
  const takeTurn = takeTurns();
  for (const [id, { polygon: drawn, ...line }] of Object.entries(lines)) {
    const isNew = addedLineId.test(id) && !page.added?.[id] && line.text;
    if (!drawn && !isNew) {
      given.push([id, line]);
      continue;
    }
    await takeTurn();
    const polygon = drawn
      ? showPolygon(storePolygon(drawn, viewOf(page, drawnAt)), view)
      : defaultPolygon(shown, line.text ?? '', page);
    const place = placeAmong(
      placed.filter((other) => other.id !== id),
      polygon,
    );
    placed.push({ id, polygon, place });
    const stored = storePolygon(polygon, view).map(({ x, y }) => ({
      x: tidy(x),
      y: tidy(y),
    }));
    given.push([id, { ...line, box: { place, polygon: stored as Polygon } }]);
  }
  return { ...changes, lines: Object.fromEntries(given) };
}

/** Five digits are a hundredth of a pixel on a large scan. */
const tidy = (fraction: number) => Math.round(fraction * 1e5) / 1e5;
