// How the primary image of a HEIF file is coded.
import { type Box, findBox, listBoxes } from './iso-boxes.ts';

/** Derived images, which are made of other items (ISO/IEC 23008-12, 6.6.2). */
const derivedTypes = ['grid', 'iden', 'iovl'];
const maxDerivations = 4;

export function findCodec(meta: Buffer, boxes: Box[], primary: number): string {
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
