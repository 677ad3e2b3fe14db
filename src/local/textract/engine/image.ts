// A page's pixels, and parts of them cut out along the print.
import sharp from 'sharp';

/** Red, green and blue, a byte each, row by row. */
export interface RgbImage {
  data: Uint8Array;
  width: number;
  height: number;
}

/** In pixels of an image. */
export interface Place {
  x: number;
  y: number;
}

/** Clockwise from the top left of the text. */
export type Quad = [Place, Place, Place, Place];

/** The height to which lines are scaled, which is what the recognition models were trained on. */
export const lineHeight = 48;
const maxLineWidth = 3200;
const minLineWidth = 16;

/** The upright page in colour on white, its longer side `longestSide` pixels at most. Throws what sharp throws on broken images. */
export async function decodePage(document: Uint8Array, longestSide: number): Promise<RgbImage> {
  const open = () => sharp(document, { limitInputPixels: 100_000_000, sequentialRead: true, pages: 1 });
  const { autoOrient: size } = await open().metadata();
  const scale = Math.min(1, longestSide / Math.max(size.width, size.height));
  const upright = open().autoOrient().flatten({ background: '#fff' }).toColourspace('srgb');
  const scaled =
    scale < 1
      ? upright.resize({
          width: Math.max(1, Math.round(size.width * scale)),
          height: Math.max(1, Math.round(size.height * scale)),
          fit: 'fill',
          kernel: 'linear',
        })
      : upright;
  const { data, info } = await scaled.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { data: info.channels === 1 ? tripled(data) : data, width: info.width, height: info.height };
}

function tripled(grey: Uint8Array): Uint8Array {
  const data = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) data.fill(grey[i] as number, i * 3, i * 3 + 3);
  return data;
}

export function openRaw({ data, width, height }: RgbImage) {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** The sides of a quadrilateral: along the print and across it. */
export function sidesOf([topLeft, topRight, , bottomLeft]: Quad): { along: number; across: number } {
  return {
    along: Math.hypot(topRight.x - topLeft.x, topRight.y - topLeft.y),
    across: Math.hypot(bottomLeft.x - topLeft.x, bottomLeft.y - topLeft.y),
  };
}

/** The line that a quadrilateral encloses, made level and `lineHeight` pixels high. */
export function cutLine(page: RgbImage, quad: Quad): RgbImage {
  const { along, across } = sidesOf(quad);
  const wanted = Math.round((along * lineHeight) / Math.max(1, across));
  const width = Math.min(maxLineWidth, Math.max(minLineWidth, wanted));
  const [origin, right, , below] = quad;
  const [stepX, stepY] = [(right.x - origin.x) / width, (right.y - origin.y) / width];
  const [downX, downY] = [(below.x - origin.x) / lineHeight, (below.y - origin.y) / lineHeight];
  // Where the page is larger than the line, two samples a pixel each way keep thin strokes.
  const samples = Math.hypot(downX, downY) > 1.6 ? 2 : 1;
  const data = new Uint8Array(width * lineHeight * 3);
  const sums = new Float32Array(width * 3);
  for (let row = 0; row < lineHeight; row++) {
    sums.fill(0.5);
    for (let i = 0; i < samples * samples; i++) {
      const u = ((i % samples) + 0.5) / samples;
      const v = row + (Math.floor(i / samples) + 0.5) / samples;
      const start = { x: origin.x + u * stepX + v * downX - 0.5, y: origin.y + u * stepY + v * downY - 0.5 };
      addSamples(page, sums, { start, stepX, stepY, part: 1 / (samples * samples) });
    }
    data.set(sums, row * width * 3);
  }
  return { data, width, height: lineHeight };
}

/** Adds to a row of colours a part of those on a line through the page: between four pixels; beyond the edge the edge's own. */
function addSamples(
  page: RgbImage,
  sums: Float32Array,
  { start, stepX, stepY, part }: { start: Place; stepX: number; stepY: number; part: number },
): void {
  const { data } = page;
  const [lastX, lastY, rowSize] = [page.width - 1, page.height - 1, page.width * 3];
  let { x, y } = start;
  for (let at = 0; at < sums.length; x += stepX, y += stepY) {
    const inX = x < 0 ? 0 : x > lastX ? lastX : x;
    const inY = y < 0 ? 0 : y > lastY ? lastY : y;
    const left = inX | 0;
    const top = inY | 0;
    const partX = inX - left;
    const partY = inY - top;
    const upper = top * rowSize + left * 3;
    const lower = top < lastY ? upper + rowSize : upper;
    const next = left < lastX ? 3 : 0;
    for (let colour = 0; colour < 3; colour++, at++) {
      const a = data[upper + colour] as number;
      const b = data[lower + colour] as number;
      const above = a + ((data[upper + next + colour] as number) - a) * partX;
      const below = b + ((data[lower + next + colour] as number) - b) * partX;
      sums[at] = (sums[at] as number) + part * (above + (below - above) * partY);
    }
  }
}

/** The image made so many times wider. */
export function widen(image: RgbImage, factor: number): RgbImage {
  const { data, width, height } = image;
  const wide = Math.round(width * factor);
  const wider = new Uint8Array(wide * height * 3);
  for (let x = 0; x < wide; x++) {
    const at = Math.min(width - 1, Math.max(0, ((x + 0.5) * width) / wide - 0.5));
    const left = Math.floor(at);
    const part = at - left;
    const next = left + 1 < width ? 3 : 0;
    for (let y = 0; y < height; y++) {
      for (let colour = 0; colour < 3; colour++) {
        const from = (y * width + left) * 3 + colour;
        const value = (data[from] as number) * (1 - part) + (data[from + next] as number) * part;
        wider[(y * wide + x) * 3 + colour] = value + 0.5;
      }
    }
  }
  return { data: wider, width: wide, height };
}

/** The channels as planes of numbers, blue first, as the models take them; zeros to the right of a narrower image. */
export function toPlanes(
  { data, width, height }: RgbImage,
  given: { width: number; scale: readonly number[]; offset: readonly number[] },
): Float32Array {
  const size = given.width * height;
  const planes = new Float32Array(3 * size);
  for (let plane = 0; plane < 3; plane++) {
    const scale = given.scale[plane] as number;
    const offset = given.offset[plane] as number;
    for (let y = 0; y < height; y++) {
      let from = y * width * 3 + 2 - plane;
      let to = plane * size + y * given.width;
      for (let x = Math.min(width, given.width); x > 0; x--, from += 3) {
        planes[to++] = (data[from] as number) * scale + offset;
      }
    }
  }
  return planes;
}
