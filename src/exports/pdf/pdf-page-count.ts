// Counts the pages of a PDF written by Chromium: a classic cross-reference table and uncompressed objects (ISO
// 32000-1, 7.5).
import { type FileHandle, open } from 'node:fs/promises';

/** The page count in a PDF's page tree; `undefined` for a truncated file or one that is not a PDF. */
export async function countPdfPages(path: string): Promise<number | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const end = await readText(file, Math.max(0, size - 1024), 1024);
    const start = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(end)?.[1] ?? Number.NaN);
    if (!(start < size) || !(await readText(file, 0, 5)).startsWith('%PDF-')) return undefined;
    const table = await readText(file, start, size - start);
    const root = /trailer\s*<<[^>]*\/Root (\d+) 0 R/.exec(table)?.[1];
    const catalog = root && (await readObject(file, table, Number(root)));
    const pages = catalog && /\/Pages (\d+) 0 R/.exec(catalog)?.[1];
    const tree = pages && (await readObject(file, table, Number(pages)));
    const count = tree && /\/Count (\d+)/.exec(tree)?.[1];
    return count ? Number(count) : undefined;
  } finally {
    await file.close();
  }
}

/** The dictionary of an object. The table has one section from object 0, with entries of 20 bytes. */
async function readObject(file: FileHandle, table: string, number: number): Promise<string | undefined> {
  const header = /^xref\s+0 \d+\s*?\n/.exec(table)?.[0];
  if (!header) return undefined;
  const entry = table.slice(header.length + number * 20, header.length + number * 20 + 20);
  const offset = /^(\d{10}) \d{5} n/.exec(entry)?.[1];
  if (!offset) return undefined;
  const text = await readText(file, Number(offset), 65_536);
  return text.startsWith(`${number} 0 obj`) ? text.slice(0, text.indexOf('endobj')) : undefined;
}

async function readText(file: FileHandle, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), position });
  return buffer.toString('latin1', 0, bytesRead);
}
