// Looks at an upload as it streams by, holding next to nothing: is it one of the images we take, of a size we take,
// and is its end there? The pixels themselves are opened later, in the worker.
import { PaperliftError } from '../errors.ts';
import { damaged, type ImageWalker } from './image-walker.ts';
import { createJpegWalker } from './jpeg.walker.ts';
import { createPngWalker } from './png.walker.ts';
import { createWebpWalker } from './webp.walker.ts';

export const imageTypes = ['image/jpeg', 'image/png', 'image/webp'] as const;
export type ImageType = (typeof imageTypes)[number];

const maxSide = 10_000;
const maxPixels = 100_000_000;
const magicLength = 12;

const formats: {
  type: ImageType;
  name: string;
  matches(head: Buffer): boolean;
  createWalker(): ImageWalker;
}[] = [
  {
    type: 'image/jpeg',
    name: 'JPEG',
    matches: (head) => head.readUIntBE(0, 3) === 0xffd8ff,
    createWalker: createJpegWalker,
  },
  {
    type: 'image/png',
    name: 'PNG',
    matches: (head) => head.readUInt32BE(0) === 0x89504e47 && head.readUInt32BE(4) === 0x0d0a1a0a,
    createWalker: createPngWalker,
  },
  {
    type: 'image/webp',
    name: 'WebP',
    matches: (head) => head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WEBP',
    createWalker: createWebpWalker,
  },
];

/** Inspects one file. `push` throws a PaperliftError as soon as the file is known to be none that we take. */
export function createImageInspector(declaredType: string) {
  let head = Buffer.alloc(0);
  let format: (typeof formats)[number] | undefined;
  let walker: ImageWalker | undefined;

  function begin(): Buffer {
    format = formats.find((candidate) => candidate.matches(head));
    if (!format) throw unsupported();
    const declared = formats.find((candidate) => candidate.type === declaredType);
    if (declared && declared !== format) throw mismatch(declared.name, format.name);
    if (!declared && declaredType !== 'application/octet-stream' && declaredType !== '') throw unsupported();
    walker = format.createWalker();
    return head;
  }

  function checkSize() {
    const size = walker?.size();
    if (!size) return;
    if (size.width < 1 || size.height < 1) throw damaged();
    if (size.width > maxSide || size.height > maxSide || size.width * size.height > maxPixels)
      throw tooManyPixels(size);
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

    /** To be called after the last byte. Throws a PaperliftError when the image is not whole. */
    finish(): { contentType: ImageType; width: number; height: number } {
      if (!format || !walker) throw head.length === 0 ? empty() : unsupported();
      const size = walker.size();
      if (!size || !walker.isComplete()) throw truncated();
      return { contentType: format.type, ...size };
    },
  };
}

const todoUpload = 'Upload a photograph or scan as JPEG, PNG or WebP.';

function unsupported() {
  return new PaperliftError('unsupported', {
    code: 'file-type-unsupported',
    message: 'This is no JPEG, PNG or WebP image, whatever its name says.',
    todo: todoUpload,
  });
}

function mismatch(declared: string, actual: string) {
  return new PaperliftError('unsupported', {
    code: 'file-type-mismatch',
    message: `The file is named like a ${declared} image, but holds a ${actual} image.`,
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
    message: 'The image ends too early: a part of the file is missing.',
    todo: 'Copy or photograph it again, then upload it again.',
  });
}

function tooManyPixels({ width, height }: { width: number; height: number }) {
  return new PaperliftError('too-large', {
    code: 'image-too-large',
    message: `The image has ${width} × ${height} pixels; at most 10 000 a side and 100 million in all are taken.`,
    todo: 'Save it with fewer pixels, then upload it again.',
  });
}
