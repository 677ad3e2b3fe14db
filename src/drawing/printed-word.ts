import type { Point } from '../text/detected-text.ts';

/** A character in points from the top left of the page as shown. */
export interface PrintedCharacter {
  text: string;
  /** Where the pen is when it prints the character, on the baseline. */
  origin: Point;
  /** The unit vector along which the line runs. */
  along: Point;
  /** The font's size as printed. */
  em: number;
  /** Around its ink. */
  box: { left: number; right: number; top: number; bottom: number };
  /** The file doesn't tell which character it is. */
  isUnmapped: boolean;
  /** The file says that it is not painted. */
  isInvisible: boolean;
}

export type PrintedPiece = PrintedCharacter | 'space' | 'break';

/** A word in a frame of its own: `from` and `to` along the line, `top`, `base` and `bottom` across it, all in points. */
export interface PrintedWord {
  text: string;
  along: Point;
  em: number;
  from: number;
  to: number;
  top: number;
  base: number;
  bottom: number;
  count: number;
}
