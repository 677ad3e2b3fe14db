// Follows the boxes of a HEIF file (ISO/IEC 14496-12, 4.2): length, type, content. HEIC and AVIF files are HEIF files.
import { PaperliftError } from '../errors.ts';
import type { ImageHeader } from './decoding-cost.ts';
import { damaged, encodingUnsupported, type ImageWalker } from './file-walker.ts';
import { readHeifMeta } from './heif.ts';
import type { HeifPicture } from './heif-picture.ts';

const longHeaderLength = 16;
const shortHeaderLength = 8;
const maxMetaBytes = 1024 * 1024;

/** The codecs that the drawing process decodes. */
const supportedCodecs = ['hvc1', 'hev1', 'av01'];
const codecNames: Record<string, string> = {
  avc1: 'H.264',
  j2k1: 'JPEG 2000',
  jpeg: 'JPEG',
  unci: 'uncompressed pixels',
  vvc1: 'H.266',
};

export function createHeifWalker(): ImageWalker {
  let header = Buffer.alloc(0);
  let meta: Buffer[] | undefined;
  let toSkip = 0;
  let lastsToTheEnd = false;
  let sawData = false;
  let sawTracks = false;
  let isTrailing = false;
  let found: ImageHeader | undefined;

  function enter() {
    const type = header.toString('latin1', 4, 8);
    const shortLength = header.readUInt32BE(0);
    if (!/^[A-Za-z0-9 ]{4}$/.test(type) || (shortLength > 1 && shortLength < shortHeaderLength)) {
      if (!found || !sawData) throw damaged();
      isTrailing = true; // ignore what follows the image
      return;
    }
    if (shortLength === 1 && header.length < longHeaderLength) return;
    const length = shortLength === 1 ? Number(header.readBigUInt64BE(8)) : shortLength;
    toSkip = length === 0 ? 0 : length - header.length;
    if (toSkip < 0) throw damaged();
    lastsToTheEnd = length === 0;
    if (type === 'mdat') sawData = true;
    if (type === 'moov') sawTracks = true;
    if (type === 'meta' && !found) {
      if (length === 0 || toSkip > maxMetaBytes) throw damaged();
      meta = [];
    }
    header = Buffer.alloc(0);
  }

  function pass(chunk: Buffer, at: number): number {
    const passed = chunk.subarray(at, at + toSkip);
    toSkip -= passed.length;
    meta?.push(Buffer.from(passed));
    if (meta && toSkip === 0) {
      found = readHeader(Buffer.concat(meta));
      meta = undefined;
    }
    return at + passed.length;
  }

  const isComplete = () =>
    found !== undefined && (isTrailing || lastsToTheEnd || (toSkip === 0 && header.length === 0));

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
    size: () => found && { width: found.width, height: found.height },
    header: () => found,
    isComplete,
    end() {
      if (!found && sawTracks && toSkip === 0 && header.length === 0) throw isSequence();
    },
  };
}

/** `undefined` when this box describes no image, as in an image sequence. */
function readHeader(meta: Buffer): ImageHeader | undefined {
  const picture = readPicture(meta);
  if (picture && !supportedCodecs.includes(picture.codec)) {
    const name = codecNames[picture.codec];
    throw encodingUnsupported(name ? `a HEIF image that contains ${name}` : 'an unusual kind of HEIF image');
  }
  if (!picture) return undefined;
  const { codec, largest, bitDepth } = picture;
  return codec === 'av01' ? { kind: 'avif', ...largest, bitDepth } : { kind: 'heic', ...largest };
}

function readPicture(meta: Buffer): HeifPicture | undefined {
  try {
    return readHeifMeta(meta);
  } catch (error) {
    if (error instanceof RangeError) throw damaged();
    throw error;
  }
}

function isSequence() {
  return new PaperliftError('unsupported', {
    code: 'image-sequence-unsupported',
    message: 'This file is a burst or an animation without a main photo.',
    hint: 'Export one of its photos as JPEG, then upload that.',
  });
}
