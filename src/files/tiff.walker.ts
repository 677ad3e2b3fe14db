// A TIFF starts with the offset of its first directory (TIFF 6.0, section 2; BigTIFF doubles the sizes). Directories
// may lie anywhere, so the worker, which has the whole file, reads the pages.
import { damaged, type FileWalker } from './file-walker.ts';

const headLength = 16;
/** The minimum size of a directory: a count, one entry, the next directory's offset. */
const minDirectoryBytes = 18;

export function createTiffWalker(): FileWalker {
  let head = Buffer.alloc(0);
  let received = 0;
  let directoryAt: number | undefined;

  return {
    push(chunk) {
      received += chunk.length;
      if (directoryAt !== undefined) return;
      head = Buffer.concat([head, chunk.subarray(0, headLength - head.length)]);
      if (head.length < headLength) return;
      directoryAt = readDirectoryAt(head);
      if (directoryAt < 8) throw damaged();
    },
    isComplete: () => directoryAt !== undefined && received >= directoryAt + minDirectoryBytes,
  };
}

function readDirectoryAt(head: Buffer): number {
  const isLittle = head[0] === 0x49;
  const isBig = (isLittle ? head.readUInt16LE(2) : head.readUInt16BE(2)) === 43;
  if (isBig) return Number(isLittle ? head.readBigUInt64LE(8) : head.readBigUInt64BE(8));
  return isLittle ? head.readUInt32LE(4) : head.readUInt32BE(4);
}
