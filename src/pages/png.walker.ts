// Follows a PNG's chunks (PNG specification, third edition, 5.3): length, type, data, CRC; IHDR first, IEND last.
import { damaged, type ImageWalker } from './file-walker.ts';

const signatureLength = 8;
const headerLength = 8;
const sizeLength = 8;
const crcLength = 4;

export function createPngWalker(): ImageWalker {
  let toSkip = signatureLength;
  let header = Buffer.alloc(0);
  let size: { width: number; height: number } | undefined;
  let isComplete = false;
  let isEnding = false;

  function read() {
    const length = header.readUInt32BE(0);
    const type = header.toString('latin1', 4, 8);
    if (!size) {
      if (type !== 'IHDR' || length !== 13) throw damaged();
      if (header.length < headerLength + sizeLength) return;
      size = { width: header.readUInt32BE(8), height: header.readUInt32BE(12) };
    }
    if (!/^[A-Za-z]{4}$/.test(type)) throw damaged();
    toSkip = headerLength + length + crcLength - header.length;
    isEnding = type === 'IEND';
    header = Buffer.alloc(0);
  }

  return {
    push(chunk) {
      let at = 0;
      while (at < chunk.length && !isComplete) {
        if (toSkip > 0) {
          const skipped = Math.min(toSkip, chunk.length - at);
          toSkip -= skipped;
          at += skipped;
          isComplete = isEnding && toSkip === 0;
          continue;
        }
        const needed = size ? headerLength : headerLength + sizeLength;
        const taken = chunk.subarray(at, at + needed - header.length);
        header = Buffer.concat([header, taken]);
        at += taken.length;
        if (header.length >= headerLength) read();
      }
    },
    size: () => size,
    isComplete: () => isComplete,
  };
}
