// Combines orientations and crops into one placement: first a crop of the decoded pixels, then a horizontal flip, then
// quarter turns.
import type { Sharp } from 'sharp';

/** `turns`: clockwise quarter turns. */
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

/** How an image is cropped, flipped and turned. The functions below add a step to a placement. */
export interface Placement {
  /** In decoded pixels. */
  area: Area;
  orientation: Orientation;
}

export function placeWhole({ width, height }: { width: number; height: number }): Placement {
  return { area: { left: 0, top: 0, width, height }, orientation: { isFlopped: false, turns: 0 } };
}

/** Adds clockwise quarter turns. */
export function turn({ area, orientation }: Placement, turns: number): Placement {
  return { area, orientation: { ...orientation, turns: (orientation.turns + turns) & 3 } };
}

/** Adds a horizontal flip. A flip after a turn equals the opposite turn after the flip. */
export function flop({ area, orientation: { isFlopped, turns } }: Placement): Placement {
  return { area, orientation: { isFlopped: !isFlopped, turns: -turns & 3 } };
}

/** Adds a crop, in pixels of the image as placed so far. */
export function crop({ area, orientation }: Placement, part: Area): Placement {
  let { left, top, width, height } = part;
  for (let turns = orientation.turns; turns > 0; turns -= 1) {
    // undoes one clockwise turn: before it the image is `size` wide
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

/** Applies the placement to an unprocessed image: sharp flips before it turns. */
export function applyPlacement(image: Sharp, { area, orientation }: Placement): Sharp {
  return image
    .extract(area)
    .flop(orientation.isFlopped)
    .rotate(orientation.turns * 90);
}
