// A character in the frame of its line, and what is beside it there. Pure.
import type { Point } from '../text/detected-text.ts';
import type { PrintedCharacter } from './printed-word.ts';

export const isParallel = (one: Point, other: Point) => one.x * other.x + one.y * other.y > 0.98;
/** Whether lines run along an edge of the page; then the box around their ink is tight. */
const isStraight = ({ x, y }: Point) => Math.min(Math.abs(x), Math.abs(y)) < 0.01;

/** A character's extent along its line and across it. */
export function toFrame({ origin, along, em, box }: PrintedCharacter) {
  const alongOf = (x: number, y: number) => x * along.x + y * along.y;
  const acrossOf = (x: number, y: number) => y * along.x - x * along.y;
  const start = alongOf(origin.x, origin.y);
  const base = acrossOf(origin.x, origin.y);
  const hasInk = box.right > box.left && box.bottom > box.top;
  if (!hasInk || !isStraight(along))
    return { from: start, to: start + 0.5 * em, top: base - 0.5 * em, bottom: base, base };
  const [one, other] = [alongOf(box.left, box.top), alongOf(box.right, box.bottom)];
  const [high, low] = [acrossOf(box.left, box.top), acrossOf(box.right, box.bottom)];
  return {
    from: Math.min(one, other),
    to: Math.max(one, other),
    top: Math.min(high, low),
    bottom: Math.max(high, low),
    base,
  };
}

/** Characters of one word may lie this far apart, in ems: along the line (letter-spacing) and across it (exponents). */
const inWord = { along: 0.9, back: 1.2, across: 0.7 };

/** Whether two characters may belong to one word. */
export function isBeside(one: PrintedCharacter, other: PrintedCharacter): boolean {
  if (!isParallel(one.along, other.along)) return false;
  const em = Math.max(one.em, other.em);
  const [a, b] = [toFrame(one), toFrame(other)];
  if (Math.abs(b.base - a.base) > inWord.across * em) return false;
  const gap = Math.max(b.from - a.to, a.from - b.to);
  return gap <= inWord.along * em && gap >= -inWord.back * em - (a.to - a.from);
}
