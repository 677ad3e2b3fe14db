// JPEG images in the old style of TIFF (TIFF 6.0, section 22: compression 6), which the libtiff in sharp cannot read.
// Programs of the 1990s wrote several variants; libtiff's tif_ojpeg.c describes them.
import type { ReadBytes, TiffDirectory } from './tiff-directories.ts';

export const oldJpegCompression = 6;

const tags = {
  width: 256,
  height: 257,
  photometric: 262,
  stripOffsets: 273,
  samples: 277,
  rowsPerStrip: 278,
  stripLengths: 279,
  planes: 284,
  tileOffsets: 324,
  process: 512,
  stream: 513,
  streamLength: 514,
  restartInterval: 515,
  quantization: 519,
  dc: 520,
  ac: 521,
  subsampling: 530,
};
const markers = { start: 0xd8, end: 0xd9, scan: 0xda, restart: 0xd0, interval: 0xdd, frame: 0xc0 };
const baseline = 1;
const yCbCr = 6;
const rgb = 2;
const maxBytes = 256 * 1024 * 1024;

/** The image uses a variant that is not supported. */
export class UnknownLayoutError extends Error {
  override name = 'UnknownLayoutError';
}

/** The page as a JPEG file. Throws UnknownLayoutError, and RangeError when a part lies outside the file. */
export function assembleOldJpeg({ numbersOf }: TiffDirectory, bytes: ReadBytes): Buffer {
  const one = (tag: number, otherwise = 0) => numbersOf(tag)[0] ?? otherwise;
  if (one(tags.process, baseline) !== baseline) throw new UnknownLayoutError('lossless');
  const strips = readStrips(numbersOf, bytes);
  const stream = one(tags.stream);
  const head = stream > 0 ? readStream(stream, one(tags.streamLength), bytes) : undefined;
  const whole = [head, ...(strips.length === 1 ? strips : [])].find((part) => part && isWhole(part));
  const colours = one(tags.photometric) === rgb ? adobeMarker : Buffer.alloc(0);
  if (whole) return Buffer.concat([whole.subarray(0, 2), colours, whole.subarray(2)]);
  if (numbersOf(tags.tileOffsets).length > 0 || one(tags.planes, 1) !== 1)
    throw new UnknownLayoutError('tiles or planes');
  const header = head?.[1] === markers.start ? withoutRestarts(head) : buildHeader(numbersOf, bytes);
  const scan = hasScan(header) ? Buffer.alloc(0) : buildScan(one(tags.samples, 1));
  const interval = buildInterval(numbersOf, header, strips.length);
  return Buffer.concat([
    header.subarray(0, 2),
    colours,
    interval,
    header.subarray(2),
    ...(strips[0]?.readUInt16BE(0) === 0xff00 + markers.scan ? [] : [scan]),
    ...strips.flatMap((strip, index) => {
      const isLast = index === strips.length - 1;
      return [withoutEnd(strip), Buffer.from([0xff, isLast ? markers.end : markers.restart + (index % 8)])];
    }),
  ]);
}

/** Marks the three components as red, green and blue (APP14 of Adobe's Technical Note 5116). */
const adobeMarker = Buffer.from([0xff, 0xee, 0, 14, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, 0]);

function readStrips(numbersOf: (tag: number) => number[], bytes: ReadBytes): Buffer[] {
  const lengths = numbersOf(tags.stripLengths);
  if (lengths.reduce((sum, length) => sum + length, 0) > maxBytes) throw new RangeError('too many bytes');
  return numbersOf(tags.stripOffsets).map((at, index) => bytes(at, lengths[index] ?? 0));
}

