// Makes of what a person uploaded the upright image that is shown, detected and printed, and its thumbnail.
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { estimateDecoding, type ImageHeader, maxDecodingBytes, nameKind } from '../files/decoding-cost.ts';
import { readImageHeader } from '../files/file-inspector.ts';
import type { PageFailure } from '../pages/page.ts';

/** Textract's limits for a document given as an S3 object, synchronous: 10 MB, and 10 000 pixels a side. */
const maxBytes = 10 * 1024 * 1024;
const maxSide = 10_000;
const maxPixels = 100_000_000;
/** Up to here the file is made smaller by a sixth; it takes three times the time and holds the whole image in memory. */
const smallPixels = 12_000_000;
const optimisedBytes = 7;
const thumbnailSide = 480;

// Only what uploads may hold is ever decoded, whatever a file claims to be.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp'],
});
sharp.cache(false);
sharp.concurrency(1);

/** Whether `preparePageImage` opens this type; any other has to be drawn first. */
export function isOpenedHere(contentType: string): boolean {
  return ['image/jpeg', 'image/png', 'image/webp'].includes(contentType);
}

export interface PreparedImage {
  image: Buffer;
  thumbnail: Buffer;
  width: number;
  height: number;
}

/** The image cannot be prepared, and never will. */
export class UnusableImageError extends Error {
  override name = 'UnusableImageError';
  readonly failure: PageFailure;
  constructor(failure: PageFailure, cause: unknown) {
    super(failure.code, { cause });
    this.failure = failure;
  }
}

/**
 * Upright by EXIF and the person's own turn, flat on white, always encoded anew as a JPEG in sRGB without metadata
 * (which ends polyglots and strips the place a photograph was taken), within Textract's limits.
 * Throws UnusableImageError; errors of the stream itself come through as they are.
 */
export async function preparePageImage(
  original: Readable | Buffer,
  rotation: number,
): Promise<PreparedImage> {
  const file = Buffer.isBuffer(original) ? original : await buffer(original); // which the decoder would do as well
  try {
    const options = { limitInputPixels: maxPixels, failOn: 'error', sequentialRead: true } as const;
    const header = await sharp(file, options).metadata();
    const { data, info } = await sharp(file, options)
      .autoOrient()
      .rotate(rotation)
      .flatten({ background: '#fff' })
      .toColourspace('srgb')
      .resize({ width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true })
      .jpeg({
        quality: 88,
        chromaSubsampling: '4:2:0',
        optimiseCoding: header.width * header.height < smallPixels,
      })
      .toBuffer({ resolveWithObject: true });
    const image = data.length <= maxBytes ? data : await shrink(data);
    const size = image === data ? info : await sharp(image).metadata();
    const thumbnail = await sharp(image)
      .resize({ width: thumbnailSide, height: thumbnailSide, fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality: 72 })
      .toBuffer();
    return { image, thumbnail, width: size.width, height: size.height };
  } catch (error) {
    throw new UnusableImageError(
      {
        code: 'image-unreadable',
        message: 'The image is damaged and can’t be opened. Retake the photo or upload another file.',
      },
      error,
    );
  }
}

/**
 * Peak memory of `preparePageImage`, the file included. Throws UnusableImageError for more than any image may take: it was
 * accepted before there was a limit.
 */
export async function estimatePreparing(file: Buffer, rotation: number): Promise<number> {
  const header = readImageHeader(file);
  const { orientation = 1 } = await sharp(file, { limitInputPixels: false })
    .metadata()
    .catch(() => ({}) as { orientation?: number });
  if (!header) return maxDecodingBytes; // damaged, or nearly so: not beside another large one
  const isTurned = orientation > 1 || rotation % 360 !== 0;
  const bytes = estimateDecoding(header, { isTurned });
  if (bytes > maxDecodingBytes) throw new UnusableImageError(tooCostly(header), undefined);
  const pixels = header.width * header.height;
  return bytes + (pixels < smallPixels ? pixels * optimisedBytes : 0) + file.length;
}

function tooCostly(header: ImageHeader): PageFailure {
  return {
    code: 'image-too-costly',
    message: `This is ${nameKind(header)}, and opening it takes too much memory. Make it smaller or save it as a standard JPEG, then upload that.`,
  };
}

/** Peak memory of `turnImage`. */
export function estimateTurning(image: Buffer): number {
  const header = readImageHeader(image);
  return image.length + (header ? estimateDecoding(header, { isTurned: true }) : maxDecodingBytes);
}

/** Turns a prepared JPEG clockwise. */
export function turnImage(image: Buffer, degrees: 0 | 90 | 180 | 270): Promise<Buffer> {
  // not sequentially: beyond a limit libvips then keeps the pixels on disk, not in memory
  return sharp(image, { limitInputPixels: maxPixels, failOn: 'error', sequentialRead: false })
    .rotate(degrees)
    .jpeg({ quality: 90, chromaSubsampling: '4:2:0' })
    .toBuffer();
}

/** Very large or very noisy images: a little less quality first, then fewer pixels. */
async function shrink(image: Buffer): Promise<Buffer> {
  const { width = maxSide } = await sharp(image).metadata();
  for (const [quality, scale] of [
    [75, 1],
    [75, 0.75],
    [70, 0.5],
  ] as const) {
    const smaller = await sharp(image)
      .resize({ width: Math.round(width * scale) })
      .jpeg({ quality })
      .toBuffer();
    if (smaller.length <= maxBytes) return smaller;
  }
  throw new Error('The image is still larger than Textract accepts');
}
