// Reads PDFs that Chromium and PDFium wrote: a classic cross-reference table, and each object by itself (ISO 32000-2, 7.5).
import { type FileHandle, open } from 'node:fs/promises';
import {
  isReference,
  type PdfDictionary,
  type PdfReference,
  PdfSyntaxError,
  type PdfValue,
  parseValue,
} from './pdf-values.ts';

export interface PdfObject {
  value: PdfValue;
  /** Where a stream's bytes lie in the file. */
  stream?: { start: number; length: number };
}

const headBytes = 64 * 1024;
/** Of one object without its stream: fonts list the widths of all characters. */
const maxObjectBytes = 16 * 1024 * 1024;
const maxPages = 20_000;

export type PdfFile = Awaited<ReturnType<typeof openPdfFile>>;

/** Throws PdfSyntaxError. The file must be closed. */
export async function openPdfFile(path: string) {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const end = await readBytes(file, Math.max(0, size - 1024), 1024);
    const start = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(end)?.[1] ?? Number.NaN);
    if (!(start < size)) throw new PdfSyntaxError('The file has no cross-reference table');
    const { offsets, trailer } = parseTable(await readBytes(file, start, size - start));
    return createReader(file, { size, start, offsets, trailer });
  } catch (error) {
    await file.close();
    throw error;
  }
}

function createReader(
  file: FileHandle,
  about: { size: number; start: number; offsets: Map<number, number>; trailer: PdfDictionary },
) {
  async function read(number: number): Promise<PdfObject> {
    const offset = about.offsets.get(number);
    if (offset === undefined) return { value: 'null' };
    for (let length = headBytes; ; length *= 8) {
      const text = await readBytes(file, offset, length);
      try {
        return await parseObject(number, text, offset);
      } catch (error) {
        if (!(error instanceof PdfSyntaxError) || length >= maxObjectBytes || text.length < length)
          throw error;
      }
    }
  }

  async function parseObject(number: number, text: string, offset: number): Promise<PdfObject> {
    const [head = ''] = new RegExp(`^\\s*${number} 0 obj`).exec(text) ?? [];
    if (head === '') throw new PdfSyntaxError(`No object ${number}`);
    const { value, end } = parseValue(text, head.length);
    const [, keyword, lineEnd = ''] = /^\s*(stream(\r?\n)|endobj)/.exec(text.slice(end, end + 64)) ?? [];
    if (keyword === undefined) throw new PdfSyntaxError(`The object ${number} has no end`);
    if (lineEnd === '' || !(value instanceof Map)) return { value };
    const length = Number(await resolve(value.get('Length')));
    const start = offset + text.indexOf(keyword, end) + keyword.length;
    if (!(length >= 0 && start + length <= about.size)) throw new PdfSyntaxError('A stream has no length');
    return { value, stream: { start, length } };
  }

  /** Follows a reference. */
  async function resolve(value: PdfValue | undefined): Promise<PdfValue | undefined> {
    return isReference(value) ? (await read(value.number)).value : value;
  }

  async function dictionary(value: PdfValue | undefined): Promise<PdfDictionary> {
    const found = await resolve(value);
    return found instanceof Map ? found : new Map();
  }

  /** The pages' objects, in order. */
  async function listPages(): Promise<PdfReference[]> {
    const pages: PdfReference[] = [];
    const seen = new Set<number>();
    async function walk(node: PdfValue | undefined) {
      if (!isReference(node) || seen.has(node.number) || pages.length > maxPages)
        throw new PdfSyntaxError('The pages are no tree');
      seen.add(node.number);
      const entries = await dictionary(node);
      const kids = await resolve(entries.get('Kids'));
      if (!Array.isArray(kids)) pages.push(node);
      else for (const kid of kids) await walk(kid);
    }
    await walk((await dictionary(about.trailer.get('Root'))).get('Pages'));
    return pages;
  }

  return {
    ...about,
    read,
    resolve,
    dictionary,
    listPages,
    async bytes({ start, length }: { start: number; length: number }): Promise<Buffer> {
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), position: start });
      if (bytesRead < length) throw new PdfSyntaxError('The file ends within a stream');
      return buffer;
    },
    close: () => file.close(),
  };
}

function parseTable(text: string): { offsets: Map<number, number>; trailer: PdfDictionary } {
  const offsets = new Map<number, number>();
  const head = /^xref\s+/.exec(text)?.[0] ?? '';
  let at = head.length;
  const section = /(\d+) (\d+)\s*?\r?\n/y;
  for (;;) {
    section.lastIndex = at;
    const [found, first, count] = section.exec(text) ?? [];
    if (found === undefined) break;
    at += found.length;
    for (let index = 0; index < Number(count); index += 1, at += 20) {
      const [, offset] = /^(\d{10}) \d{5} n/.exec(text.slice(at, at + 20)) ?? [];
      if (offset !== undefined) offsets.set(Number(first) + index, Number(offset));
    }
  }
  const trailerAt = text.indexOf('trailer', at);
  const { value } = parseValue(text, trailerAt < 0 ? text.length : trailerAt + 'trailer'.length);
  if (head === '' || !(value instanceof Map))
    throw new PdfSyntaxError('The cross-reference table is no classic one');
  return { offsets, trailer: value };
}

async function readBytes(file: FileHandle, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), position });
  return buffer.toString('latin1', 0, bytesRead);
}
