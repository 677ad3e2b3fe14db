// A PDF says at its end that this is the end (ISO 32000-2, 7.5.5); readers look for that in the last kilobyte. What is in
// between can only be followed from the end, which the worker does. Some programs fill files up to a whole block.
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
