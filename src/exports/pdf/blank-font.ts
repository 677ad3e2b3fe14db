// The font of the searchable PDF's text layer. It has every character that the document needs, each with one rectangle
// as its outline, so it takes a few kilobytes where real outlines take a hundred. The scan covers the text. PDFium
// (Chrome, Edge) drops glyphs without an outline from the text that people search and copy (docs/decisions/0036).
// Tables: OpenType specification 1.9.1, https://learn.microsoft.com/typography/opentype/spec/otff

/**
 * Font units in one em. Ascent and descent add up to one em, so that a box as high as the font size is filled. A power
 * of two, so that no advance is rounded: Chromium then writes a word as one run, which no reader splits.
 */
const unitsPerEm = 1024;
const ascent = 768;
const descent = 256;

const combining = /^[\p{Mn}\p{Me}]$/u;
const weightless = /^[\s\p{Cf}]$/u;
const narrow = /^[iljIfrt.,:;!|'`()[\]{}/\\-]$/u;
const wide =
  /^[mwMWQO@%&\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}]$/u;

/**
 * The width of a character in ems. A word is stretched to its box as a whole; these proportions only place its letters
 * within the box. Spaces have no width: they end a word and must not widen its box.
 */
export function blankAdvanceOf(character: string): number {
  return advanceOf(character) / unitsPerEm;
}

/** The one space with a width, 25 em: glyph coordinates end at 32,767 units. No word contains it. */
export const wideSpace = '\u2003';

function advanceOf(character: string): number {
  if (character === wideSpace) return 25 * unitsPerEm;
  if (weightless.test(character)) return 0;
  if (combining.test(character)) return 200;
  if (narrow.test(character)) return 300;
  return wide.test(character) ? 900 : 560;
}

/** The shaper splits these Thai and Lao vowels into two characters each, which the font then needs too. */
const vowelParts = { '\u0e33': '\u0e4d\u0e32', '\u0eb3': '\u0ecd\u0eb2' };

/** A TrueType font with one glyph for each distinct character (code point) of `text`. */
export function buildBlankFont(text: string): Buffer {
  const parts = Object.entries(vowelParts).map(([vowel, both]) => (text.includes(vowel) ? both : ''));
  const codePoints = [...new Set(text + parts.join(''))]
    .map((c) => c.codePointAt(0) ?? 0)
    .sort((a, b) => a - b);
  const advances = [500, ...codePoints.map((c) => advanceOf(String.fromCodePoint(c)))];
  const outlines = [Buffer.alloc(0), ...advances.slice(1).map(rectangle)];
  const tables: Record<string, Buffer> = {
    GDEF: glyphClasses(advances.length),
    GPOS: emptyLayout(),
    GSUB: emptyLayout(),
    'OS/2': os2(codePoints),
    cmap: cmap(codePoints),
    glyf: Buffer.concat(outlines),
    head: head(),
    hhea: hhea(advances.length, Math.max(...advances)),
    hmtx: Buffer.concat(advances.map((advance) => u16(advance, 0))),
    loca: glyphOffsets(outlines),
    maxp: Buffer.concat([u32(0x00010000), u16(advances.length, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)]),
    name: names(),
    post: Buffer.concat([u32(0x00030000, 0), u16(0, 0), u32(0, 0, 0, 0, 0)]),
  };
  return assemble(tables);
}

/**
 * A rectangle as wide as the character and as high as the line, as a simple glyph: four points on the curve, storing
 * only coordinates that change. Characters without width get the narrowest rectangle with an area.
 */
function rectangle(advance: number): Buffer {
  const width = Math.max(advance, 1);
  const [onCurve, sameX, sameY] = [0x01, 0x10, 0x20];
  const flags = Buffer.from([onCurve | sameX, onCurve | sameY, onCurve | sameX, onCurve | sameY]);
  const contour = u16(1, 0, -descent, width, ascent, 3, 0);
  const glyph = Buffer.concat([contour, flags, u16(width, -width), u16(-descent, ascent + descent)]);
  return Buffer.concat([glyph, Buffer.alloc((4 - (glyph.length % 4)) % 4)]);
}

/** The long format of `loca`: the offset of each glyph, and the end of the last one. */
function glyphOffsets(outlines: Buffer[]): Buffer {
  let offset = 0;
  const ends = outlines.map((outline) => {
    offset += outline.length;
    return offset;
  });
  return u32(0, ...ends);
}

