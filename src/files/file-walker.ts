import { PaperliftError } from '../errors.ts';
import type { ImageHeader } from './decoding-cost.ts';

/** Follows the structure of one file format. `push` throws a PaperliftError where the structure is broken. */
export interface FileWalker {
  push(chunk: Buffer): void;
  /** Of an image: known as soon as the header has been seen, in pixels. A document's pages are looked at by the worker. */
  size?(): { width: number; height: number } | undefined;
  /** Of an image: known before the first of its pixels. */
  header?(): ImageHeader | undefined;
  /** Whether the end of the file has been seen. */
  isComplete(): boolean;
  /** Called after the last byte. Throws a PaperliftError for a whole file that cannot be used. */
  end?(): void;
}

/** An image whose size stands in its header. */
export type ImageWalker = FileWalker & Required<Pick<FileWalker, 'size' | 'header'>>;

export function damaged() {
  return new PaperliftError('invalid', {
    code: 'file-damaged',
    message: 'The file is damaged and can’t be opened.',
    hint: 'Take the photo, scan or copy the file again, then upload it.',
  });
}

/** For a file of a supported type whose encoding no decoder here reads. `kind` names it: "a 12-bit JPEG". */
export function encodingUnsupported(kind: string) {
  return new PaperliftError('unsupported', {
    code: 'image-encoding-unsupported',
    message: `This is ${kind}, which isn’t supported.`,
    hint: 'Save it as a standard JPEG or PNG, then upload that.',
  });
}
