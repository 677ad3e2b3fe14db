// Inspects an upload while it streams, using very little memory: is its type supported, are its dimensions within the
// limits, is it complete? The worker decodes the pixels later.
import { PaperliftError } from '../errors.ts';
import { estimateDecoding, type ImageHeader, maxBytesOf } from './decoding-cost.ts';
import { empty, mismatch, tooCostly, tooManyPixels, truncated } from './file.errors.ts';
import { type FileType, fileTypeNames, imageTypeNames, mayBe, meantType } from './file-types.ts';
import { damaged, type FileWalker } from './file-walker.ts';
import { createHeifWalker } from './heif.walker.ts';
import { brandsEnd, readBrands } from './heif-brands.ts';
import { createJpegWalker } from './jpeg.walker.ts';
import { createPdfWalker } from './pdf.walker.ts';
import { createPngWalker } from './png.walker.ts';
import { createTiffWalker } from './tiff.walker.ts';
import { createWebpWalker } from './webp.walker.ts';

const maxSide = 10_000;
const maxPixels = 100_000_000;
/** HEIC and AVIF are decoded as a whole in memory. Phones take up to 48 megapixels. */
const maxHeifPixels = 50_000_000;
const magicLength = 12;
/** Readers look for a PDF's header within this many bytes (ISO 32000-2, annex I, note 2 to 7.5.2). */
const pdfHeaderWithin = 1024;
const pdfHeaderLength = 8;

const avifBrands = ['avif', 'avis'];
const heicBrands = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'mif2', 'msf1', 'miaf'];
const tiffMagic = [0x49492a00, 0x4d4d002a, 0x49492b00, 0x4d4d002b];

interface Format {
  type: FileType;
  name: string;
  maxPixels?: number;
  matches(head: Buffer): boolean;
  createWalker(): FileWalker;
}

const formats: Format[] = [
  {
    type: 'image/jpeg',
    name: 'a JPEG image',
    matches: (head) => head.readUIntBE(0, 3) === 0xffd8ff,
    createWalker: createJpegWalker,
  },
  {
    type: 'image/png',
    name: 'a PNG image',
    matches: (head) => head.readUInt32BE(0) === 0x89504e47 && head.readUInt32BE(4) === 0x0d0a1a0a,
    createWalker: createPngWalker,
  },
  {
    type: 'image/webp',
    name: 'a WebP image',
    matches: (head) => head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WEBP',
    createWalker: createWebpWalker,
  },
  {
    type: 'image/avif',
    name: 'an AVIF image',
    maxPixels: maxHeifPixels,
    matches: (head) => hasBrand(head, avifBrands),
    createWalker: createHeifWalker,
  },
  {
    type: 'image/heic',
    name: 'a HEIC image',
    maxPixels: maxHeifPixels,
    matches: (head) => hasBrand(head, heicBrands),
    createWalker: createHeifWalker,
  },
  {
    type: 'image/tiff',
    name: 'a TIFF file',
    matches: (head) => tiffMagic.includes(head.readUInt32BE(0)),
    createWalker: createTiffWalker,
  },
  {
    type: 'application/pdf',
    name: 'a PDF file',
    matches: (head) => /%PDF-[12]\.\d/.test(head.toString('latin1', 0, pdfHeaderWithin + pdfHeaderLength)),
    createWalker: createPdfWalker,
  },
];

function hasBrand(head: Buffer, brands: string[]): boolean {
  return readBrands(head).some((brand) => brands.includes(brand));
}

/**
 * Inspects one file. `push` throws a PaperliftError as soon as the file is known to be rejected. `imagesOnly`: the
 * file replaces the image of one page, so messages name image types only.
 */
