// A PDF has an end-of-file marker (ISO 32000-2, 7.5.5), which readers look for in the last kilobyte. The rest can only
// be read from the end, which the worker does. Some programs pad files to a whole block.
import type { FileWalker } from './file-walker.ts';

const tailLength = 1024;
/** NUL and white space (ISO 32000-2, table 1). */
const padding = [0x00, 0x09, 0x0a, 0x0c, 0x0d, 0x20];

export function createPdfWalker(): FileWalker {
  let tail = Buffer.alloc(0);

  return {
    push(chunk) {
      tail = Buffer.concat([tail, withoutPadding(chunk).subarray(-tailLength)]).subarray(-tailLength);
    },
    isComplete: () => tail.includes('%%EOF'),
  };
}

function withoutPadding(chunk: Buffer): Buffer {
  let end = chunk.length;
  while (end > 0 && padding.includes(chunk[end - 1] as number)) end -= 1;
  return chunk.subarray(0, end);
}
