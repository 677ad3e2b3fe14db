// Makes a handwriting font known to the drawing of text in images. To be called before this process draws any.
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflateSync } from 'node:zlib';
import { ensureFonts } from './fonts.ts';

export const handwritingFont = 'Over the Rainbow';

export async function ensureHandwritingFont(): Promise<void> {
  await ensureFonts();
  const folder = await mkdtemp(join(tmpdir(), 'handwriting-font-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = import.meta.resolve(
    '@fontsource/over-the-rainbow/files/over-the-rainbow-latin-400-normal.woff',
  );
  const woff = await readFile(fileURLToPath(file));
  await writeFile(join(folder, 'handwriting.ttf'), unpackWoff(woff));
  const others = process.env.FONTCONFIG_FILE ?? '/etc/fonts/fonts.conf';
  process.env.FONTCONFIG_FILE = join(folder, 'fonts.conf');
  await writeFile(
    process.env.FONTCONFIG_FILE,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
    <fontconfig><include>${others}</include><dir>${folder}</dir></fontconfig>`,
  );
}

/** A WOFF file's font: the same tables, each compressed by zlib (https://www.w3.org/TR/WOFF/), which text drawing does not unpack. */
function unpackWoff(woff: Buffer): Buffer {
  const count = woff.readUInt16BE(12);
  const head = Buffer.alloc(12 + 16 * count);
  woff.copy(head, 0, 4, 8);
  head.writeUInt16BE(count, 4);
  const tables: Buffer[] = [];
  let at = head.length;
  for (let i = 0; i < count; i++) {
    const entry = 44 + 20 * i;
    const [from, size, fullSize] = [4, 8, 12].map((field) => woff.readUInt32BE(entry + field)) as [
      number,
      number,
      number,
    ];
    const stored = woff.subarray(from, from + size);
    const padding = -fullSize & 3;
    tables.push(size < fullSize ? inflateSync(stored) : stored, Buffer.alloc(padding));
    woff.copy(head, 12 + 16 * i, entry, entry + 4);
    woff.copy(head, 16 + 16 * i, entry + 16, entry + 20);
    head.writeUInt32BE(at, 20 + 16 * i);
    head.writeUInt32BE(fullSize, 24 + 16 * i);
    at += fullSize + padding;
  }
  return Buffer.concat([head, ...tables]);
}
