import { PaperliftError } from '../errors.ts';

/** Follows the structure of one image format. `push` throws `damaged` where the structure is broken. */
export interface ImageWalker {
  push(chunk: Buffer): void;
  /** Known as soon as the header has been seen, in pixels. */
  size(): { width: number; height: number } | undefined;
  /** Whether the end of the image has been seen. */
  isComplete(): boolean;
}

export function damaged() {
  return new PaperliftError('invalid', {
    code: 'file-damaged',
    message: 'The image is damaged and cannot be opened.',
    todo: 'Copy or photograph it again, then upload it again.',
  });
}
