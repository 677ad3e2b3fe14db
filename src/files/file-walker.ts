import { PaperliftError } from '../errors.ts';
import type { ImageHeader } from './decoding-cost.ts';

/** Follows the structure of one file format. `push` throws a PaperliftError where the structure is broken. */
export interface FileWalker {
  push(chunk: Buffer): void;
  /** For an image: its size in pixels, known after the header. The worker reads a document's pages. */
  size?(): { width: number; height: number } | undefined;
  /** For an image: known before its first pixel. */
  header?(): ImageHeader | undefined;
  /** Whether the end of the file was reached. */
  isComplete(): boolean;
  /** Called after the last byte. Throws a PaperliftError for a complete file that is unusable. */
  end?(): void;
}

/** An image whose header holds its size. */
export type ImageWalker = FileWalker & Required<Pick<FileWalker, 'size' | 'header'>>;

export function damaged() {
  return new PaperliftError('invalid', {
    code: 'file-damaged',
    message: 'The file is damaged and can’t be opened.',
    hint: 'Take the photo, scan or copy the file again, then upload it.',
  });
}

/** For a file of a supported type with an unsupported encoding. `kind` names it: "a 12-bit JPEG". */
export function encodingUnsupported(kind: string) {
  return new PaperliftError('unsupported', {
    code: 'image-encoding-unsupported',
    message: `This is ${kind}, which isn’t supported.`,
    hint: 'Save it as a standard JPEG or PNG, then upload that.',
  });
}
