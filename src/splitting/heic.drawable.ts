// The picture in a HEIC file, decoded by libheif. Upright by the file's own turns (`irot`, `imir`): libheif applies them,
// and EXIF's orientation only repeats them (ISO/IEC 23008-12, 6.5.10).
import { readFile } from 'node:fs/promises';
import decode from 'heic-decode';
import sharp from 'sharp';
import { type Drawable, DrawingError, jpegOptions, maxSide } from './drawable.ts';

/** Throws DrawingError. */
export async function openHeic(path: string): Promise<Drawable> {
  const file = await readFile(path);

  return {
    pageCount: 1,
    async draw(_number, to) {
      const { width, height, data } = await decode({ buffer: file }).catch((error: Error) => {
        throw new DrawingError('damaged', error.message, error);
      });
      const pixels = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      await sharp(pixels, { raw: { width, height, channels: 4 }, limitInputPixels: maxSide * maxSide })
        .flatten({ background: '#fff' })
        .jpeg(jpegOptions)
        .toFile(to);
      return { hadText: false };
    },
  };
}
