// Says whether a photograph looks too blurred or too small to be read. A hint for the one who takes it, never a refusal.
/** @typedef {Pick<ImageData, 'data' | 'width' | 'height'>} Pixels */

const checkedSide = 1600;
const minSide = 1000;
const minContrast = 40;
const minSharpness = 0.15;

/** @import { PhotoHint } from '../types.d.ts' */

/**
 * `'blurred'`, `'small'`, or undefined when it looks fine, or cannot be looked at here.
 * @param {Blob} file
 * @returns {Promise<PhotoHint | undefined>}
 */
export async function checkPhoto(file) {
  try {
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    if (Math.max(width, height) < minSide) return 'small';
    const scale = Math.min(1, checkedSide / Math.max(width, height));
    const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
    const context = contextOf(canvasOf(across, down), { willReadFrequently: true });
    context.drawImage(bitmap, 0, 0, across, down);
    bitmap.close();
    return isBlurred(context.getImageData(0, 0, across, down)) ? 'blurred' : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {number} width
 * @param {number} height
 */
export function canvasOf(width, height) {
  return Object.assign(document.createElement('canvas'), { width, height });
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function contextOf(canvas, settings) {
  const context = canvas.getContext('2d', settings);
  if (!context) throw new Error('This browser draws on no canvas');
  return context;
}

/**
 * Of RGBA pixels. A page without contrast (blank paper) is not called blurred.
 * @param {Pixels} pixels
 */
export function isBlurred(pixels) {
  const sharpness = sharpnessOf(pixels);
  return sharpness !== undefined && sharpness < minSharpness;
}

/**
 * How steep the steepest edges are (the 99.8th percentile of the difference between neighbours), as a part of the page's
 * contrast: about 1 where ink ends within a pixel, less the more it is smeared. Undefined without contrast.
 * @param {Pixels} pixels
 */
function sharpnessOf({ data, width, height }) {
  const grey = new Uint8Array(width * height);
  for (let at = 0; at < grey.length; at += 1) {
    grey[at] = ((data[at * 4] ?? 0) * 77 + (data[at * 4 + 1] ?? 0) * 150 + (data[at * 4 + 2] ?? 0) * 29) >> 8;
  }
  const levels = new Uint32Array(256);
  const steps = new Uint32Array(256);
  for (let row = 0; row < height - 1; row += 1) {
    for (let column = 0; column < width - 1; column += 1) {
      const at = row * width + column;
      const [here, right, below] = [grey[at] ?? 0, grey[at + 1] ?? 0, grey[at + width] ?? 0];
      const difference = Math.max(Math.abs(here - right), Math.abs(here - below));
      levels[here] = (levels[here] ?? 0) + 1;
      steps[difference] = (steps[difference] ?? 0) + 1;
    }
  }
  const count = (width - 1) * (height - 1);
  const contrast = percentile(levels, count, 0.998) - percentile(levels, count, 0.002);
  if (contrast < minContrast) return undefined;
  return percentile(steps, count, 0.998) / contrast;
}

/**
 * @param {Uint32Array} histogram
 * @param {number} count
 * @param {number} part
 */
function percentile(histogram, count, part) {
  let seen = 0;
  for (let value = 0; value < 256; value += 1) {
    seen += histogram[value] ?? 0;
    if (seen >= count * part) return value;
  }
  return 255;
}
