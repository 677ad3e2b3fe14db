// Files of several pages, built byte by byte, and photos as phones store them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

export interface PdfPage {
  /** In points. */
  width?: number;
  height?: number;
  /** A JPEG that covers the page. */
  image?: Buffer;
  /** Printed in Helvetica from the middle of the page on. */
  text?: string;
  /** Whether that text is invisible, as OCR programs write it over scans. */
  isTextInvisible?: boolean;
  /** Of the page, clockwise. */
  rotate?: 0 | 90 | 180 | 270;
  /** Instead of `/MediaBox[0 0 width height]`. */
  mediaBox?: string;
  /** Painted instead of image and text (ISO 32000-2, 8 and 9): the images are /I0, /I1 …, the form is /X, the font /F. */
  content?: string;
  images?: Buffer[];
  form?: string;
  /** More entries of the resources. */
  resources?: string;
}

interface PdfOptions {
  /** Entries of the catalog. */
  catalog?: string;
  /** Entries of the trailer. */
  trailer?: string;
}

/** A PDF of these pages, with a correct cross-reference table (ISO 32000-2, 7.5). */
export async function buildPdf(pages: PdfPage[], { catalog = '', trailer = '' }: PdfOptions = {}) {
  const parts: Buffer[] = [];
  const places: number[] = [];
  let length = 0;
  const add = (part: string | Buffer) => {
    const bytes = Buffer.from(part);
    parts.push(bytes);
    length += bytes.length;
  };
  const addObject = (number: number, ...content: (string | Buffer)[]) => {
    places[number] = length;
    add(`${number} 0 obj\n`);
    for (const part of content) add(part);
    add('\nendobj\n');
  };
  const addStream = (number: number, entries: string, data: string | Buffer) =>
    addObject(number, `<<${entries}/Length ${Buffer.byteLength(data)}>>stream\n`, data, '\nendstream');

  add('%PDF-1.7\n%\u00e2\u00e3\n');
  let next = 4;
  const kids: string[] = [];
  for (const page of pages) {
    const { width = 300, height = 400, image, text, rotate = 0, form } = page;
    const images = [...(image ? [image] : []), ...(page.images ?? [])];
    const [pageNumber, contentNumber, imageNumber] = [next, next + 1, next + 2];
    const formNumber = imageNumber + images.length;
    next = formNumber + (form ? 1 : 0);
    kids.push(`${pageNumber} 0 R`);
    const mediaBox = page.mediaBox ?? `[0 0 ${width} ${height}]`;
    const names = images.map((_, index) => `/I${index} ${imageNumber + index} 0 R`);
    if (form) names.push(`/X ${formNumber} 0 R`);
    const resources = `/Resources<</Font<</F 3 0 R>>/XObject<<${names.join('')}>>${page.resources ?? ''}>>`;
    addObject(
      pageNumber,
      `<</Type/Page/Parent 2 0 R/MediaBox${mediaBox}/Rotate ${rotate}${resources}/Contents ${contentNumber} 0 R>>`,
    );
    const drawsImage = image ? `q ${width} 0 0 ${height} 0 0 cm /I0 Do Q ` : '';
    const mode = page.isTextInvisible ? 3 : 0;
    const drawsText = text ? `BT /F 24 Tf ${mode} Tr 20 ${Math.round(height / 2)} Td (${text}) Tj ET` : '';
    addStream(contentNumber, '', page.content ?? drawsImage + drawsText);
    for (const [index, one] of images.entries()) {
      const { width: across, height: down, channels } = await sharp(one).metadata();
      addStream(
        imageNumber + index,
        `/Type/XObject/Subtype/Image/Width ${across}/Height ${down}/ColorSpace/Device${channels === 1 ? 'Gray' : 'RGB'}/BitsPerComponent 8/Filter/DCTDecode`,
        one,
      );
    }
    if (form)
      addStream(formNumber, `/Type/XObject/Subtype/Form/BBox[0 0 ${width} ${height}]${resources}`, form);
  }
  addObject(1, `<</Type/Catalog/Pages 2 0 R${catalog}>>`);
  addObject(2, `<</Type/Pages/Count ${pages.length}/Kids[${kids.join(' ')}]>>`);
  addObject(3, '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>');
  const tableAt = length;
  add(`xref\n0 ${next}\n0000000000 65535 f \n`);
  for (let number = 1; number < next; number += 1) {
    add(`${String(places[number]).padStart(10, '0')} 00000 n \n`);
  }
  add(`trailer<</Size ${next}/Root 1 0 R${trailer}>>\nstartxref\n${tableAt}\n%%EOF\n`);
  return Buffer.concat(parts);
}

/** A PDF that needs an unknown password (standard handler, 7.6.4). */
export async function buildEncryptedPdf() {
  const keys = `/O<${'4a'.repeat(32)}>/U<${'5b'.repeat(32)}>`;
  return buildPdf([{ text: 'Secret' }], {
    trailer: `/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -44${keys}>>/ID[<${'01'.repeat(16)}><${'01'.repeat(16)}>]`,
  });
}

/** Starts and ends like a PDF, with no objects in between. */
export const brokenPdf = Buffer.from(`%PDF-1.7\n${'no objects here\n'.repeat(20)}%%EOF\n`);

/** A TIFF of one page a colour. */
export async function buildTiff(colours: string[], { width = 200, height = 120 } = {}): Promise<Buffer> {
  const pages = colours.map((background) =>
    sharp({ create: { width, height, channels: 3, background } })
      .png()
      .toBuffer(),
  );
  return sharp(await Promise.all(pages), { join: { animated: true } })
    .tiff({ compression: 'lzw' })
    .toBuffer();
}

/**
 * A TIFF whose header claims this size without any pixels: one directory with the entries that readers need.
 */
export function buildTiffBomb(width: number, height: number): Buffer {
  const entries: [number, number, number][] = [
    [256, 4, width],
    [257, 4, height],
    [258, 3, 8],
    [259, 3, 1],
    [262, 3, 1],
    [273, 4, 8],
    [277, 3, 1],
    [278, 4, height],
    [279, 4, 4],
  ];
  const file = Buffer.alloc(12 + 2 + entries.length * 12 + 4);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(12, 4);
  file.writeUInt16LE(entries.length, 12);
  for (const [index, [tag, type, value]] of entries.entries()) {
    const at = 14 + index * 12;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(type, at + 2);
    file.writeUInt32LE(1, at + 4);
    if (type === 3) file.writeUInt16LE(value, at + 8);
    else file.writeUInt32LE(value, at + 8);
  }
  return file;
}

/**
 * 240 × 320 pixels once it is upright: a red band across the top, a blue square at the bottom left. It is stored lying on its
 * side with `irot`, and carries EXIF with a place in Paris. Made with heif-enc of libheif 1.15 from an image of sharp's; the
 * turn was added to its boxes by hand.
 */
export const photo: Buffer = readFileSync(join(import.meta.dirname, 'photo.heic'));

/**
 * 150 × 220 pixels once it is upright, with the same band and square, as iPhones store a photograph: tiles of 64 pixels in a grid,
 * turned by `irot`, with a thumbnail, a gain map for HDR, and EXIF that says the turn again. The tiles were made with heif-enc of
 * libheif 1.15, the boxes around them by hand.
 */
export const tiledPhoto: Buffer = readFileSync(join(import.meta.dirname, 'tiled-photo.heic'));
