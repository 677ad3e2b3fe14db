// The boxes that a HEIF file is made of (ISO/IEC 14496-12, 4.2).
export interface Box {
  type: string;
  /** Where its content starts and ends. */
  start: number;
  end: number;
}

export function listBoxes(file: Buffer, from: number, to: number): Box[] {
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

export const findBox = (boxes: Box[], type: string) => boxes.find((box) => box.type === type);
