// What the box `meta` of a HEIF file says about its primary image (ISO/IEC 23008-12; boxes: ISO/IEC 14496-12, 4.2).
// HEIC and AVIF files are HEIF files.
import { findCodec } from './heif-codec.ts';
import type { HeifPicture } from './heif-picture.ts';
import { type Association, readTransforms } from './heif-transforms.ts';
import { type Box, findBox, listBoxes } from './iso-boxes.ts';

/** `meta` is the box's content. `undefined` when it describes no image; throws a RangeError when it is damaged. */
export function readHeifMeta(meta: Buffer): HeifPicture | undefined {
  const boxes = listBoxes(meta, 4, meta.length);
  const handler = findBox(boxes, 'hdlr');
  if (handler && meta.toString('latin1', handler.start + 8, handler.start + 12) !== 'pict') return undefined;
  const primary = readPrimaryId(meta, findBox(boxes, 'pitm'));
  const properties = findBox(boxes, 'iprp');
  if (primary === undefined || !properties) return undefined;
  const inside = listBoxes(meta, properties.start, properties.end);
  const container = findBox(inside, 'ipco');
  const all = container ? listBoxes(meta, container.start, container.end) : [];
  const sizes = all.filter(({ type }) => type === 'ispe').map(({ start }) => readSize(meta, start));
  const [largest] = sizes.sort((one, other) => other.width * other.height - one.width * one.height);
  if (!largest) return undefined;
  const associations = inside
    .filter(({ type }) => type === 'ipma')
    .flatMap((box) => readAssociations(meta, box, primary));
  const size = associations.map(({ index }) => all[index - 1]).find((property) => property?.type === 'ispe');
  const transforms = readTransforms(meta, {
    associations,
    properties: all,
    size: size ? readSize(meta, size.start) : largest,
  });
  return { codec: findCodec(meta, boxes, primary), largest, transforms, bitDepth: readBitDepth(meta, all) };
}

/** The position of the first `meta` box's content in a whole file. */
export function findHeifMeta(file: Buffer): { start: number; end: number } | undefined {
  const box = findBox(listBoxes(file, 0, file.length), 'meta');
  return box && { start: box.start, end: box.end };
}

function readSize(meta: Buffer, start: number) {
  return { width: meta.readUInt32BE(start + 4), height: meta.readUInt32BE(start + 8) };
}

/** From `av1C` (AV1 codec ISO media file format binding, 2.3.3). */
function readBitDepth(meta: Buffer, properties: Box[]): number {
  const depths = properties
    .filter(({ type, start, end }) => type === 'av1C' && end - start >= 3)
    .map(({ start }) => meta.readUInt8(start + 2))
    .map((flags) => (flags & 0x40 ? (flags & 0x20 ? 12 : 10) : 8));
  return Math.max(8, ...depths);
}

function readPrimaryId(meta: Buffer, box: Box | undefined): number | undefined {
  if (!box) return undefined;
  return meta[box.start] === 0 ? meta.readUInt16BE(box.start + 4) : meta.readUInt32BE(box.start + 4);
}

/** The properties of an item, in order (ISO/IEC 23008-12, 9.3.2). */
function readAssociations(meta: Buffer, box: Box, itemId: number): Association[] {
  const idLength = meta.readUInt8(box.start) < 1 ? 2 : 4;
  const length = meta.readUInt8(box.start + 3) & 1 ? 2 : 1;
  const found: Association[] = [];
  let at = box.start + 8;
  for (let entries = meta.readUInt32BE(box.start + 4); entries > 0; entries -= 1) {
    const id = meta.readUIntBE(at, idLength);
    const count = meta.readUInt8(at + idLength);
    at += idLength + 1;
    for (let place = 0; place < count; place += 1, at += length) {
      const index = meta.readUIntBE(at, length) & (length === 2 ? 0x7fff : 0x7f);
      if (id === itemId) found.push({ index, at, length });
    }
  }
  return found;
}
