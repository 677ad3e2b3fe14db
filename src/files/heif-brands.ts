// The brands at the start of a file, which tell HEIC from AVIF (ISO/IEC 14496-12, 4.3).
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
