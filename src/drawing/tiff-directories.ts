// What sharp does not report about a TIFF's directories (TIFF 6.0, sections 2 and 8): which images are pages, the
// pixel aspect ratio, and JPEG images in the old style.
import { closeSync, openSync, readSync } from 'node:fs';

export interface TiffDirectory {
  /** A reduced image of another page, or a mask. */
  isAside: boolean;
  /** The height of a pixel whose width is 1: 2.08 for a fax of 204 by 98 dpi. */
  tallness: number;
  /** EXIF's orientation, 1 to 8. */
  orientation: number;
  compression: number;
  /** The numbers of a tag; empty when it is missing. Throws a RangeError when they lie outside the file. */
  numbersOf(tag: number): number[];
}

/** The bytes of a file; throws a RangeError beyond its end. */
export type ReadBytes = (at: number, length: number) => Buffer;

const tags = { subfileType: 254, compression: 259, orientation: 274, across: 282, down: 283 };
const asideFlags = 0b101;
const maxEntries = 4096;
const maxNumbers = 100_000;
/** A larger ratio of the two resolutions is an error in the file, not a pixel shape. */
const maxTallness = 5;

/** Calls `use` with the first directories of a file, as far as they can be read. */
export async function withTiffDirectories<T>(
  path: string,
  most: number,
  use: (directories: TiffDirectory[], bytes: ReadBytes) => Promise<T> | T,
): Promise<T> {
  const file = openSync(path, 'r');
  const bytes: ReadBytes = (at, length) => {
    const buffer = Buffer.alloc(length);
    if (readSync(file, buffer, 0, length, at) < length) throw new RangeError('the file ends here');
    return buffer;
  };
  try {
    return await use(listDirectories(bytes, most), bytes);
  } finally {
    closeSync(file);
  }
}

function listDirectories(bytes: ReadBytes, most: number): TiffDirectory[] {
  const directories: TiffDirectory[] = [];
  try {
    const read = createReader(bytes);
    let at = read.isBig ? read.offset(8) : read.offset(4);
    while (at !== 0 && directories.length < most) {
      const { directory, next } = readDirectory(read, at);
      directories.push(directory);
      at = next;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return directories;
}

type Reader = ReturnType<typeof createReader>;

function createReader(bytes: ReadBytes) {
  const head = bytes(0, 4);
  const isLittle = head[0] === 0x49;
  const short = (at: number) => (isLittle ? bytes(at, 2).readUInt16LE() : bytes(at, 2).readUInt16BE());
  const long = (at: number) => (isLittle ? bytes(at, 4).readUInt32LE() : bytes(at, 4).readUInt32BE());
  const veryLong = (at: number) =>
    Number(isLittle ? bytes(at, 8).readBigUInt64LE() : bytes(at, 8).readBigUInt64BE());
  const byte = (at: number) => bytes(at, 1).readUInt8();
  const rational = (at: number) => long(at) / long(at + 4);
  const isBig = short(2) === 43;
  return {
    isBig,
    byte,
    short,
    long,
    veryLong,
    rational,
    count: isBig ? veryLong : short,
    offset: isBig ? veryLong : long,
  };
}

/** By type number (TIFF 6.0, section 2; 16 is BigTIFF): bytes of a value, and how it is read. */
const typesOf = (read: Reader): Record<number, [length: number, read: (at: number) => number]> => ({
  1: [1, read.byte],
  3: [2, read.short],
  4: [4, read.long],
  5: [8, read.rational],
  7: [1, read.byte],
  16: [8, read.veryLong],
});

function readDirectory(read: Reader, at: number): { directory: TiffDirectory; next: number } {
  const [countLength, entryLength] = read.isBig ? [8, 20] : [2, 12];
  const count = read.count(at);
  if (count > maxEntries) throw new RangeError('no directory has so many entries');
  const entries = new Map<number, number>();
  for (let index = 0; index < count; index += 1) {
    const entry = at + countLength + index * entryLength;
    entries.set(read.short(entry), entry);
  }
  const numbersOf = (tag: number) => readNumbers(read, entries.get(tag));
  const [across, down] = [firstOf(numbersOf, tags.across), firstOf(numbersOf, tags.down)];
  const apart = across / down;
  const directory = {
    isAside: (firstOf(numbersOf, tags.subfileType, 0) & asideFlags) !== 0,
    tallness: apart < maxTallness && apart > 1 / maxTallness ? apart : 1,
    orientation: firstOf(numbersOf, tags.orientation),
    compression: firstOf(numbersOf, tags.compression),
    numbersOf,
  };
  return { directory, next: read.offset(at + countLength + count * entryLength) };
}

const firstOf = (numbersOf: (tag: number) => number[], tag: number, otherwise = 1) =>
  numbersOf(tag)[0] ?? otherwise;

function readNumbers(read: Reader, entry: number | undefined): number[] {
  if (entry === undefined) return [];
  const [length, readOne] = typesOf(read)[read.short(entry + 2)] ?? [];
  if (!length || !readOne) return [];
  const count = read.isBig ? read.veryLong(entry + 4) : read.long(entry + 4);
  if (count > maxNumbers) throw new RangeError('no tag has so many values');
  const inline = entry + (read.isBig ? 12 : 8);
  const start = length * count <= (read.isBig ? 8 : 4) ? inline : read.offset(inline);
  return Array.from({ length: count }, (_, index) => readOne(start + index * length));
}
