// Finds ink: what is darker or lighter than its surroundings. Pure.
export interface Grey {
  /** One byte a pixel. */
  pixels: Uint8Array;
  width: number;
  height: number;
}

/** How much darker or lighter than its surroundings ink is, of 255. */
const minContrast = 45;
/** Half the side of a pixel's surroundings. */
const reach = 12;

/** At (x, y) the sum of all pixels above and to the left. */
export function sumUp({ pixels, width, height }: Grey): Float64Array {
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

export function findInk({ pixels, width, height }: Grey, sums: Float64Array, sign: 1 | -1): Uint8Array {
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
