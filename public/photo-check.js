// Says whether a photograph looks too blurred or too small to be read. A hint for the one who takes it, never a refusal.
const lookedAtSide = 1600;
const leastSide = 1000;
const leastContrast = 40;
const leastSharpness = 0.15;

/** `'blurred'`, `'small'`, or undefined when it looks fine, or cannot be looked at here. */
export async function checkPhoto(file) {
  try {
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    if (Math.max(width, height) < leastSide) return 'small';
    const scale = Math.min(1, lookedAtSide / Math.max(width, height));
    const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
    const context = canvasOf(across, down).getContext('2d', { willReadFrequently: true });
    context.drawImage(bitmap, 0, 0, across, down);
    bitmap.close();
    return isBlurred(context.getImageData(0, 0, across, down)) ? 'blurred' : undefined;
  } catch {
    return undefined;
  }
}

function canvasOf(width, height) {
  return Object.assign(document.createElement('canvas'), { width, height });
}

/** Of RGBA pixels. A page without contrast (blank paper) is not called blurred. */
export function isBlurred(pixels) {
  const sharpness = sharpnessOf(pixels);
  return sharpness !== undefined && sharpness < leastSharpness;
}

/**
 * How steep the steepest edges are (the 99.8th percentile of the difference between neighbours), as a part of the page's
 * contrast: about 1 where ink ends within a pixel, less the more it is smeared. Undefined without contrast.
 */
export function sharpnessOf({ data, width, height }) {
  const grey = new Uint8Array(width * height);
  for (let at = 0; at < grey.length; at += 1) {
    grey[at] = (data[at * 4] * 77 + data[at * 4 + 1] * 150 + data[at * 4 + 2] * 29) >> 8;
  }
  const levels = new Uint32Array(256);
  const steps = new Uint32Array(256);
  for (let row = 0; row < height - 1; row += 1) {
    for (let column = 0; column < width - 1; column += 1) {
      const at = row * width + column;
      levels[grey[at]] += 1;
      steps[Math.max(Math.abs(grey[at] - grey[at + 1]), Math.abs(grey[at] - grey[at + width]))] += 1;
    }
  }
  const count = (width - 1) * (height - 1);
  const contrast = percentile(levels, count, 0.998) - percentile(levels, count, 0.002);
  if (contrast < leastContrast) return undefined;
  return percentile(steps, count, 0.998) / contrast;
}

function percentile(histogram, count, part) {
  let seen = 0;
  for (let value = 0; value < 256; value += 1) {
    seen += histogram[value];
    if (seen >= count * part) return value;
  }
  return 255;
}
