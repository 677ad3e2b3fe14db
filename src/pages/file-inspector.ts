// Looks at an upload as it streams by, holding next to nothing: is it one of the files we take, of a size we take,
// and is its end there? The pixels themselves are opened later, in the worker.
import { PaperliftError } from '../errors.ts';
import { type FileType, fileTypeNames, meantType } from './file-types.ts';
import { damaged, type FileWalker } from './file-walker.ts';
import { createHeicWalker } from './heic.walker.ts';
import { createJpegWalker } from './jpeg.walker.ts';
import { createPdfWalker } from './pdf.walker.ts';
import { createPngWalker } from './png.walker.ts';
import { createTiffWalker } from './tiff.walker.ts';
import { createWebpWalker } from './webp.walker.ts';

const maxSide = 10_000;
const maxPixels = 100_000_000;
/** HEIC is decoded as a whole, in memory: this is what telephones take (48 megapixels). */
const maxHeicPixels = 50_000_000;
const magicLength = 12;

const heicBrands = ['heic', 'heix', 'hevc', 'hevx', 'mif1', 'msf1'];
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
    type: 'image/heic',
    name: 'a HEIC image',
    maxPixels: maxHeicPixels,
    matches: (head) =>
      head.toString('latin1', 4, 8) === 'ftyp' && heicBrands.includes(head.toString('latin1', 8, 12)),
    createWalker: createHeicWalker,
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
    matches: (head) => /^%PDF-[12]\.\d/.test(head.toString('latin1', 0, 8)),
    createWalker: createPdfWalker,
  },
];

/** Inspects one file. `push` throws a PaperliftError as soon as the file is known to be none that we take. */
export function createFileInspector(declaredType: string) {
  let head = Buffer.alloc(0);
  let format: Format | undefined;
  let walker: FileWalker | undefined;

  function begin(): Buffer {
    format = formats.find((candidate) => candidate.matches(head));
    if (!format) throw unsupported();
    const meant = meantType(declaredType);
    if (!meant) throw unsupported();
    const declared = formats.find((candidate) => candidate.type === meant);
    if (declared && declared !== format) throw mismatch(declared.name, format.name);
    walker = format.createWalker();
    return head;
  }

  function checkSize() {
    const size = walker?.size?.();
    if (!size) return;
    const mostPixels = format?.maxPixels ?? maxPixels;
    if (size.width < 1 || size.height < 1) throw damaged();
    if (size.width > maxSide || size.height > maxSide || size.width * size.height > mostPixels)
      throw tooManyPixels(size, mostPixels);
  }

  return {
    push(chunk: Buffer) {
      let data = chunk;
      if (!walker) {
        head = Buffer.concat([head, chunk]);
        if (head.length < magicLength) return;
        data = begin();
      }
      walker?.push(data);
      checkSize();
    },

    /** Known from the first bytes on. */
    type: (): FileType | undefined => format?.type,

    /** To be called after the last byte. Throws a PaperliftError when the file is not whole. */
    finish(): { contentType: FileType; width?: number; height?: number } {
      if (!format || !walker) throw head.length === 0 ? empty() : unsupported();
      if (!walker.isComplete() || (walker.size && !walker.size())) throw truncated();
      return { contentType: format.type, ...walker.size?.() };
    },
  };
}

const todoUpload = `Upload a photograph or scan as ${fileTypeNames}.`;

function unsupported() {
  return new PaperliftError('unsupported', {
    code: 'file-type-unsupported',
    message: `This is no ${fileTypeNames} file, whatever its name says.`,
    todo: todoUpload,
  });
}

function mismatch(declared: string, actual: string) {
  return new PaperliftError('unsupported', {
    code: 'file-type-mismatch',
    message: `The file is named like ${declared}, but is ${actual}.`,
    todo: 'Rename it to what it is, then upload it again.',
  });
}

function empty() {
  return new PaperliftError('invalid', {
    code: 'file-empty',
    message: 'The file is empty.',
    todo: todoUpload,
  });
}

function truncated() {
  return new PaperliftError('invalid', {
    code: 'file-truncated',
    message: 'The file ends too early: a part of it is missing.',
    todo: 'Copy or photograph it again, then upload it again.',
  });
}

function tooManyPixels({ width, height }: { width: number; height: number }, most: number) {
  return new PaperliftError('too-large', {
    code: 'image-too-large',
    message: `The image has ${width} × ${height} pixels; at most 10 000 a side and ${most / 1_000_000} million in all are taken.`,
    todo: 'Save it with fewer pixels, then upload it again.',
  });
}
