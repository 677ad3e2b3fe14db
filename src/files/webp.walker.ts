// A WebP file is one RIFF chunk with its length (RFC 9649, 2.3). The first chunk inside holds the size.
import { damaged, type ImageWalker } from './file-walker.ts';

const headLength = 30;

export function createWebpWalker(): ImageWalker {
  let head = Buffer.alloc(0);
  let received = 0;
  let expected = Number.POSITIVE_INFINITY;
  let size: { width: number; height: number } | undefined;

  return {
    push(chunk) {
      received += chunk.length;
      if (size) return;
      head = Buffer.concat([head, chunk.subarray(0, headLength - head.length)]);
      if (head.length < headLength) return;
      expected = head.readUInt32LE(4) + 8;
      size = readSize(head);
    },
    size: () => size,
    header: () => size && { kind: 'webp', ...size },
    isComplete: () => received >= expected,
  };
}

function readSize(head: Buffer): { width: number; height: number } {
  const format = head.toString('latin1', 12, 16);
  if (format === 'VP8X') return { width: head.readUIntLE(24, 3) + 1, height: head.readUIntLE(27, 3) + 1 };
  if (format === 'VP8L' && head[20] === 0x2f) {
    const bits = head.readUInt32LE(21);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (format === 'VP8 ' && head.readUIntBE(23, 3) === 0x9d012a) {
    return { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff };
  }
  throw damaged();
}
