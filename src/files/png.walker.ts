// Follows a PNG's chunks (PNG specification, third edition, 5.3): length, type, data, CRC; IHDR first, IEND last.
import type { ImageHeader } from './decoding-cost.ts';
import { damaged, type ImageWalker } from './file-walker.ts';

const signatureLength = 8;
const headerLength = 8;
/** IHDR: width, height, bit depth, colour type, compression, filter, interlace (11.2.1). */
const ihdrLength = 13;
/** Channels of each colour type, including the one that `tRNS` or a palette may add. */
const channelsOf: Record<number, number> = { 0: 2, 2: 4, 3: 4, 4: 2, 6: 4 };
const crcLength = 4;

export function createPngWalker(): ImageWalker {
  let toSkip = signatureLength;
  let header = Buffer.alloc(0);
  let found: ImageHeader | undefined;
  let isComplete = false;
  let isEnding = false;

  function read() {
    const length = header.readUInt32BE(0);
    const type = header.toString('latin1', 4, 8);
    if (!found) {
      if (type !== 'IHDR' || length !== ihdrLength) throw damaged();
      if (header.length < headerLength + ihdrLength) return;
      found = {
        kind: 'png',
        width: header.readUInt32BE(8),
        height: header.readUInt32BE(12),
        bitDepth: header.readUInt8(16),
        channels: channelsOf[header.readUInt8(17)] ?? 4,
        isInterlaced: header.readUInt8(20) !== 0,
      };
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
        const needed = found ? headerLength : headerLength + ihdrLength;
        const taken = chunk.subarray(at, at + needed - header.length);
        header = Buffer.concat([header, taken]);
        at += taken.length;
        if (header.length >= headerLength) read();
      }
    },
    size: () => found && { width: found.width, height: found.height },
    header: () => found,
    isComplete: () => isComplete,
  };
}
