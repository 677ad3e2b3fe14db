// Images that are damaged, dangerous or unusual.
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

/** Noise does not compress, so the file is as large as its pixels suggest. */
export function noise(width: number, height: number) {
  return sharp({
    create: {
      width,
      height,
      channels: 3,
      background: '#fff',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  });
}

function pngChunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type), data]);
  const chunk = Buffer.alloc(typed.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  typed.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(typed), chunk.length - 4);
  return chunk;
}

/** The start of a PNG, up to its pixels. */
export function pngHeader(
  width: number,
  height: number,
  {
    bitDepth,
    colourType,
    isInterlaced = false,
  }: { bitDepth: number; colourType: number; isInterlaced?: boolean },
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = bitDepth;
  header[9] = colourType;
  header[12] = isInterlaced ? 1 : 0;
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), pngChunk('IHDR', header)]);
}

/** A whole PNG of one bit a pixel, all white: 30 000 × 30 000 pixels are a hundred kilobytes. */
export function whitePng(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const row = Buffer.alloc(1 + Math.ceil(width / 8), 0xff);
  row[0] = 0;
  const rows = Buffer.alloc(row.length * height);
  for (let y = 0; y < height; y += 1) row.copy(rows, y * row.length);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(rows, { level: 9 })),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A JPEG of slightly more than this number of bytes: a small picture after long comments. */
export async function jpegOf(bytes: number): Promise<Buffer> {
  const jpeg = await noise(40, 30).jpeg().toBuffer();
  const comment = Buffer.alloc(65_537, 0x20);
  comment.writeUInt16BE(0xfffe, 0);
  comment.writeUInt16BE(65_535, 2);
  const comments = Array.from({ length: Math.ceil(bytes / comment.length) }, () => comment);
  return Buffer.concat([jpeg.subarray(0, 2), ...comments, jpeg.subarray(2)]);
}

/** EXIF with nothing but an orientation. */
function exifOf(orientation: number): Buffer {
  const exif = Buffer.from('4d4d002a00000008000101120003000000010000000000000000', 'hex');
  exif.writeUInt16BE(orientation, 18);
  return exif;
}

/** A PNG that says by `eXIf` how it is turned (PNG specification, third edition, 11.3.4.2). */
export function withOrientation(png: Buffer, orientation: number): Buffer {
  const data = png.indexOf('IDAT') - 4;
  return Buffer.concat([png.subarray(0, data), pngChunk('eXIf', exifOf(orientation)), png.subarray(data)]);
}

/** A JPEG that says so: sharp writes an orientation only while it converts CMYK to RGB. */
export function withJpegOrientation(jpeg: Buffer, orientation: number): Buffer {
  const content = Buffer.concat([Buffer.from('Exif\0\0'), exifOf(orientation)]);
  const head = Buffer.from([0xff, 0xe1, 0, content.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, content, jpeg.subarray(2)]);
}

/** 16 × 8 grey pixels, with arithmetic coding (ITU-T T.81, annex D). Made by libjpeg-turbo's cjpeg. */
export const arithmeticJpeg = Buffer.from(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/yQALCAAIABABAREA/8wABgAQEAX/2gAIAQEAAD8A0qSA/9k=',
  'base64',
);
