// What a person wants to change on a page: lines, words, the mark as reviewed, and its position and rotation.
import type { ShownAs } from '../pages/turning.ts';
import type { Polygon } from '../text/detected-text.ts';
import type { ReviewChanges } from '../text/review.ts';
import type { Rotation } from '../text/rotated-polygons.ts';

/** A line's change as given. The polygon of a line added by hand refers to the image as shown. */
type GivenLine = Omit<NonNullable<ReviewChanges['lines']>[string], 'box'> & { polygon?: Polygon };

export interface PageChanges extends Omit<ReviewChanges, 'lines'> {
  lines?: Record<string, GivenLine>;
  /** How the image was shown on which polygons were drawn; by default as it is. */
  drawnAt?: ShownAs;
  number?: number;
  rotation?: Rotation;
  /** Takes the tilt of the text out, or undoes that. */
  straightened?: boolean;
  /** Marks the page as reviewed: no word is unsure any more. */
  reviewed?: boolean;
  /** Who is to review the page; `null` leaves it to the project's assignee. */
  assigneeId?: string | null;
  /** Refuses to mark a page that still has unsure words, so that the person can be asked first. */
  onlyIfChecked?: boolean;
  /** The revision that the changes refer to. Nothing changes when the page has another image by now. */
  revision?: number;
}
