// Pages of a TIFF, read by libtiff in sharp.
import sharp from 'sharp';
import { type Drawable, DrawingError, jpegOptions, maxSide } from './drawable.ts';
import { readTiffDirectories } from './tiff-directories.ts';

const options = { limitInputPixels: maxSide * maxSide, failOn: 'error', sequentialRead: true } as const;
/** What libtiff says of compressions that it knows by name only, and libvips of colours. */
const foreign = /not (configured|implemented|supported)|labq/i;
/** Pixels are made square that are further from it. */
const nearlySquare = 1.05;

/** Throws DrawingError. */
export async function openTiff(path: string): Promise<Drawable> {
  const { pages = 1 } = await sharp(path, options)
    .metadata()
    .catch((error) => {
      const { message } = error as Error;
      throw new DrawingError(foreign.test(message) ? 'foreign' : 'damaged', message, error);
    });
  const directories = readTiffDirectories(path, pages);
  const all = Array.from({ length: pages }, (_, index) => index);
  const whole = all.filter((index) => !directories[index]?.isAside);
  const places = whole.length > 0 ? whole : all;

  return {
    pageCount: places.length,
    async draw(number, to) {
      try {
        const place = places[number - 1] as number;
        const page = () => sharp(path, { ...options, page: place });
        const { width, height, orientation = 1 } = await page().metadata();
        const square = makeSquare({ width, height }, directories[place]?.tallness ?? 1);
        if (square.width > maxSide || square.height > maxSide) {
          throw new DrawingError('page-too-large', `${square.width} × ${square.height} pixels`);
        }
        const isOnItsSide = orientation > 4;
        await page()
          .autoOrient()
          .resize({
            width: isOnItsSide ? square.height : square.width,
            height: isOnItsSide ? square.width : square.height,
            fit: 'fill',
          })
          .flatten({ background: '#fff' })
          .toColourspace('srgb')
          .jpeg(jpegOptions)
          .toFile(to);
        return { hadText: false };
      } catch (error) {
        if (error instanceof DrawingError) throw error;
        const { message } = error as Error;
        throw new DrawingError(faultOf(message), message, error);
      }
    },
  };
}

function faultOf(message: string) {
  if (/pixel limit/.test(message)) return 'page-too-large';
  return foreign.test(message) ? 'foreign' : 'page-unreadable';
}

/** More pixels in the direction that has fewer of them to the inch: no line of a fax is lost. */
function makeSquare({ width, height }: { width: number; height: number }, tallness: number) {
  if (tallness > nearlySquare) return { width, height: Math.round(height * tallness) };
  if (tallness < 1 / nearlySquare) return { width: Math.round(width / tallness), height };
  return { width, height };
}
