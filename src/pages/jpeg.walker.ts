// Follows a JPEG's markers (ITU-T T.81, annex B): segments with a length, then entropy-coded data up to the next
// marker. Thumbnails inside APPn segments have ends of image of their own, which is why the segments are walked.
import { damaged, encodingUnsupported, type ImageWalker } from './file-walker.ts';

const startOfScan = 0xda;
const endOfImage = 0xd9;

/** JPEG-LS (ITU-T T.87) has a frame header of its own. */
const losslessLsFrame = 0xf7;
const isFrameHeader = (marker: number) =>
  marker === losslessLsFrame ||
  (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc);
const standsAlone = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);

/** Enough of a segment to read a frame header's size from: length, precision, height, width. */
const headerLength = 7;
/** Baseline, extended and progressive, with Huffman or arithmetic coding (table B.1): what libjpeg decodes. */
const decodedFrames = [0xc0, 0xc1, 0xc2, 0xc9, 0xca];
const losslessFrames = [0xc3, 0xc7, 0xcb, 0xcf, losslessLsFrame];

export function createJpegWalker(): ImageWalker {
  let state: 'marker' | 'segment' | 'skip' | 'data' | 'complete' = 'marker';
  let marker = 0;
  let sawFill = false;
  let header = Buffer.alloc(0);
  let toSkip = 0;
  let size: { width: number; height: number } | undefined;

  function enter(next: number) {
    marker = next;
    if (marker === endOfImage) state = 'complete';
    else if (standsAlone(marker)) state = 'marker';
    else {
      state = 'segment';
      header = Buffer.alloc(0);
    }
  }

  /** Stray bytes before a marker are passed over, as every decoder does. */
  function readMarker(chunk: Buffer, at: number): number {
    const byte = chunk[at] as number;
    const isMarker = sawFill && byte !== 0 && byte !== 0xff;
    sawFill = byte === 0xff;
    if (isMarker) enter(byte);
    return at + 1;
  }

  function readSegment(chunk: Buffer, at: number): number {
    const needed = isFrameHeader(marker) ? headerLength : 2;
    const taken = chunk.subarray(at, at + needed - header.length);
    header = Buffer.concat([header, taken]);
    if (header.length === needed) {
      const length = header.readUInt16BE(0);
      if (length < needed) throw damaged();
      if (isFrameHeader(marker)) size = readFrame(marker, header);
      toSkip = length - needed;
      state = 'skip';
    }
    return at + taken.length;
  }

  function skip(chunk: Buffer, at: number): number {
    const skipped = Math.min(toSkip, chunk.length - at);
    toSkip -= skipped;
    if (toSkip === 0) state = marker === startOfScan ? 'data' : 'marker';
    return at + skipped;
  }

  /** In a scan's data FF 00 is a byte FF, and restart markers belong to the data; any other marker ends it. */
  function readData(chunk: Buffer, from: number): number {
    let at = from;
    if (!sawFill) {
      const next = chunk.indexOf(0xff, at);
      if (next < 0) return chunk.length;
      sawFill = true;
      at = next + 1;
      if (at === chunk.length) return at;
    }
    const byte = chunk[at] as number;
    if (byte !== 0xff) {
      sawFill = false;
      if (byte !== 0 && !(byte >= 0xd0 && byte <= 0xd7)) enter(byte);
    }
    return at + 1;
  }

  return {
    push(chunk) {
      let at = 0;
      while (at < chunk.length && state !== 'complete') {
        if (state === 'marker') at = readMarker(chunk, at);
        else if (state === 'segment') at = readSegment(chunk, at);
        else if (state === 'skip') at = skip(chunk, at);
        else at = readData(chunk, at);
      }
    },
    size: () => size,
    isComplete: () => state === 'complete',
  };
}

function readFrame(marker: number, header: Buffer): { width: number; height: number } {
  const [precision, height, width] = [header.readUInt8(2), header.readUInt16BE(3), header.readUInt16BE(5)];
  if (losslessFrames.includes(marker)) throw encodingUnsupported('a lossless JPEG');
  if (!decodedFrames.includes(marker)) throw encodingUnsupported('a hierarchical JPEG');
  if (precision !== 8) throw encodingUnsupported(`a JPEG with ${precision} bits per color`);
  if (height === 0) throw encodingUnsupported('a JPEG that gives its height only at the end'); // marker DNL, B.2.5
  return { width, height };
}
