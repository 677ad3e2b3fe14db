// Pages of a TIFF, read by libtiff in sharp.
import sharp, { type Sharp } from 'sharp';
import { estimateDecoding, estimateTiffPage, maxDrawingBytes } from '../files/decoding-cost.ts';
import { readImageHeader } from '../files/file-inspector.ts';
import { type Drawable, DrawingError, jpegOptions, maxSide } from './drawable.ts';
import { assembleOldJpeg, oldJpegCompression, UnknownLayoutError } from './old-tiff-jpeg.ts';
import { applyPlacement, orientationOf, placeWhole } from './orientation.ts';
import { type TiffDirectory, withTiffDirectories } from './tiff-directories.ts';

const options = { limitInputPixels: maxSide * maxSide, failOn: 'error', sequentialRead: true } as const;
/** Errors of libtiff for compressions that it only knows by name, and of libvips for colour spaces. */
const foreign = /not (configured|implemented|supported)|labq/i;
/** Pixels with a larger aspect ratio are made square. */
const nearlySquare = 1.05;

/** Throws DrawingError. */
export async function openTiff(path: string): Promise<Drawable> {
  const { pages = 1, format } = await sharp(path, options)
    .metadata()
    .catch((error) => {
      const { message } = error as Error;
      throw new DrawingError(foreign.test(message) ? 'foreign' : 'damaged', message, error);
    });
  if (format !== 'tiff') throw new DrawingError('damaged', `the file is ${format}`);
  const directories = await withTiffDirectories(path, pages, (found) => found.map(({ isAside }) => isAside));
  const all = Array.from({ length: pages }, (_, index) => index);
  const whole = all.filter((index) => !directories[index]);
  const places = whole.length > 0 ? whole : all;

  return {
    pageCount: places.length,
    takeText: async () => false,

    async copyPages() {
      throw new DrawingError('foreign', 'the file is no PDF');
    },

    async draw(number, to) {
      const place = places[number - 1] as number;
      try {
        const { upright, width, height, tallness } = await openPage(path, place);
        const square = makeSquare({ width, height }, tallness);
        if (square.width > maxSide || square.height > maxSide) {
          throw new DrawingError('page-too-large', `${square.width} × ${square.height} pixels`);
        }
        await (await upright(square))
          .flatten({ background: '#fff' })
          .toColourspace('srgb')
          .jpeg(jpegOptions)
          .toFile(to);
        return { hadText: false };
      } catch (error) {
        if (error instanceof DrawingError) throw error;
        if (error instanceof UnknownLayoutError) throw new DrawingError('foreign', error.message, error);
        const { message } = error as Error;
        throw new DrawingError(faultOf(message), message, error);
      }
    },
  };
}

interface Size {
  width: number;
  height: number;
}

/** A page with its own pixels, and how it is made upright at a given size. */
interface TiffPage extends Size {
  tallness: number;
  upright(size: Size): Promise<Sharp>;
}

function openPage(path: string, place: number): Promise<TiffPage> {
  return withTiffDirectories(path, place + 1, async (directories, bytes) => {
    const directory = directories[place];
    if (directory?.compression === oldJpegCompression)
      return openOldJpeg(assembleOldJpeg(directory, bytes), directory);
    const page = () => sharp(path, { ...options, page: place });
    const { width, height, orientation = 1 } = await page().metadata();
    if (directory) assertAffordable(directory, { width, height, isTurned: orientation > 1 });
    const isOnItsSide = orientation > 4;
    return {
      width,
      height,
      tallness: directory?.tallness ?? 1,
      upright: async (size) =>
        page()
          .autoOrient()
          .resize({
            width: isOnItsSide ? size.height : size.width,
            height: isOnItsSide ? size.width : size.height,
            fit: 'fill',
          }),
    };
  });
}

const tags = { bits: 258, channels: 277, rows: 278, tileHeight: 323 };

/** Throws DrawingError for a page that exceeds the memory limit. */
function assertAffordable({ numbersOf }: TiffDirectory, given: Size & { isTurned: boolean }) {
  const [rows = given.height] = numbersOf(tags.tileHeight).concat(numbersOf(tags.rows));
  const header = {
    ...given,
    channels: numbersOf(tags.channels)[0] ?? 1,
    bitDepth: Math.max(8, ...numbersOf(tags.bits)),
    pixelsAtOnce: rows * given.width,
  };
  if (estimateTiffPage(header) > maxDrawingBytes) throw tooCostly();
}

const tooCostly = () => new DrawingError('page-too-costly', 'decoding takes too much memory');

/** Uses the TIFF's orientation, not the one in the JPEG's EXIF. */
async function openOldJpeg(jpeg: Buffer, { tallness, orientation }: TiffDirectory): Promise<TiffPage> {
  const { width, height, format } = await sharp(jpeg, options).metadata();
  const header = readImageHeader(jpeg);
  if (format !== 'jpeg' || !header) throw new DrawingError('page-unreadable', `${format} instead of JPEG`);
  // the variable keeps the rotated image's pixels only
  if (estimateDecoding(header, { isTurned: true }) + 2 * jpeg.length > maxDrawingBytes) throw tooCostly();
  return {
    width,
    height,
    tallness,
    async upright(size) {
      const { data, info } = await sharp(jpeg, options)
        .resize({ ...size, fit: 'fill' })
        .raw()
        .toBuffer({ resolveWithObject: true });
      const placement = { ...placeWhole(size), orientation: orientationOf(orientation) };
      return applyPlacement(sharp(data, { raw: info }), placement);
    },
  };
}

function faultOf(message: string) {
  if (/pixel limit/.test(message)) return 'page-too-large';
  return foreign.test(message) ? 'foreign' : 'page-unreadable';
}

/** Adds pixels in the direction with the lower resolution, so that no line of a fax is lost. */
function makeSquare({ width, height }: Size, tallness: number): Size {
  if (tallness > nearlySquare) return { width, height: Math.round(height * tallness) };
  if (tallness < 1 / nearlySquare) return { width: Math.round(width / tallness), height };
  return { width, height };
}
