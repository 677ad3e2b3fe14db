// Estimates the memory for decoding an image from its header. Measured with sharp 0.35 (libvips 8.18) and libheif-js
// 1.23 by `npm run bench`; the figures are in docs/decisions/0045. Pure.

interface Size {
  width: number;
  height: number;
}

/** The properties of an image's header that determine its decoding cost. */
export type ImageHeader = Size &
  (
    | {
        kind: 'jpeg';
        components: number;
        /** Samples in a pixel: 3 without subsampling, 1.5 with 4:2:0. */
        samples: number;
        /** Progressive or in several scans: no row is complete before the last scan. */
        scans: 'one' | 'several' | 'progressive';
      }
    | { kind: 'png'; channels: number; bitDepth: number; isInterlaced: boolean }
    | { kind: 'webp' }
    | { kind: 'heic' }
    | { kind: 'avif'; bitDepth: number }
  );

/** A TIFF page. */
export interface TiffHeader extends Size {
  channels: number;
  bitDepth: number;
  /** The pixels that are decoded at once: a strip, or a row of tiles. */
  pixelsAtOnce: number;
  isTurned: boolean;
}

/** The limit for one image. With a worker's own 200 MB the total stays below 1 GB. */
export const maxDecodingBytes = 640_000_000;
/** The limit of a process that draws pages, including its own memory. */
export const maxDrawingBytes = 720_000_000;

/** Bytes a pixel for the rows in progress and the encoded image. */
const streaming = 0.5;
/** libjpeg keeps the coefficients of all scans, 16 bits each. */
const coefficientBytes = 2;
/** libwebp's frame and canvas, four bytes each. */
const webpBytes = 8.5;
/** libheif's planes, their RGB copy, and the copy that is encoded. */
const avifBytes = { eightBits: 24, more: 34 };
/** HEVC is decoded by WebAssembly: planes, RGB, and the copy that is encoded. */
const heicBytes = 12;
const drawingProcess = 70_000_000;

/**
 * Peak memory of decoding the image and encoding it as a JPEG. `isTurned` (by EXIF or by a person): the whole decoded
 * image is held.
 */
export function estimateDecoding(header: ImageHeader, { isTurned }: { isTurned: boolean }): number {
  const pixels = header.width * header.height;
  switch (header.kind) {
    case 'jpeg': {
      const held = header.scans === 'one' ? 0 : coefficientBytes * header.samples;
      return pixels * (streaming + held + (isTurned ? header.components : 0));
    }
    case 'png': {
      const picture = header.channels * (header.bitDepth > 8 ? 2 : 1);
      return pixels * (streaming + (header.isInterlaced ? picture : 0) + (isTurned ? picture : 0));
    }
    case 'webp':
      return pixels * (streaming + webpBytes + (isTurned ? 4 : 0));
    case 'avif': // in a process of its own, as HEIC
      return drawingProcess + pixels * (header.bitDepth > 8 ? avifBytes.more : avifBytes.eightBits);
    case 'heic':
      return drawingProcess + pixels * heicBytes;
  }
}

/** Peak memory of drawing one page of a TIFF in a process of its own. */
export function estimateTiffPage(header: TiffHeader): number {
  const pixels = header.width * header.height;
  const picture = header.channels * Math.max(1, Math.ceil(header.bitDepth / 8));
  // libtiff's part and libvips's copy of it; a part that is a progressive JPEG also has coefficients
  const part = Math.min(header.pixelsAtOnce, pixels) * (2 * picture + coefficientBytes * header.channels);
  return drawingProcess + pixels * (streaming + (header.isTurned ? picture : 0)) + part;
}

/** The pixel limit for an image of this kind, assuming that it is turned. */
export function largestReadable(header: ImageHeader, bytes = maxBytesOf(header)): number {
  const estimate = (width: number) => estimateDecoding({ ...header, width, height: 1 }, { isTurned: true });
  const atNone = estimate(0);
  return Math.floor((bytes - atNone) / (estimate(1) - atNone));
}

export function maxBytesOf({ kind }: ImageHeader): number {
  return kind === 'heic' || kind === 'avif' ? maxDrawingBytes : maxDecodingBytes;
}

/** For people, with its article: "a progressive CMYK JPEG". */
export function nameKind(header: ImageHeader): string {
  switch (header.kind) {
    case 'jpeg': {
      const colours = header.components === 4 ? 'CMYK ' : '';
      if (header.scans === 'several') return `a ${colours}JPEG in several scans`;
      return header.scans === 'progressive' ? `a progressive ${colours}JPEG` : `a ${colours}JPEG`;
    }
    case 'png': {
      const depth = header.bitDepth > 8 ? `${header.bitDepth}-bit ` : '';
      return header.isInterlaced ? `an interlaced ${depth}PNG` : depth ? `a ${depth}PNG` : 'a PNG';
    }
    case 'webp':
      return 'a WebP image';
    case 'heic':
      return 'a HEIC image';
    case 'avif':
      return header.bitDepth > 8 ? `an AVIF image with ${header.bitDepth} bits per color` : 'an AVIF image';
  }
}