export function createFileInspector(declaredType: string, { imagesOnly = false } = {}) {
  let head = Buffer.alloc(0);
  let format: Format | undefined;
  let walker: FileWalker | undefined;
  const hint = `Use ${imagesOnly ? imageTypeNames : fileTypeNames}.`;

  /** Returns the bytes for the walker; `undefined` until the format is known. */
  function begin(isWhole: boolean): Buffer | undefined {
    if (head.length < Math.max(magicLength, brandsEnd(head)) && !isWhole) return undefined;
    format = head.length < magicLength ? undefined : formats.find((candidate) => candidate.matches(head));
    if (!format && head.length < pdfHeaderWithin + pdfHeaderLength && !isWhole) return undefined;
    if (!format) throw unsupported(declaredType, { head, hint });
    const meant = meantType(declaredType);
    if (!meant) throw unsupported('', { head, hint });
    const declared = formats.find((candidate) => candidate.type === meant);
    if (declared && !mayBe(declaredType, format.type)) throw mismatch(declared.name, format.name);
    walker = format.createWalker();
    return head;
  }

  function walk(data: Buffer) {
    walker?.push(data);
    checkSize();
  }

  function checkSize() {
    const size = walker?.size?.();
    if (!size) return;
    const most = format?.maxPixels ?? maxPixels;
    if (size.width < 1 || size.height < 1) throw damaged();
    if (size.width > maxSide || size.height > maxSide || size.width * size.height > most)
      throw tooManyPixels(size, most);
    const header = walker?.header?.();
    // a page may be rotated at any time, so every image counts as turned
    if (header && estimateDecoding(header, { isTurned: true }) > maxBytesOf(header)) throw tooCostly(header);
  }

  return {
    push(chunk: Buffer) {
      if (walker) return walk(chunk);
      head = Buffer.concat([head, chunk]);
      const data = begin(false);
      if (data) walk(data);
    },

    /** Known after the first kilobyte. */
    type: (): FileType | undefined => format?.type,

    /** Called after the last byte. Throws a PaperliftError when the file is incomplete or unusable. */
    finish(): { contentType: FileType; width?: number; height?: number } {
      if (head.length === 0) throw empty(hint);
      const rest = walker ? undefined : begin(true);
      if (rest) walk(rest);
      walker?.end?.();
      if (!format || !walker?.isComplete() || (walker.size && !walker.size())) throw truncated();
      return { contentType: format.type, ...walker.size?.() };
    },
  };
}

/** Formats that people mistake for a supported one, by their first bytes. */
const otherKinds: [name: string, beginnings: string[]][] = [
  ['a GIF image', ['GIF8']],
  ['an SVG image', ['<svg']],
  ['a JPEG XL image', ['\u00ff\u000a', '\0\0\0\u000cJXL ']],
  ['a JPEG 2000 image', ['\u00ff\u004f\u00ff\u0051', '\0\0\0\u000cjP  ']],
];

function nameOtherKind(head: Buffer): string | undefined {
  const start = head.toString('latin1', 0, magicLength);
  if (start.slice(4, 8) === 'ftyp') return 'a video';
  return otherKinds.find(([, beginnings]) => beginnings.some((begins) => start.startsWith(begins)))?.[0];
}

/** A file that is declared as a supported type has a misleading name. */
function unsupported(declaredType: string, { head, hint }: { head: Buffer; hint: string }) {
  const meant = meantType(declaredType);
  const isMisnamed = meant && meant !== 'unknown';
  const kind = nameOtherKind(head);
  const misnamed = kind
    ? `This is ${kind}, despite its name.`
    : 'This isn’t an image or PDF, despite its name.';
  return new PaperliftError('unsupported', {
    code: 'file-type-unsupported',
    message: isMisnamed ? misnamed : 'Unsupported file type.',
    hint,
  });
}

/** The header of a whole image, for its decoder. `undefined` for files that an inspection would reject. */
export function readImageHeader(file: Buffer): ImageHeader | undefined {
  const format = file.length < magicLength ? undefined : formats.find((candidate) => candidate.matches(file));
  const walker = format?.createWalker();
  try {
    for (let at = 0; walker && at < file.length && !walker.header?.(); at += headerChunk)
      walker.push(file.subarray(at, at + headerChunk));
    return walker?.header?.();
  } catch (error) {
    if (error instanceof PaperliftError) return undefined;
    throw error;
  }
}
const headerChunk = 64 * 1024;
