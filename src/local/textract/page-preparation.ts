// Makes of a document's bytes the image that Tesseract reads best; docs/decisions/0005 has the measurements.
import sharp, { type Sharp } from 'sharp';
import type { Point } from '../../text/detected-text.ts';
import { hasColumns } from './page-columns.ts';
import {
  eraseBlank,
  evennessOf,
  evenOut,
  findInk,
  type GreyImage,
  measureInk,
  measureLight,
  measurePrintedPart,
  measureRows,
} from './page-overview.ts';

export interface PreparedPage extends GreyImage {
  inColumns: boolean;
  /** From a pixel of the prepared image to fractions of the upright page. */
  toPage(x: number, y: number): Point;
}

const overviewSide = 1000;
const printedPixels = 2_500_000;
const maxPixels = 4_000_000;
// Tesseract takes minutes over the thousands of letters that it sees in carpet.
const texturePixels = 250_000;
// Without print to set the threshold, Tesseract takes the grain of the paper for letters.
const nearlyBlank = 0.005;
const maxEnlargement = 3;
const evenEnough = 0.7;

/** Grey, upright, scaled so that the print is large enough, evenly lit, its lines level. Throws what sharp throws on broken images. */
export async function preparePage(document: Uint8Array): Promise<PreparedPage> {
  const overview = await toGrey(
    openGrey(document).resize({ width: overviewSide, height: overviewSide, fit: 'inside' }),
  );
  const light = measureLight(overview);
  const ink = findInk(overview, light);
  const { tilt, texture } = measureRows(ink, overview.width, overview.height);
  const { autoOrient: size } = await sharp(document).metadata();
  const scale = texture
    ? Math.min(1, Math.sqrt(texturePixels / (size.width * size.height)))
    : chooseScale(size, measurePrintedPart(ink, overview.width, overview.height));
  const width = Math.max(1, Math.round(size.width * scale));
  const height = Math.max(1, Math.round(size.height * scale));
  const page = await toGrey(openGrey(document).resize({ width, height, fit: 'fill', kernel: 'linear' }));
  const blank = measureInk(ink) < nearlyBlank;
  if (blank || evennessOf(light) < evenEnough) evenOut(page, overview.width, light);
  if (blank) eraseBlank(page, ink, overview.width, overview.height);
  return { ...(await level(page, tilt)), inColumns: hasColumns(ink, overview.width, overview.height, tilt) };
}

function openGrey(document: Uint8Array) {
  return sharp(document, { limitInputPixels: 100_000_000, sequentialRead: true, pages: 1 })
    .autoOrient()
    .flatten({ background: '#fff' })
    .greyscale();
}

async function toGrey(image: Sharp): Promise<GreyImage> {
  const { data, info } = await image
    .toColourspace('b-w')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

function chooseScale(size: { width: number; height: number }, printedPart: number): number {
  const pixels = size.width * size.height;
  const wanted = Math.min(maxPixels, printedPixels / printedPart);
  if (pixels < wanted) return Math.min(maxEnlargement, Math.sqrt(wanted / pixels));
  return Math.min(1, Math.sqrt(maxPixels / pixels));
}

async function level(page: GreyImage, degrees: number): Promise<Omit<PreparedPage, 'inColumns'>> {
  if (degrees === 0) {
    return { ...page, toPage: (x, y) => ({ x: x / page.width, y: y / page.height }) };
  }
  const raw = { width: page.width, height: page.height, channels: 1 as const };
  const turned = await toGrey(sharp(page.data, { raw }).rotate(-degrees, { background: '#fff' }));
  const cos = Math.cos((degrees * Math.PI) / 180);
  const sin = Math.sin((degrees * Math.PI) / 180);
  return {
    ...turned,
    toPage(x, y) {
      const dx = x - turned.width / 2;
      const dy = y - turned.height / 2;
      return {
        x: (dx * cos - dy * sin + page.width / 2) / page.width,
        y: (dx * sin + dy * cos + page.height / 2) / page.height,
      };
    },
  };
}

/** The image as a binary PGM file, which needs no compression on its way to Tesseract. */
export function toPgm({ data, width, height }: GreyImage): Buffer {
  return Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), data]);
}
