import { PaperliftError } from '../errors.ts';

/** Follows the structure of one file format. `push` throws `damaged` where the structure is broken. */
export interface FileWalker {
  push(chunk: Buffer): void;
  /** Of an image: known as soon as the header has been seen, in pixels. A document's pages are looked at by the worker. */
  size?(): { width: number; height: number } | undefined;
  /** Whether the end of the file has been seen. */
  isComplete(): boolean;
}

/** An image whose size stands in its header. */
export type ImageWalker = FileWalker & Required<Pick<FileWalker, 'size'>>;

export function damaged() {
  return new PaperliftError('invalid', {
    code: 'file-damaged',
    message: 'The file is damaged and cannot be opened.',
    todo: 'Copy or photograph it again, then upload it again.',
  });
}
