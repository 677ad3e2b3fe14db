// The primary image of a HEIF file. HEIC is decoded by libheif's WebAssembly, AVIF by sharp. The file's own properties
// (`clap`, `irot`, `imir`) make it upright; EXIF's orientation only repeats them (ISO/IEC 23008-12, 6.5.10).
import { readFile } from 'node:fs/promises';
import libheif from 'libheif-js/wasm-bundle.js';
import sharp, { type Sharp } from 'sharp';
import { estimateDecoding, type ImageHeader, maxDrawingBytes } from '../files/decoding-cost.ts';
import { findHeifMeta, readHeifMeta } from '../files/heif.ts';
import type { HeifPicture, HeifTransform } from '../files/heif-picture.ts';
import { type Drawable, DrawingError, jpegOptions, maxSide } from './drawable.ts';
import { applyPlacement, crop, flop, type Placement, placeWhole, turn } from './orientation.ts';

const limits = { limitInputPixels: maxSide * maxSide } as const;

/** Throws DrawingError. */
export async function openHeif(path: string): Promise<Drawable> {
  const file = await readFile(path);
  const picture = detachTransforms(file);

  return {
    pageCount: 1,
    takeText: async () => false,

    async copyPages() {
      throw new DrawingError('foreign', 'the file is no PDF');
    },

    async draw(_number, to) {
      assertAffordable(picture, picture.largest);
      const decoded =
        picture.codec === 'av01' ? await openAv1(file, picture) : await decodeHevc(file, picture);
      try {
        await applyPlacement(decoded.image, place(decoded, picture.transforms))
          .flatten({ background: '#fff' })
          .toColourspace('srgb')
          .jpeg(jpegOptions)
          .toFile(to);
      } catch (error) {
        throw new DrawingError('damaged', (error as Error).message, error);
      }
      return { hadText: false };
    },
  };
}

/**
 * Removes the transforms from the image; they are applied after decoding. libheif rejects an image most of which is
 * cropped (github.com/strukturag/libheif/issues/1856).
 */
function detachTransforms(file: Buffer): HeifPicture {
  const place = findHeifMeta(file);
  const meta = place && file.subarray(place.start, place.end);
  const picture = meta && readPicture(meta);
  if (!picture) throw new DrawingError('damaged', 'the file has no primary picture');
  for (const { associationAt, associationLength } of picture.transforms)
    meta.fill(0, associationAt, associationAt + associationLength); // 0 means no property
  return picture;
}

function readPicture(meta: Buffer): HeifPicture | undefined {
  try {
    return readHeifMeta(meta);
  } catch (error) {
    if (error instanceof RangeError) throw new DrawingError('damaged', error.message, error);
    throw error;
  }
}

/** Checked again with the decoder's own figures, since the file's may be wrong. Throws DrawingError. */
function assertAffordable({ codec, bitDepth }: HeifPicture, size: { width: number; height: number }) {
  const header: ImageHeader =
    codec === 'av01' ? { kind: 'avif', ...size, bitDepth } : { kind: 'heic', ...size };
  if (estimateDecoding(header, { isTurned: true }) > maxDrawingBytes)
    throw new DrawingError('page-too-costly', `${size.width} × ${size.height} pixels`);
}

interface Decoded {
  image: Sharp;
  width: number;
  height: number;
}

async function openAv1(file: Buffer, picture: HeifPicture): Promise<Decoded> {
  const options = { ...limits, failOn: 'error' } as const;
  try {
    const { pagePrimary = 0, format } = await sharp(file, options).metadata();
    if (format !== 'heif') throw new Error(`the file is ${format}`);
    const image = sharp(file, { ...options, page: pagePrimary });
    const { width, height } = await image.metadata();
    assertAffordable(picture, { width, height });
    return { image, width, height };
  } catch (error) {
    if (error instanceof DrawingError) throw error;
    throw new DrawingError('damaged', (error as Error).message, error);
  }
}

async function decodeHevc(file: Buffer, picture: HeifPicture): Promise<Decoded> {
  await libheif.ready;
  const decoder = new libheif.HeifDecoder();
  const images = decoder.decode(file);
  try {
    const primary = images.find((image) => image.is_primary()) ?? images[0];
    if (!primary) throw new DrawingError('damaged', 'libheif finds no image');
    const [width, height] = [primary.get_width(), primary.get_height()];
    assertAffordable(picture, { width, height });
    const target = { data: new Uint8ClampedArray(width * height * 4), width, height };
    const shown = await new Promise((resolve) => primary.display(target, resolve));
    if (!shown) throw new DrawingError('damaged', 'libheif cannot decode the image');
    const pixels = Buffer.from(target.data.buffer);
    return { image: sharp(pixels, { raw: { width, height, channels: 4 }, ...limits }), width, height };
  } finally {
    for (const image of images) image.free();
    decoder.decoder?.delete();
  }
}

function place(size: { width: number; height: number }, transforms: HeifTransform[]): Placement {
  return transforms.reduce((placement, transform) => {
    if (transform.kind === 'crop') return crop(placement, transform);
    if (transform.kind === 'turn') return turn(placement, -transform.quarters);
    return transform.exchanges === 'columns' ? flop(placement) : turn(flop(placement), 2);
  }, placeWhole(size));
}
