import type { HeifTransform } from './heif-picture.ts';
import type { Box } from './iso-boxes.ts';

export interface Association {
  index: number;
  at: number;
  length: number;
}

export function readTransforms(
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
