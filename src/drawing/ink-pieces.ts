// Connected pieces of ink, and whether they look like letters. Pure.
import type { Grey } from './ink.ts';

/** Letters from 5 to 30 points at 100 dots an inch, and words of small ones. */
const letter = { minHeight: 4, maxHeight: 44, maxWidth: 90 };
/** A letter, or a word, fills this much of its box: not a frame, and not a block. */
const fill = { least: 0.12, most: 0.92 };

interface Piece {
  width: number;
  height: number;
  area: number;
}

/** Measures the piece of ink at `start`, and removes it. */
export function measurePiece(
  ink: Uint8Array,
  { width, height }: Grey,
  start: number,
  stack: Int32Array,
): Piece {
  let [left, right, top, bottom, area, depth] = [width, 0, height, 0, 0, 1];
  stack[0] = start;
  ink[start] = 0;
  while (depth > 0) {
    depth -= 1;
    const at = stack[depth] as number;
    const [x, y] = [at % width, Math.floor(at / width)];
    area += 1;
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
    for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v += 1) {
      for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u += 1) {
        const next = v * width + u;
        if (ink[next] !== 1) continue;
        ink[next] = 0;
        stack[depth] = next;
        depth += 1;
      }
    }
  }
  return { width: right - left + 1, height: bottom - top + 1, area };
}

/** Small print runs together: a word is one piece. */
export function lettersIn({ width, height, area }: Piece): number {
  const share = area / (width * height);
  const isLikeLetters =
    height >= letter.minHeight &&
    height <= letter.maxHeight &&
    width <= letter.maxWidth &&
    share >= fill.least &&
    (share <= fill.most || width <= 3) &&
    area >= 5;
  return isLikeLetters ? Math.max(1, Math.round(width / height)) : 0;
}
