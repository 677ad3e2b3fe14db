/**
 * A JPEG that looks whole from outside, but whose pixels nobody can make out: its quantization tables go by numbers that
 * its components do not name (ITU-T T.81, B.2.4.1).
 */
export function damageJpeg(jpeg: Buffer): Buffer {
  const damaged = Buffer.from(jpeg);
  let at = 2;
  while (damaged[at + 1] !== 0xda) {
    if (damaged[at + 1] === 0xdb) damaged[at + 4] = (damaged[at + 4] as number) | 0x03;
    at += 2 + damaged.readUInt16BE(at + 2);
  }
  return damaged;
}
