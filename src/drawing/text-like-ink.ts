// Counts what looks like letters in a picture: pieces of ink of their size, on any background. Pure.
import { findInk, type Grey, sumUp } from './ink.ts';
import { lettersIn, measurePiece } from './ink-pieces.ts';

/** The larger of the counts of dark and of light pieces; counting stops at `enough`. */
export function countLetters(image: Grey, enough: number): number {
  if (image.pixels.every((pixel) => pixel === image.pixels[0])) return 0;
  const sums = sumUp(image);
  const dark = countPieces(image, sums, -1, enough);
  return dark >= enough ? dark : Math.max(dark, countPieces(image, sums, 1, enough));
}

function countPieces(image: Grey, sums: Float64Array, sign: 1 | -1, enough: number): number {
  const ink = findInk(image, sums, sign);
  const stack = new Int32Array(image.width * image.height);
  let count = 0;
  for (let start = 0; start < ink.length && count < enough; start += 1) {
    if (ink[start] === 1) count += lettersIn(measurePiece(ink, image, start, stack));
  }
  return count;
}
