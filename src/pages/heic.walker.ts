// Follows the boxes of a HEIC file (ISO/IEC 14496-12, 4.2; 23008-12): length, type, content. The box `meta` tells the
// images' sizes (`ispe`); the largest of them is the picture, the others are its tiles and thumbnails.
import { damaged, type ImageWalker } from './file-walker.ts';

const longHeaderLength = 16;
const shortHeaderLength = 8;
const mostMetaBytes = 1024 * 1024;
const sizeLength = 12;

export function createHeicWalker(): ImageWalker {
  let header = Buffer.alloc(0);
  let meta: Buffer[] | undefined;
  let toSkip = 0;
  let lastsToTheEnd = false;
  let sawData = false;
  let isTrailing = false;
  let size: { width: number; height: number } | undefined;

  function enter() {
    const type = header.toString('latin1', 4, 8);
    const shortLength = header.readUInt32BE(0);
    if (!/^[A-Za-z0-9 ]{4}$/.test(type) || (shortLength > 1 && shortLength < shortHeaderLength)) {
      if (!size || !sawData) throw damaged();
      isTrailing = true; // what lies behind the picture is none of it
      return;
    }
    if (shortLength === 1 && header.length < longHeaderLength) return;
    const length = shortLength === 1 ? Number(header.readBigUInt64BE(8)) : shortLength;
    toSkip = length - header.length;
    lastsToTheEnd = length === 0;
    if (type === 'mdat') sawData = true;
    if (type === 'meta' && !size) {
      if (length === 0 || toSkip > mostMetaBytes) throw damaged();
      meta = [];
    }
    header = Buffer.alloc(0);
  }

  function pass(chunk: Buffer, at: number): number {
    const passed = chunk.subarray(at, at + toSkip);
    toSkip -= passed.length;
    meta?.push(Buffer.from(passed));
    if (meta && toSkip === 0) {
      size = readSize(Buffer.concat(meta));
      meta = undefined;
    }
    return at + passed.length;
  }

  return {
    push(chunk) {
      let at = 0;
      while (at < chunk.length && !lastsToTheEnd && !isTrailing) {
        if (toSkip > 0) at = pass(chunk, at);
        else {
          const needed = header.length >= shortHeaderLength ? longHeaderLength : shortHeaderLength;
          const taken = chunk.subarray(at, at + needed - header.length);
          header = Buffer.concat([header, taken]);
          at += taken.length;
          if (header.length === needed) enter();
        }
      }
    },
    size: () => size,
    isComplete: () =>
      size !== undefined && (isTrailing || lastsToTheEnd || (toSkip === 0 && header.length === 0)),
  };
}

function readSize(meta: Buffer): { width: number; height: number } {
  const sizes: { width: number; height: number }[] = [];
  for (let at = meta.indexOf('ispe'); at >= 0; at = meta.indexOf('ispe', at + 4)) {
    if (at + 4 + sizeLength > meta.length) break;
    sizes.push({ width: meta.readUInt32BE(at + 8), height: meta.readUInt32BE(at + 12) });
  }
  const [largest] = sizes.sort((one, other) => other.width * other.height - one.width * one.height);
  if (!largest) throw damaged();
  return largest;
}
