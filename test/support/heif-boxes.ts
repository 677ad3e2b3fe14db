// Adds properties to the primary picture of a HEIF file (ISO/IEC 23008-12, 9.3), which the available encoders do not write.

type Transform =
  | { crop: { width: number; height: number; left: number; top: number } }
  /** Quarter turns, anticlockwise. */
  | { turn: number }
  | { mirror: 'rows' | 'columns' };

interface Box {
  at: number;
  end: number;
  content: number;
}

/** Replaces the file's transforms. `size` is that of its coded picture. */
export function withTransforms(
  file: Buffer,
  transforms: Transform[],
  size: { width: number; height: number },
): Buffer {
  const meta = find(file, 'meta', 0, file.length);
  const inMeta = (type: string) => find(file, type, meta.content + 4, meta.end);
  const iprp = inMeta('iprp');
  const ipco = find(file, 'ipco', iprp.content, iprp.end);
  const ipma = find(file, 'ipma', iprp.content, iprp.end);
  const pitm = inMeta('pitm');
  const primary = file.readUInt16BE(pitm.content + 4);
  const properties = list(file, ipco.content, ipco.end);
  const boxes = transforms.map((transform) => buildProperty(transform, size));

  const entries: Buffer[] = [];
  let at = ipma.content + 8;
  for (let count = file.readUInt32BE(ipma.content + 4); count > 0; count -= 1) {
    const own = file.readUInt8(at + 2);
    let associations = [...file.subarray(at + 3, at + 3 + own)];
    if (file.readUInt16BE(at) === primary) {
      associations = associations.filter((byte) => {
        const property = properties[(byte & 0x7f) - 1] as Box;
        return !/clap|irot|imir/.test(typeOf(file, property));
      });
      associations.push(...boxes.map((_, index) => 0x80 + properties.length + 1 + index));
    }
    entries.push(file.subarray(at, at + 2), Buffer.from([associations.length, ...associations]));
    at += 3 + own;
  }
  const newIpco = box('ipco', file.subarray(ipco.content, ipco.end), ...boxes);
  const newIpma = box('ipma', file.subarray(ipma.content, ipma.content + 8), ...entries);
  const newIprp = box('iprp', newIpco, newIpma);
  const newMeta = box(
    'meta',
    file.subarray(meta.content, iprp.at),
    newIprp,
    file.subarray(iprp.end, meta.end),
  );
  const result = Buffer.concat([file.subarray(0, meta.at), newMeta, file.subarray(meta.end)]);
  moveData(result, newMeta.length - (meta.end - meta.at));
  return result;
}

function buildProperty(transform: Transform, size: { width: number; height: number }): Buffer {
  if ('turn' in transform) return box('irot', Buffer.from([transform.turn]));
  if ('mirror' in transform) return box('imir', Buffer.from([transform.mirror === 'rows' ? 0 : 1]));
  const { width, height, left, top } = transform.crop;
  const halves = [2 * left + width - size.width, 2 * top + height - size.height];
  const content = Buffer.alloc(32);
  const numbers = [width, 1, height, 1, halves[0] as number, 2, halves[1] as number, 2];
  for (const [index, number] of numbers.entries()) content.writeInt32BE(number, index * 4);
  return box('clap', content);
}

/** The places of the items' data (8.11.3): version 0 or 1, offsets of four bytes from the start of the file. */
function moveData(file: Buffer, by: number) {
  const meta = find(file, 'meta', 0, file.length);
  const iloc = find(file, 'iloc', meta.content + 4, meta.end);
  const version = file.readUInt8(iloc.content);
  const sizes = file.readUInt16BE(iloc.content + 4);
  const [offset, length, base] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  let at = iloc.content + 8;
  for (let count = file.readUInt16BE(iloc.content + 6); count > 0; count -= 1) {
    const isInFile = version === 0 || (file.readUInt16BE(at + 2) & 15) === 0;
    at += version === 0 ? 4 : 6;
    if (base === 4 && isInFile) file.writeUInt32BE(file.readUInt32BE(at) + by, at);
    at += base;
    const extents = file.readUInt16BE(at);
    at += 2;
    for (let extent = 0; extent < extents; extent += 1) {
      if (base === 0 && isInFile) file.writeUInt32BE(file.readUInt32BE(at) + by, at);
      at += offset + length;
    }
  }
}

/** A box of this content. */
export function box(type: string, ...content: Buffer[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.reduce((sum, part) => sum + part.length, 0), 0);
  head.write(type, 4);
  return Buffer.concat([head, ...content]);
}

function list(file: Buffer, from: number, to: number): Box[] {
  const boxes: Box[] = [];
  for (let at = from; at + 8 <= to; at += file.readUInt32BE(at)) {
    boxes.push({ at, content: at + 8, end: at + file.readUInt32BE(at) });
  }
  return boxes;
}

const typeOf = (file: Buffer, { at }: Box) => file.toString('latin1', at + 4, at + 8);

function find(file: Buffer, type: string, from: number, to: number): Box {
  const found = list(file, from, to).find((one) => typeOf(file, one) === type);
  if (!found) throw new Error(`There is no box ${type}`);
  return found;
}
