// What a TIFF's directories tell that sharp does not (TIFF 6.0, sections 2 and 8): which of its images are pages, and the shape
// of their pixels.
import { closeSync, openSync, readSync } from 'node:fs';

export interface TiffDirectory {
  /** A smaller picture of another page, or a mask. */
  isAside: boolean;
  /** How many pixels high a pixel is, each being one wide: 2.08 for a fax of 204 by 98 dpi. */
  tallness: number;
}

const tags = { subfileType: 254, across: 282, down: 283 };
const asideFlags = 0b101;
const rational = 5;
const short = 3;
const mostEntries = 4096;
/** Resolutions further apart than this are no pixel's shape, but nonsense. */
const mostApart = 5;

/** The first directories of a file that libtiff has opened, as far as they can be read. */
export function readTiffDirectories(path: string, most: number): TiffDirectory[] {
  const file = openSync(path, 'r');
  const directories: TiffDirectory[] = [];
  try {
    const read = createReader(file);
    let at = read.isBig ? read.offset(8) : read.offset(4);
    while (at !== 0 && directories.length < most) {
      const { directory, next } = readDirectory(read, at);
      directories.push(directory);
      at = next;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  } finally {
    closeSync(file);
  }
  return directories;
}

type Reader = ReturnType<typeof createReader>;

/** Each throws a RangeError beyond the end of the file. */
function createReader(file: number) {
  function bytes(at: number, length: number): Buffer {
    const buffer = Buffer.alloc(length);
    if (readSync(file, buffer, 0, length, at) < length) throw new RangeError('the file ends here');
    return buffer;
  }
  const head = bytes(0, 4);
  const isLittle = head[0] === 0x49;
  const short = (at: number) => (isLittle ? bytes(at, 2).readUInt16LE() : bytes(at, 2).readUInt16BE());
  const long = (at: number) => (isLittle ? bytes(at, 4).readUInt32LE() : bytes(at, 4).readUInt32BE());
  const veryLong = (at: number) =>
    Number(isLittle ? bytes(at, 8).readBigUInt64LE() : bytes(at, 8).readBigUInt64BE());
  const isBig = short(2) === 43;
  return { isBig, short, long, count: isBig ? veryLong : short, offset: isBig ? veryLong : long };
}

function readDirectory(read: Reader, at: number): { directory: TiffDirectory; next: number } {
  const [countLength, entryLength, valueAt] = read.isBig ? [8, 20, 12] : [2, 12, 8];
  const count = read.count(at);
  if (count > mostEntries) throw new RangeError('no directory has so many entries');
  let [isAside, across, down] = [false, 1, 1];
  for (let index = 0; index < count; index += 1) {
    const entry = at + countLength + index * entryLength;
    const tag = read.short(entry);
    if (tag > tags.down) break; // they are in order
    const value = entry + valueAt;
    if (tag === tags.subfileType) isAside = (readNumber(read, entry, value) & asideFlags) !== 0;
    if (tag === tags.across) across = readNumber(read, entry, value);
    if (tag === tags.down) down = readNumber(read, entry, value);
  }
  const apart = across / down;
  const tallness = apart < mostApart && apart > 1 / mostApart ? apart : 1;
  return { directory: { isAside, tallness }, next: read.offset(at + countLength + count * entryLength) };
}

function readNumber(read: Reader, entry: number, value: number): number {
  const type = read.short(entry + 2);
  if (type === short) return read.short(value);
  if (type !== rational) return read.long(value);
  const place = read.isBig ? value : read.offset(value);
  return read.long(place) / read.long(place + 4);
}
