// Follows a JPEG's markers (ITU-T T.81, annex B): segments with a length, then entropy-coded data up to the next
// marker. The segments are walked because thumbnails inside APPn segments contain end-of-image markers.
import type { ImageHeader } from './decoding-cost.ts';
import { damaged, encodingUnsupported, type ImageWalker } from './file-walker.ts';

const startOfScan = 0xda;
const endOfImage = 0xd9;

/** JPEG-LS (ITU-T T.87) has a frame header of its own. */
const losslessLsFrame = 0xf7;
const isFrameHeader = (marker: number) =>
  marker === losslessLsFrame ||
  (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc);
const standsAlone = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);

/** Length, precision, height, width, number of components; then three bytes a component (B.2.2). */
const frameLength = 8;
/** Length, number of components (B.2.3). */
const scanLength = 3;
const progressiveFrames = [0xc2, 0xca];
/** Baseline, extended and progressive, with Huffman or arithmetic coding (table B.1): what libjpeg decodes. */
const decodedFrames = [0xc0, 0xc1, 0xc2, 0xc9, 0xca];
const losslessFrames = [0xc3, 0xc7, 0xcb, 0xcf, losslessLsFrame];

export function createJpegWalker(): ImageWalker {
  let state: 'marker' | 'segment' | 'skip' | 'data' | 'complete' = 'marker';
  let marker = 0;
  let sawFill = false;
  let header = Buffer.alloc(0);
  let toSkip = 0;
  let frame: JpegHeader | undefined;
  let isFrameDone = false;

  function enter(next: number) {
    marker = next;
    if (marker === endOfImage) state = 'complete';
    else if (standsAlone(marker)) state = 'marker';
    else {
      state = 'segment';
      header = Buffer.alloc(0);
    }
  }

  /** Skips stray bytes before a marker, as every decoder does. */
  function readMarker(chunk: Buffer, at: number): number {
    const byte = chunk[at] as number;
    const isMarker = sawFill && byte !== 0 && byte !== 0xff;
    sawFill = byte === 0xff;
    if (isMarker) enter(byte);
    return at + 1;
  }

  /** How many bytes of the segment are needed: a frame header says how many components it lists. */
  function neededOf(header: Buffer): number {
    if (marker === startOfScan) return scanLength;
    if (!isFrameHeader(marker)) return 2;
    return header.length < frameLength ? frameLength : frameLength + 3 * header.readUInt8(frameLength - 1);
  }

  function readSegment(chunk: Buffer, at: number): number {
    const needed = neededOf(header);
    const taken = chunk.subarray(at, at + needed - header.length);
    header = Buffer.concat([header, taken]);
    if (header.length < needed || neededOf(header) > needed) return at + taken.length;
    const length = header.readUInt16BE(0);
    if (length < needed) throw damaged();
    if (isFrameHeader(marker)) {
      if (frame) throw damaged(); // decoders use the first one only
      frame = readFrame(marker, header);
    }
    if (marker === startOfScan && frame && !isFrameDone) {
      isFrameDone = true;
      if (frame.scans === 'one' && header.readUInt8(2) < frame.components) frame.scans = 'several';
    }
    toSkip = length - needed;
    state = toSkip === 0 ? afterSegment() : 'skip';
    return at + taken.length;
  }

  const afterSegment = () => (marker === startOfScan ? 'data' : 'marker');

  function skip(chunk: Buffer, at: number): number {
    const skipped = Math.min(toSkip, chunk.length - at);
    toSkip -= skipped;
    if (toSkip === 0) state = afterSegment();
    return at + skipped;
  }

  /** In scan data FF 00 is a byte FF, and restart markers belong to the data. Any other marker ends it. */
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
    size: () => frame && { width: frame.width, height: frame.height },
    header: () => (isFrameDone ? frame : undefined),
    isComplete: () => state === 'complete',
  };
}

type JpegHeader = Extract<ImageHeader, { kind: 'jpeg' }>;

function readFrame(marker: number, header: Buffer): JpegHeader {
  const [precision, height, width] = [header.readUInt8(2), header.readUInt16BE(3), header.readUInt16BE(5)];
  if (losslessFrames.includes(marker)) throw encodingUnsupported('a lossless JPEG');
  if (!decodedFrames.includes(marker)) throw encodingUnsupported('a hierarchical JPEG');
  if (precision !== 8) throw encodingUnsupported(`a JPEG with ${precision} bits per color`);
  if (height === 0) throw encodingUnsupported('a JPEG that gives its height only at the end'); // marker DNL, B.2.5
  const components = header.readUInt8(frameLength - 1);
  const samplings = Array.from({ length: components }, (_, index) => {
    const sampling = header.readUInt8(frameLength + 3 * index + 1);
    return { across: sampling >> 4, down: sampling & 15 };
  });
  const across = Math.max(...samplings.map((sampling) => sampling.across));
  const down = Math.max(...samplings.map((sampling) => sampling.down));
  if (!(across > 0 && down > 0)) throw damaged();
  const samples = samplings.reduce((sum, each) => sum + (each.across * each.down) / (across * down), 0);
  const scans = progressiveFrames.includes(marker) ? 'progressive' : 'one';
  return { kind: 'jpeg', width, height, components, samples, scans };
}
