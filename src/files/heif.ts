// What the box `meta` of a HEIF file says about its primary image (ISO/IEC 23008-12; boxes: ISO/IEC 14496-12, 4.2).
// HEIC and AVIF files are HEIF files.

/** How the primary image is transformed, in the order of the list. */
export type HeifTransform = { associationAt: number; associationLength: number } & (
  | { kind: 'crop'; width: number; height: number; left: number; top: number }
  /** Quarter turns, anticlockwise. */
  | { kind: 'turn'; quarters: number }
  /** `rows`: flipped top to bottom. `columns`: flipped left to right. */
  | { kind: 'mirror'; exchanges: 'rows' | 'columns' }
);

export interface HeifPicture {
  /** The type of the coded item or of its tiles: `hvc1`, `av01`, `jpeg`, … */
  codec: string;
  /** The size of the largest image in the file, in pixels, before the transforms. */
  largest: { width: number; height: number };
  /** `associationAt` is the offset in `meta` of the bytes that assign this property to the image. */
  transforms: HeifTransform[];
  /** The highest bit depth of any AV1 image in the file. */
  bitDepth: number;
}

interface Box {
  type: string;
  /** Where its content starts and ends. */
  start: number;
  end: number;
}

/** Derived images, which are made of other items (ISO/IEC 23008-12, 6.6.2). */
const derivedTypes = ['grid', 'iden', 'iovl'];
const maxDerivations = 4;

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

/** The brands in a file's first bytes, major brand first. Empty when the file is not ISOBMFF. */
export function readBrands(head: Buffer): string[] {
  if (head.toString('latin1', 4, 8) !== 'ftyp') return [];
  const brands = head.toString('latin1', 8, brandsEnd(head)).match(/.{4}/gs) ?? [];
  return brands.filter((_, index) => index !== 1); // the second is the minor version
}

/** How many bytes `readBrands` needs. */
export function brandsEnd(head: Buffer): number {
  const isFile = head.length >= 8 && head.toString('latin1', 4, 8) === 'ftyp';
  return isFile ? Math.min(Math.max(head.readUInt32BE(0), 12), maxBrandBytes) : 0;
}
const maxBrandBytes = 256;

function listBoxes(file: Buffer, from: number, to: number): Box[] {
  const boxes: Box[] = [];
  for (let at = from; at + 8 <= to; ) {
    const short = file.readUInt32BE(at);
    const headerLength = short === 1 ? 16 : 8;
    const length = short === 1 ? Number(file.readBigUInt64BE(at + 8)) : short === 0 ? to - at : short;
    if (length < headerLength || at + length > to) break; // bytes after the last box
    const type = file.toString('latin1', at + 4, at + 8);
    boxes.push({ type, start: at + headerLength, end: at + length });
    at += length;
  }
  return boxes;
}

const findBox = (boxes: Box[], type: string) => boxes.find((box) => box.type === type);

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

interface Association {
  index: number;
  at: number;
  length: number;
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

function readTransforms(
  meta: Buffer,
  given: { associations: Association[]; properties: Box[]; size: { width: number; height: number } },
): HeifTransform[] {
  const transforms: HeifTransform[] = [];
  let size = given.size;
  for (const { index, at, length } of given.associations) {
    const property = given.properties[index - 1];
    if (!property) continue;
    const place = { associationAt: at, associationLength: length };
    if (property.type === 'clap') {
      const crop = readCrop(meta, property.start, size);
      size = crop;
      transforms.push({ kind: 'crop', ...crop, ...place });
    }
    if (property.type === 'irot') {
      const quarters = meta.readUInt8(property.start) & 3;
      if (quarters % 2 === 1) size = { width: size.height, height: size.width };
      transforms.push({ kind: 'turn', quarters, ...place });
    }
    if (property.type === 'imir') {
      const exchanges = meta.readUInt8(property.start) & 1 ? 'columns' : 'rows';
      transforms.push({ kind: 'mirror', exchanges, ...place });
    }
  }
  return transforms;
}

/** The visible part (ISO/IEC 14496-12, 12.1.4) in whole pixels. Throws a RangeError when it is empty. */
function readCrop(meta: Buffer, start: number, size: { width: number; height: number }) {
  const fraction = (place: number) =>
    meta.readInt32BE(start + place * 8) / meta.readInt32BE(start + place * 8 + 4);
  const [width, height] = [Math.round(fraction(0)), Math.round(fraction(1))];
  const left = Math.floor(fraction(2) + (size.width - width) / 2);
  const top = Math.floor(fraction(3) + (size.height - height) / 2);
  const isInside =
    width >= 1 &&
    height >= 1 &&
    left >= 0 &&
    top >= 0 &&
    left + width <= size.width &&
    top + height <= size.height;
  if (!isInside) throw new RangeError('the crop is not inside the picture');
  return { width, height, left, top };
}

function findCodec(meta: Buffer, boxes: Box[], primary: number): string {
  const types = readItemTypes(meta, findBox(boxes, 'iinf'));
  const parts = readParts(meta, findBox(boxes, 'iref'));
  let id = primary;
  for (let step = 0; step < maxDerivations && derivedTypes.includes(types.get(id) ?? ''); step += 1) {
    id = parts.get(id) ?? id;
  }
  return types.get(id) ?? '';
}

function readItemTypes(meta: Buffer, box: Box | undefined): Map<number, string> {
  const types = new Map<number, string>();
  if (!box) return types;
  const entriesAt = box.start + (meta.readUInt8(box.start) === 0 ? 6 : 8);
  for (const { type, start } of listBoxes(meta, entriesAt, box.end)) {
    const version = meta.readUInt8(start);
    if (type !== 'infe' || version < 2) continue;
    const idLength = version === 2 ? 2 : 4;
    const typeAt = start + 4 + idLength + 2;
    types.set(meta.readUIntBE(start + 4, idLength), meta.toString('latin1', typeAt, typeAt + 4));
  }
  return types;
}

/** The first item of each derived image. */
function readParts(meta: Buffer, box: Box | undefined): Map<number, number> {
  const parts = new Map<number, number>();
  if (!box) return parts;
  const idLength = meta.readUInt8(box.start) === 0 ? 2 : 4;
  for (const { type, start } of listBoxes(meta, box.start + 4, box.end)) {
    if (type !== 'dimg') continue;
    parts.set(meta.readUIntBE(start, idLength), meta.readUIntBE(start + idLength + 2, idLength));
  }
  return parts;
}
