// A PDF says at its end that this is the end (ISO 32000-2, 7.5.5); readers look for that in the last kilobyte. What is in
// between can only be followed from the end, which the worker does.
import type { FileWalker } from './file-walker.ts';

const tailLength = 1024;

export function createPdfWalker(): FileWalker {
  let tail = Buffer.alloc(0);

  return {
    push(chunk) {
      tail = Buffer.concat([tail, chunk.subarray(-tailLength)]).subarray(-tailLength);
    },
    isComplete: () => tail.includes('%%EOF'),
  };
}
