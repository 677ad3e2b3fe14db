// Turns an uploaded image into the upright image that is shown, detected and printed, and its thumbnail.
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { estimateDecoding, type ImageHeader, maxDecodingBytes, nameKind } from '../files/decoding-cost.ts';
import { readImageHeader } from '../files/file-inspector.ts';
import type { PageFailure } from '../pages/page.ts';
import { rotatedSize } from '../text/rotated-polygons.ts';

/** Textract's synchronous limits for a document in S3: 10 MB, and 10,000 pixels a side. */
const maxBytes = 10 * 1024 * 1024;
const maxSide = 10_000;
const maxPixels = 100_000_000;
/**
 * Up to this size optimised coding is used: the file is a sixth smaller, but it takes three times as long and holds
 * the whole image in memory.
 */
const smallPixels = 12_000_000;
const optimisedBytes = 7;
const thumbnailSide = 480;

// only formats that uploads may have are ever decoded, whatever a file claims to be
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp'],
});
sharp.cache(false);
sharp.concurrency(1);

/** Whether `preparePageImage` opens this type. Others must be drawn first. */
export function isOpenedHere(contentType: string): boolean {
  return ['image/jpeg', 'image/png', 'image/webp'].includes(contentType);
}

export interface PreparedImage {
  image: Buffer;
  thumbnail: Buffer;
  width: number;
  height: number;
}

/** The image cannot be prepared, and retrying will not help. */
export class UnusableImageError extends Error {
  override name = 'UnusableImageError';
  readonly failure: PageFailure;
  constructor(failure: PageFailure, cause: unknown) {
    super(failure.code, { cause });
    this.failure = failure;
  }
}

/**
 * Makes the image upright (EXIF, then the person's rotation), flattens it on white, and encodes it as an sRGB JPEG
 * without metadata, within Textract's limits. Encoding it again removes polyglots and the location of a photo. Throws
 * UnusableImageError; errors of the stream are passed on.
 */
export async function preparePageImage(
  original: Readable | Buffer,
  rotation: number,
): Promise<PreparedImage> {
  const file = Buffer.isBuffer(original) ? original : await buffer(original); // the decoder would buffer it anyway
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
 * Peak memory of `preparePageImage`, including the file. Throws UnusableImageError above the limit for any image: the
 * file may have been accepted before there was a limit.
 */
export async function estimatePreparing(file: Buffer, rotation: number): Promise<number> {
  const header = readImageHeader(file);
  const { orientation = 1 } = await sharp(file, { limitInputPixels: false })
    .metadata()
    .catch(() => ({}) as { orientation?: number });
  if (!header) return maxDecodingBytes; // damaged or nearly so: not beside another large one
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

/** Peak memory of `turnImage`: on a tilted canvas, more than the image. */
export function estimateTurning(image: Buffer, degrees: number): number {
  const header = readImageHeader(image);
  if (!header) return image.length + maxDecodingBytes;
  const { width, height } = rotatedSize(header, degrees);
  const growth = (width * height) / (header.width * header.height);
  return image.length + Math.ceil(growth * estimateDecoding(header, { isTurned: true }));
}

/** Rotates a prepared JPEG clockwise, on a white canvas that holds all of it. */
export function turnImage(image: Buffer, degrees: number): Promise<Buffer> {
  // not sequential access: above a limit libvips then keeps the pixels on disk, not in memory
  return sharp(image, { limitInputPixels: maxPixels, failOn: 'error', sequentialRead: false })
    .rotate(degrees, { background: '#fff' })
    .jpeg({ quality: 90, chromaSubsampling: '4:2:0' })
    .toBuffer();
}

/** For very large or noisy images: reduces the quality a little first, then the size. */
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
