// pdf.js reads PDFs in Firefox. unpdf is pdf.js as one file without a canvas, which reading text does not need.
import { readFile } from 'node:fs/promises';
import { getDocumentProxy } from 'unpdf';
import type { ReadPage, ReadPdf } from './read-pdf.ts';

type Document = Awaited<ReturnType<typeof getDocumentProxy>>;
type Page = Awaited<ReturnType<Document['getPage']>>;

/** `pdf` is a path or the file itself. */
export async function readWithPdfJs(pdf: string | Buffer): Promise<ReadPdf> {
  const document = await openDocument(pdf);
  try {
    const pages: ReadPage[] = [];
    for (let number = 1; number <= document.numPages; number += 1) {
      pages.push(await readPage(await document.getPage(number)));
    }
    const { info } = await document.getMetadata();
    const { Title = '', Language = '' } = info as { Title?: string; Language?: string | null };
    const { Marked = false } = (await document.getMarkInfo()) ?? {};
    return {
      pages,
      title: Title,
      language: Language ?? '',
      isTagged: Marked,
      outline: await readOutline(document),
    };
  } finally {
    await document.destroy();
  }
}

/** The languages that parts of each page name, apart from the document's own. */
export const readLanguagesWithPdfJs = (pdf: string | Buffer) =>
  readStructure(pdf, (tree) => [...new Set(languagesIn(tree))]);

/** The headings of each page, by their alternative texts. */
export const readHeadingsWithPdfJs = (pdf: string | Buffer) => readStructure(pdf, (tree) => headingsIn(tree));

/** What `read` finds in the tags of each page. */
async function readStructure(pdf: string | Buffer, read: (tree: unknown) => string[]): Promise<string[][]> {
  const document = await openDocument(pdf);
  try {
    const pages: string[][] = [];
    for (let number = 1; number <= document.numPages; number += 1)
      pages.push(read(await (await document.getPage(number)).getStructTree()));
    return pages;
  } finally {
    await document.destroy();
  }
}

/** Of a path or the file itself. */
async function openDocument(pdf: string | Buffer): Promise<Document> {
  const bytes = new Uint8Array(typeof pdf === 'string' ? await readFile(pdf) : pdf);
  return getDocumentProxy(bytes, { verbosity: 0 });
}

function headingsIn(node: unknown, isIn = false): string[] {
  const {
    role = '',
    alt,
    children = [],
  } = (node ?? {}) as { role?: string; alt?: string; children?: unknown[] };
  const isHeading = isIn || /^H\d?$/.test(role);
  return [...(isHeading && alt ? [alt] : []), ...children.flatMap((child) => headingsIn(child, isHeading))];
}

function languagesIn(node: unknown): string[] {
  const { lang, children = [] } = (node ?? {}) as { lang?: string; children?: unknown[] };
  return [...(lang ? [lang] : []), ...children.flatMap(languagesIn)];
}

async function readPage(page: Page): Promise<ReadPage> {
  const [left = 0, bottom = 0, right = 0, top = 0] = page.view;
  const size = { width: right - left, height: top - bottom };
  const { items, styles } = await page.getTextContent({ disableNormalization: true });
  const texts = items.filter((item) => 'str' in item);
  const pieces = texts
    .filter((item) => item.str.trim() !== '')
    .map((item) => {
      const [a = 0, b = 0, , , x = 0, y = 0] = item.transform as number[];
      const angle = Math.atan2(b, a);
      const { ascent = 0, descent = 0 } = styles[item.fontName] ?? {};
      const along = { x: Math.cos(angle), y: Math.sin(angle) };
      const middle = (item.height * (ascent + descent)) / 2;
      const start = { x: x - left - along.y * middle, y: y - bottom + along.x * middle };
      const centre = {
        x: start.x + (along.x * item.width) / 2,
        y: start.y + (along.y * item.width) / 2,
      };
      const onPage = (point: { x: number; y: number }) => ({
        x: point.x / size.width,
        y: 1 - point.y / size.height,
      });
      return {
        text: item.str.trim(),
        start: onPage(start),
        ...onPage(centre),
        width: (Math.abs(along.x) * item.width + Math.abs(along.y) * item.height) / size.width,
        height: (Math.abs(along.y) * item.width + Math.abs(along.x) * item.height) / size.height,
      };
    });
  return {
    ...size,
    text: texts.map((item) => `${item.str}${item.hasEOL ? '\n' : ''}`).join(''),
    pieces,
  };
}

async function readOutline(document: Document): Promise<ReadPdf['outline']> {
  const entries: ReadPdf['outline'] = [];
  const walk = async (level: Awaited<ReturnType<Document['getOutline']>>) => {
    for (const { title, dest, items } of level ?? []) {
      const explicit = typeof dest === 'string' ? await document.getDestination(dest) : dest;
      const page = explicit ? (await document.getPageIndex(explicit[0])) + 1 : 0;
      entries.push({ title, page });
      await walk(items);
    }
  };
  await walk(await document.getOutline());
  return entries;
}
