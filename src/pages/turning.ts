// A page is rotated by its `rotation` and `straightened` alone. The prepared image and the detection stay as they are and
// are rotated when read, so that a reader sees all of a rotation or nothing of it. Pure.
import type { Direction } from '../text/direction.ts';
import { normalizeRotation, type Rotation, rotatedSize } from '../text/rotated-polygons.ts';
import type { Page } from './page.ts';

type Turned = Pick<Page, 'rotation' | 'preparedRotation' | 'straightened'>;
export type Sized = Turned & Pick<Page, 'width' | 'height' | 'preparedSize'>;

/** How an image is or was shown. Missing: as the page is now. */
export interface ShownAs {
  rotation?: Rotation | undefined;
  straightened?: boolean | undefined;
}

/** The tilts, in degrees, that are worth taking out and that are no layout. */
const offeredTilt = { from: 0.3, to: 15 };

/** Degrees clockwise from the prepared image to the one that is shown, to a hundredth. */
export function degreesOf(
  page: Turned & Pick<Page, 'tilt'>,
  { rotation = page.rotation as Rotation, straightened }: ShownAs = {},
): number {
  const tilt = straightened === false ? 0 : (page.straightened ?? (straightened ? page.tilt : 0) ?? 0);
  const degrees = rotation - (page.preparedRotation ?? page.rotation) - tilt;
  return (Math.round((degrees + 720) * 100) / 100) % 360;
}

/** Sets `width` and `height` to those of the image as shown; a stored page has those of the prepared image. */
export function withShownSize<P extends Sized>(page: P): P {
  const { width, height } = page;
  const degrees = degreesOf(page);
  if (degrees % 180 === 0 || width === undefined || height === undefined) return page;
  const preparedSize = { width, height };
  return { ...page, ...rotatedSize(preparedSize, degrees), ...(degrees % 90 === 0 ? {} : { preparedSize }) };
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

/** The tilt that a person may have taken out. */
export function tiltToOffer(direction: Direction | undefined): number | undefined {
  const tilt = direction?.tilt ?? 0;
  return Math.abs(tilt) >= offeredTilt.from && Math.abs(tilt) <= offeredTilt.to ? tilt : undefined;
}
