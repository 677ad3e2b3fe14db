import { PaperliftError } from '../errors.ts';
import { type ImageHeader, largestReadable, nameKind } from './decoding-cost.ts';

export function mismatch(declared: string, actual: string) {
  return new PaperliftError('unsupported', {
    code: 'file-type-mismatch',
    message: `The name says this is ${declared}, but it is ${actual}.`,
    hint: 'Correct the file name’s ending, then upload the file again.',
  });
}

export function empty(hint: string) {
  return new PaperliftError('invalid', { code: 'file-empty', message: 'The file is empty.', hint });
}

export function truncated() {
  return new PaperliftError('invalid', {
    code: 'file-truncated',
    message: 'The file is incomplete.',
    hint: 'Copy it or take the photo again, then upload it.',
  });
}

const write = (count: number) => count.toLocaleString('en-US');

export function tooManyPixels({ width, height }: { width: number; height: number }, most: number) {
  return new PaperliftError('too-large', {
    code: 'image-too-large',
    message: `The image is ${write(width)} × ${write(height)} pixels. The limit is 10,000 on each side and ${most / 1_000_000} million in total.`,
    hint: 'Make it smaller, then upload it again.',
  });
}

/** Within the pixel limit, but its encoding needs more memory than usual for its size. */
export function tooCostly(header: ImageHeader) {
  const { width, height } = header;
  const most = Math.floor(largestReadable(header) / 1_000_000);
  const kind = nameKind(header);
  return new PaperliftError('too-large', {
    code: 'image-too-costly',
    message: `This is ${kind} of ${write(width)} × ${write(height)} pixels, which takes too much memory to open. The limit for such an image is ${most} million pixels.`,
    hint: 'Make it smaller or save it as a standard JPEG, then upload that.',
  });
}