function assemble(tables: Record<string, Buffer>): Buffer {
  const tags = Object.keys(tables).sort();
  const log = Math.floor(Math.log2(tags.length));
  const range = 2 ** log * 16;
  const directory = [u32(0x00010000), u16(tags.length, range, log, tags.length * 16 - range)];
  const bodies: Buffer[] = [];
  let offset = 12 + tags.length * 16;
  let headOffset = 0;
  for (const tag of tags) {
    const table = tables[tag] as Buffer;
    const body = Buffer.concat([table, Buffer.alloc((4 - (table.length % 4)) % 4)]);
    if (tag === 'head') headOffset = offset;
    directory.push(Buffer.from(tag, 'latin1'), u32(checksum(body), offset, table.length));
    bodies.push(body);
    offset += body.length;
  }
  const font = Buffer.concat([...directory, ...bodies]);
  font.writeUInt32BE((0xb1b0afba - checksum(font)) >>> 0, headOffset + 8);
  return font;
}

function checksum(body: Buffer): number {
  let sum = 0;
  for (let at = 0; at < body.length; at += 4) sum = (sum + body.readUInt32BE(at)) >>> 0;
  return sum;
}

/** Segmented coverage (format 12), which reaches beyond the first 65 536 characters. Glyph 0 is the missing glyph. */
function cmap(codePoints: number[]): Buffer {
  const groups: [number, number, number][] = [];
  codePoints.forEach((codePoint, index) => {
    const last = groups.at(-1);
    if (last && last[1] === codePoint - 1) last[1] = codePoint;
    else groups.push([codePoint, codePoint, index + 1]);
  });
  const body = Buffer.concat(groups.map((group) => u32(...group)));
  return Buffer.concat([
    u16(0, 1, 3, 10),
    u32(12),
    u16(12, 0),
    u32(16 + body.length, 0, groups.length),
    body,
  ]);
}

/**
 * A layout table with the default script and no lookups. As GSUB it keeps the shaper from reordering Indic letters, as
 * GPOS from moving marks. Nothing is visible, so text in plain order is read back unbroken.
 */
function emptyLayout(): Buffer {
  const scripts = Buffer.concat([u16(1), Buffer.from('DFLT'), u16(8), u16(4, 0), u16(0, 0xffff, 0)]);
  return Buffer.concat([u16(1, 0, 10, 10 + scripts.length, 12 + scripts.length), scripts, u16(0), u16(0)]);
}

/** All glyphs are base glyphs, so that the shaper does not remove the width of marks. */
function glyphClasses(glyphs: number): Buffer {
  return u16(1, 0, 12, 0, 0, 0, 2, 1, 0, glyphs - 1, 1);
}

function head(): Buffer {
  const longDateTimes = Buffer.alloc(16);
  const before = [u32(0x00010000, 0x00010000, 0, 0x5f0f3cf5), u16(0x0003, unitsPerEm)];
  return Buffer.concat([...before, longDateTimes, u16(0, -descent, unitsPerEm, ascent, 0, 8, 2, 1, 0)]);
}

function hhea(glyphs: number, widest: number): Buffer {
  return Buffer.concat([
    u32(0x00010000),
    u16(ascent, -descent, 0, widest, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, glyphs),
  ]);
}

/** Version 4, installable (fsType 0), and USE_TYPO_METRICS so that every platform uses the same ascent. */
function os2(codePoints: number[]): Buffer {
  const first = Math.min(codePoints[0] ?? 0, 0xffff);
  const last = Math.min(codePoints.at(-1) ?? 0, 0xffff);
  return Buffer.concat([
    u16(4, 500, 400, 5, 0, 650, 700, 0, 140, 650, 700, 0, 480, 50, 300, 0),
    Buffer.alloc(10),
    u32(0, 0, 0, 0),
    Buffer.from('NONE'),
    u16(0x00c0, first, last, ascent, -descent, 0, ascent, descent),
    u32(0, 0),
    u16(500, 700, 0, 32, 1),
  ]);
}

function names(): Buffer {
  const strings = ['Paperlift Text', 'Regular', 'Paperlift Text', 'Paperlift Text', '1.0', 'PaperliftText'];
  const ids = [1, 2, 3, 4, 5, 6];
  const encoded = strings.map((text) => Buffer.from(text, 'utf16le').swap16());
  let offset = 0;
  const records = encoded.map((text, index) => {
    const record = u16(3, 1, 0x0409, ids[index] ?? 0, text.length, offset);
    offset += text.length;
    return record;
  });
  return Buffer.concat([u16(0, ids.length, 6 + ids.length * 12), ...records, ...encoded]);
}

function u16(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => {
    buffer.writeUInt16BE(value & 0xffff, index * 2);
  });
  return buffer;
}

function u32(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    buffer.writeUInt32BE(value >>> 0, index * 4);
  });
  return buffer;
}