/** Some programs write a wrong length, or none. */
function readStream(at: number, length: number, bytes: ReadBytes): Buffer {
  if (length > maxBytes) throw new RangeError('too many bytes');
  try {
    return bytes(at, length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return Buffer.alloc(0);
  }
}

/** The segments of a JPEG up to the first scan's data; `undefined` when it is not a JPEG. */
function listSegments(jpeg: Buffer): { marker: number; at: number; end: number }[] | undefined {
  if (jpeg.length < 4 || jpeg.readUInt16BE(0) !== 0xff00 + markers.start) return undefined;
  const segments: { marker: number; at: number; end: number }[] = [];
  for (let at = 2; at + 4 <= jpeg.length && jpeg[at] === 0xff; ) {
    const marker = jpeg.readUInt8(at + 1);
    if (marker === markers.end) break;
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    segments.push({ marker, at, end });
    if (marker === markers.scan) break;
    at = end;
  }
  return segments;
}

/** Whether the JPEG has a scan header followed by data. */
function isWhole(jpeg: Buffer): boolean {
  const scan = listSegments(jpeg)?.find(({ marker }) => marker === markers.scan);
  return scan !== undefined && jpeg.length > scan.end + 2;
}

const hasScan = (jpeg: Buffer) => listSegments(jpeg)?.some(({ marker }) => marker === markers.scan) ?? false;

/** The segments of a header up to its scan, without a restart interval that belongs to another image. */
function withoutRestarts(jpeg: Buffer): Buffer {
  const kept = (listSegments(jpeg) ?? []).filter(({ marker }) => marker !== markers.interval);
  return Buffer.concat([jpeg.subarray(0, 2), ...kept.map(({ at, end }) => jpeg.subarray(at, end))]);
}

function withoutEnd(strip: Buffer): Buffer {
  const isEnded = strip.length >= 2 && strip.readUInt16BE(strip.length - 2) === 0xff00 + markers.end;
  return isEnded ? strip.subarray(0, -2) : strip;
}

/** Built from the tags that hold the tables one by one (TIFF 6.0, section 22). */
function buildHeader(numbersOf: (tag: number) => number[], bytes: ReadBytes): Buffer {
  const one = (tag: number, otherwise = 0) => numbersOf(tag)[0] ?? otherwise;
  const samples = one(tags.samples, 1);
  const tables = { q: numbersOf(tags.quantization), dc: numbersOf(tags.dc), ac: numbersOf(tags.ac) };
  const isComplete = Object.values(tables).every(({ length }) => length >= samples);
  if (!isComplete || samples < 1 || samples > 4) throw new UnknownLayoutError('no tables');
  const [across, down] = one(tags.photometric) === yCbCr ? [...numbersOf(tags.subsampling), 2, 2] : [1, 1];
  const frame = Buffer.from([8, 0, 0, 0, 0, samples]);
  frame.writeUInt16BE(one(tags.height), 1);
  frame.writeUInt16BE(one(tags.width), 3);
  const components = Array.from({ length: samples }, (_, index) => [
    index + 1,
    index === 0 ? ((across ?? 2) << 4) + (down ?? 2) : 0x11,
    index,
  ]);
  const parts: Buffer[] = [Buffer.from([0xff, markers.start])];
  for (let index = 0; index < samples; index += 1) {
    parts.push(segment(0xdb, Buffer.from([index]), bytes(tables.q[index] ?? 0, 64)));
    parts.push(segment(0xc4, Buffer.from([index]), readHuffman(tables.dc[index] ?? 0, bytes)));
    parts.push(segment(0xc4, Buffer.from([0x10 + index]), readHuffman(tables.ac[index] ?? 0, bytes)));
  }
  // libjpeg's baseline allows two tables of each kind; extended (SOF1) allows four
  parts.push(segment(samples > 2 ? 0xc1 : markers.frame, frame, Buffer.from(components.flat())));
  return Buffer.concat(parts);
}

/** Sixteen counts, then as many values as they add up to. */
function readHuffman(at: number, bytes: ReadBytes): Buffer {
  const counts = bytes(at, 16);
  return Buffer.concat([
    counts,
    bytes(
      at + 16,
      Math.min(
        256,
        counts.reduce((sum, count) => sum + count, 0),
      ),
    ),
  ]);
}

function buildScan(samples: number): Buffer {
  const components = Array.from({ length: samples }, (_, index) => [index + 1, index * 0x11]);
  return segment(markers.scan, Buffer.from([samples, ...components.flat(), 0, 63, 0]));
}

/** Each strip is coded separately, as if a restart marker stood between them (ITU-T T.81, B.2.4.4). */
function buildInterval(numbersOf: (tag: number) => number[], header: Buffer, strips: number): Buffer {
  const given = numbersOf(tags.restartInterval)[0] ?? 0;
  const frame = listSegments(header)?.find(({ marker }) => [0xc0, 0xc1, 0xc2].includes(marker));
  if (!frame) throw new UnknownLayoutError('no frame');
  let interval = given;
  if (strips > 1) {
    const sampling = header.readUInt8(frame.at + 11);
    // then an MCU is one block, whatever the component's sampling
    const isAlone = header.readUInt8(frame.at + 9) === 1;
    const [across, down] = isAlone ? [8, 8] : [8 * (sampling >> 4), 8 * (sampling & 15)];
    const rows = numbersOf(tags.rowsPerStrip)[0] ?? 0;
    if (rows % down !== 0) throw new UnknownLayoutError('strips that end within a block');
    interval = Math.ceil((numbersOf(tags.width)[0] ?? 0) / across) * (rows / down);
    if (given !== 0 && given !== interval) throw new UnknownLayoutError('restarts within strips');
  }
  if (interval === 0) return Buffer.alloc(0);
  if (interval > 0xffff) throw new UnknownLayoutError('strips of too many blocks');
  return segment(markers.interval, Buffer.from([interval >> 8, interval & 0xff]));
}

function segment(marker: number, ...content: Buffer[]): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(2 + content.reduce((sum, part) => sum + part.length, 0), 2);
  return Buffer.concat([head, ...content]);
}
