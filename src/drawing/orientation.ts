// Orientations and crops, combined into one: first a crop of the decoded pixels, then an exchange of left and right, then
// quarter turns.
import type { Sharp } from 'sharp';

/** `turns`: quarter turns, clockwise. */
export interface Orientation {
  isFlopped: boolean;
  turns: number;
}

interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Given a picture that is placed like this, how it is cropped, turned and mirrored further. */
export interface Placement {
  /** Of the decoded pixels. */
  area: Area;
  orientation: Orientation;
}

export function placeWhole({ width, height }: { width: number; height: number }): Placement {
  return { area: { left: 0, top: 0, width, height }, orientation: { isFlopped: false, turns: 0 } };
}

/** A further quarter turn or several, clockwise. */
export function turn({ area, orientation }: Placement, turns: number): Placement {
  return { area, orientation: { ...orientation, turns: (orientation.turns + turns) & 3 } };
}

/** Left and right change places (a mirror after a turn is the opposite turn after the mirror). */
export function flop({ area, orientation: { isFlopped, turns } }: Placement): Placement {
  return { area, orientation: { isFlopped: !isFlopped, turns: -turns & 3 } };
}

/** A further crop, in pixels of the picture as it is placed so far. */
export function crop({ area, orientation }: Placement, part: Area): Placement {
  let { left, top, width, height } = part;
  for (let turns = orientation.turns; turns > 0; turns -= 1) {
    // undoes one clockwise turn: the picture before it is `size` wide
    const size = sizeAfter(area, turns - 1);
    [left, top, width, height] = [top, size.height - left - width, height, width];
  }
  if (orientation.isFlopped) left = area.width - left - width;
  return { area: { left: area.left + left, top: area.top + top, width, height }, orientation };
}

function sizeAfter({ width, height }: Area, turns: number) {
  return turns % 2 === 1 ? { width: height, height: width } : { width, height };
}

/** EXIF's orientations 1 to 8 (TIFF 6.0, tag 274). */
export function orientationOf(exif: number): Orientation {
  const turns = [0, 0, 0, 2, 2, 3, 1, 1, 3][exif] ?? 0;
  return { isFlopped: [2, 4, 5, 7].includes(exif), turns };
}

/** Applies the placement to an image that nothing else was done to: sharp mirrors before it turns. */
export function applyPlacement(image: Sharp, { area, orientation }: Placement): Sharp {
  return image
    .extract(area)
    .flop(orientation.isFlopped)
    .rotate(orientation.turns * 90);
}
