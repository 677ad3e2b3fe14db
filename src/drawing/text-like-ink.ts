// Counts what looks like letters in a picture: pieces of ink of their size, on any background. Pure.

interface Grey {
  /** One byte a pixel. */
  pixels: Uint8Array;
  width: number;
  height: number;
}

/** How much darker or lighter than its surroundings ink is, of 255. */
const minContrast = 45;
/** Half the side of a pixel's surroundings. */
const reach = 12;
/** Letters from 5 to 30 points at 100 dots an inch, and words of small ones. */
const letter = { minHeight: 4, maxHeight: 44, maxWidth: 90 };
/** A letter, or a word, fills this much of its box: not a frame, and not a block. */
const fill = { least: 0.12, most: 0.92 };

/** The larger of the counts of dark and of light pieces; counting stops at `enough`. */
export function countLetters(image: Grey, enough: number): number {
  if (image.pixels.every((pixel) => pixel === image.pixels[0])) return 0;
  const sums = sumUp(image);
  const dark = countPieces(image, sums, -1, enough);
  return dark >= enough ? dark : Math.max(dark, countPieces(image, sums, 1, enough));
}

/** At (x, y) the sum of all pixels above and to the left. */
function sumUp({ pixels, width, height }: Grey): Float64Array {
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y += 1) {
    let row = 0;
    for (let x = 0; x < width; x += 1) {
      row += pixels[y * width + x] as number;
      sums[(y + 1) * (width + 1) + x + 1] = row + (sums[y * (width + 1) + x + 1] as number);
    }
  }
  return sums;
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

function findInk({ pixels, width, height }: Grey, sums: Float64Array, sign: 1 | -1): Uint8Array {
  const ink = new Uint8Array(width * height);
  const stride = width + 1;
  for (let y = 0; y < height; y += 1) {
    const [top, bottom] = [Math.max(0, y - reach), Math.min(height, y + reach + 1)];
    for (let x = 0; x < width; x += 1) {
      const [left, right] = [Math.max(0, x - reach), Math.min(width, x + reach + 1)];
      const sum =
        (sums[bottom * stride + right] as number) -
        (sums[top * stride + right] as number) -
        (sums[bottom * stride + left] as number) +
        (sums[top * stride + left] as number);
      const mean = sum / ((bottom - top) * (right - left));
      if (((pixels[y * width + x] as number) - mean) * sign > minContrast) ink[y * width + x] = 1;
    }
  }
  return ink;
}

interface Piece {
  width: number;
  height: number;
  area: number;
}

/** Measures the piece of ink at `start`, and removes it. */
function measurePiece(ink: Uint8Array, { width, height }: Grey, start: number, stack: Int32Array): Piece {
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
function lettersIn({ width, height, area }: Piece): number {
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
