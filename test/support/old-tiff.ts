// TIFFs with old-style JPEG compression (TIFF 6.0, section 22), as programs of the 1990s wrote them.
import type { Sharp } from 'sharp';

/** `stream`: a whole JPEG file within; `header`: a JPEG's header, and its data in strips; `tables`: each by itself. */
export type OldLayout = 'stream' | 'header' | 'tables';

/**
 * The image as one page. `strips`: how many parts its data comes in, each of 16 rows or a multiple of that; the number of
 * rows must be divisible.
 */
export async function buildOldTiff(
  image: Sharp,
  { layout = 'stream', strips = 1, orientation = 1, process = 1 } = {} as {
    layout?: OldLayout;
    strips?: number;
    orientation?: number;
    process?: number;
  },
): Promise<Buffer> {
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  const { default: sharp } = await import('sharp');
  const encode = (pixels: Buffer, height: number) =>
    sharp(pixels, { raw: { ...info, height } })
      .jpeg({ quality: 95, chromaSubsampling: '4:2:0', optimiseCoding: false })
      .toBuffer();
  const whole = await encode(data, info.height);
  const rows = info.height / strips;
  const rowLength = info.width * info.channels;
  const parts = await Promise.all(
    Array.from({ length: strips }, (_, index) =>
      encode(data.subarray(index * rows * rowLength, (index + 1) * rows * rowLength), rows),
    ),
  );
  const file = createTiff();
  const segments = readSegments(whole);
  const scans =
    layout === 'stream' ? [whole] : parts.map((part) => part.subarray(readSegments(part).end, -2));
  const places = scans.map((scan) => file.add(scan));
  const entries: Entry[] = [
    [256, [info.width]],
    [257, [info.height]],
    [258, [8, 8, 8]],
    [259, [6]],
    [262, [6]],
    [273, places],
    [274, [orientation]],
    [277, [3]],
    [278, [rows]],
    [279, scans.map(({ length }) => length)],
    [512, [process]],
    [530, [2, 2]],
  ];
  if (layout === 'stream') entries.push([513, places], [514, [whole.length]]);
  if (layout === 'header') {
    const header = whole.subarray(0, segments.end);
    entries.push([513, [file.add(header)]], [514, [header.length]]);
  }
  if (layout === 'tables') {
    const add = (tables: Map<number, Buffer>, base: number) =>
      [0, 1, 1].map((table) => file.add(tables.get(base + table) as Buffer));
    entries.push([519, add(segments.quantization, 0)]);
    entries.push([520, add(segments.huffman, 0)], [521, add(segments.huffman, 0x10)]);
  }
  return file.finish(entries);
}

type Entry = [tag: number, values: number[]];

function createTiff() {
  const parts: Buffer[] = [Buffer.from('II*\0\0\0\0\0', 'latin1')];
  let length = 8;
  function add(data: Buffer): number {
    const at = length;
    const padded = data.length % 2 === 0 ? data : Buffer.concat([data, Buffer.alloc(1)]);
    parts.push(padded);
    length += padded.length;
    return at;
  }

  return {
    add,
    finish(entries: Entry[]): Buffer {
      const written = entries
        .toSorted(([one], [other]) => one - other)
        .map(([tag, values]) => {
          const isShort = ![273, 279, 513, 514, 519, 520, 521].includes(tag);
          const entry = Buffer.alloc(12);
          entry.writeUInt16LE(tag, 0);
          entry.writeUInt16LE(isShort ? 3 : 4, 2);
          entry.writeUInt32LE(values.length, 4);
          const data = Buffer.alloc(values.length * (isShort ? 2 : 4));
          for (const [index, value] of values.entries()) {
            if (isShort) data.writeUInt16LE(value, index * 2);
            else data.writeUInt32LE(value, index * 4);
          }
          if (data.length <= 4) data.copy(entry, 8);
          else entry.writeUInt32LE(add(data), 8);
          return entry;
        });
      const count = Buffer.alloc(2);
      count.writeUInt16LE(written.length);
      const directory = add(Buffer.concat([count, ...written, Buffer.alloc(4)]));
      const file = Buffer.concat(parts);
      file.writeUInt32LE(directory, 4);
      return file;
    },
  };
}

/** A JPEG's tables by their numbers, and where the data of its scan begins. */
function readSegments(jpeg: Buffer) {
  const quantization = new Map<number, Buffer>();
  const huffman = new Map<number, Buffer>();
  let at = 2;
  for (;;) {
    const marker = jpeg.readUInt8(at + 1);
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    let inside = at + 4;
    while (marker === 0xdb && inside < end) {
      quantization.set(jpeg.readUInt8(inside), jpeg.subarray(inside + 1, inside + 65));
      inside += 65;
    }
    while (marker === 0xc4 && inside < end) {
      const counts = jpeg.subarray(inside + 1, inside + 17);
      const length = 17 + counts.reduce((sum, count) => sum + count, 0);
      huffman.set(jpeg.readUInt8(inside), jpeg.subarray(inside + 1, inside + length));
      inside += length;
    }
    at = end;
    if (marker === 0xda) return { quantization, huffman, end };
  }
}
