// Pages of a TIFF, read by libtiff in sharp.
import sharp from 'sharp';
import { type Drawable, DrawingError, jpegOptions, maxSide } from './drawable.ts';

const options = { limitInputPixels: maxSide * maxSide, failOn: 'error', sequentialRead: true } as const;

/** Throws DrawingError. */
export async function openTiff(path: string): Promise<Drawable> {
  const { pages = 1 } = await sharp(path, options)
    .metadata()
    .catch((error) => {
      throw new DrawingError('damaged', (error as Error).message, error);
    });

  return {
    pageCount: pages,
    async draw(number, to) {
      try {
        const page = () => sharp(path, { ...options, page: number - 1 });
        const { width, height } = await page().metadata();
        if (width > maxSide || height > maxSide) {
          throw new DrawingError('page-too-large', `${width} × ${height} pixels`);
        }
        await page()
          .autoOrient()
          .flatten({ background: '#fff' })
          .toColourspace('srgb')
          .jpeg(jpegOptions)
          .toFile(to);
        return { hadText: false };
      } catch (error) {
        if (error instanceof DrawingError) throw error;
        const { message } = error as Error;
        const fault = /pixel limit/.test(message) ? 'page-too-large' : 'page-unreadable';
        throw new DrawingError(fault, message, error);
      }
    },
  };
}
