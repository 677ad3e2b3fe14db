// A page is rotated by its `rotation` alone. The prepared image and the detection stay as they are and are rotated
// when read, so that a reader sees all of a rotation or nothing of it. Pure.
import type { ReviewedLine } from '../text/corrections.ts';
import type { Direction } from '../text/direction.ts';
import { normalizeRotation, type Rotation, turnPolygon } from '../text/rotated-polygons.ts';
import { mapPolygons } from '../text/upright.ts';
import type { Page } from './page.ts';

type Turned = Pick<Page, 'rotation' | 'preparedRotation'>;

/** Degrees clockwise from the prepared image to `rotation`, by default the page's. */
export function turnOf(page: Turned, rotation = page.rotation): Rotation {
  return normalizeRotation(rotation - (page.preparedRotation ?? page.rotation));
}

/** Sets `width` and `height` to those of the image as shown; a stored page has those of the prepared image. */
export function withShownSize<P extends Turned & { width?: number; height?: number }>(page: P): P {
  if (turnOf(page) % 180 === 0 || page.width === undefined || page.height === undefined) return page;
  return { ...page, width: page.height, height: page.width };
}

export function turnLines(lines: ReviewedLine[], turn: Rotation): ReviewedLine[] {
  if (turn === 0) return lines;
  return lines.map((line) => mapPolygons(line, (polygon) => turnPolygon(polygon, turn)));
}

/**
 * How a page is turned once its text was read, so that the text is upright. `undefined`: it stays, because it is upright, its
 * direction is uncertain, or a person has rotated it.
 */
export function turnByText(
  page: Pick<Page, 'rotation' | 'rotationChosen' | 'turnedFrom' | 'preparedRotation'>,
  direction: Direction | undefined,
): { rotation: Rotation; turnedFrom: Rotation } | undefined {
  // pages that were rotated before `rotationChosen` was stored have a rotation
  const isChosen = page.rotationChosen || (page.rotation !== 0 && page.turnedFrom === undefined);
  if (!direction || isChosen) return undefined;
  const rotation = normalizeRotation((page.preparedRotation ?? page.rotation) - direction.turned);
  if (rotation === page.rotation) return undefined;
  return { rotation, turnedFrom: normalizeRotation(page.turnedFrom ?? page.rotation) };
}
