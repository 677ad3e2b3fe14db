// What other programs (poppler) read in a PDF.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ReadWord {
  text: string;
  /** Fractions of the page. */
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Every page's words with their boxes, in pdftotext's order. */
export async function readWords(path: string): Promise<ReadWord[][]> {
  const { stdout } = await run('pdftotext', ['-bbox', path, '-'], { maxBuffer: 1e9 });
  return stdout
    .split('<page ')
    .slice(1)
    .map((page) => {
      const [width, height] = [...page.matchAll(/(?:width|height)="([\d.]+)"/g)].map((match) =>
        Number(match[1]),
      );
      const words = page.matchAll(/<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)<\/word>/g);
      return [...words].map(([, xMin, yMin, xMax, yMax, text]) => ({
        text: unescaped(text ?? ''),
        x: (Number(xMin) + Number(xMax)) / 2 / (width ?? 1),
        y: (Number(yMin) + Number(yMax)) / 2 / (height ?? 1),
        width: (Number(xMax) - Number(xMin)) / (width ?? 1),
        height: (Number(yMax) - Number(yMin)) / (height ?? 1),
      }));
    });
}

/** Every page's text without white space and without the direction marks that pdftotext adds. */
export async function readTexts(path: string): Promise<string[]> {
  const { stdout } = await run('pdftotext', ['-raw', path, '-'], { maxBuffer: 1e9 });
  return stdout.split('\f').slice(0, -1).map(withoutSpace);
}

export function withoutSpace(text: string): string {
  return text.replace(/[\s\u202a-\u202e]+/gu, '');
}

/** Every page's width and height in points. */
export async function readPageSizes(path: string): Promise<{ width: number; height: number }[]> {
  const { stdout } = await run('pdfinfo', ['-f', '1', '-l', '100000', path]);
  return [...stdout.matchAll(/size:\s+([\d.]+) x ([\d.]+) pts/g)].map((match) => ({
    width: Number(match[1]),
    height: Number(match[2]),
  }));
}

/** The first page as a PNG, 300 dots an inch. */
export async function readPicture(path: string): Promise<Buffer> {
  const { stdout } = await run('pdftoppm', ['-r', '300', '-png', '-singlefile', path], {
    encoding: 'buffer',
    maxBuffer: 1e9,
  });
  return stdout;
}

/** The document's properties as pdfinfo names them. */
export async function readProperties(path: string): Promise<Record<string, string>> {
  const { stdout } = await run('pdfinfo', [path]);
  return Object.fromEntries(stdout.split('\n').map((line) => [line.split(':')[0], line.slice(17).trim()]));
}

/** How many images are stored in the PDF as JPEGs. */
export async function countJpegs(path: string): Promise<number> {
  const { stdout } = await run('pdfimages', ['-list', path]);
  const objects = stdout.split('\n').flatMap((line) => /\bjpeg\s+\w+\s+(\d+)/.exec(line)?.[1] ?? []);
  return new Set(objects).size;
}

/** The outline's titles, and the document's catalog as it is written. */
export async function readOutline(path: string): Promise<{ titles: string[]; catalog: string }> {
  const pdf = await readFile(path, 'latin1');
  const objects = pdf.split('endobj');
  const entries = objects.filter((object) => object.includes('/Title') && object.includes('/Dest'));
  return {
    titles: entries.map((object) => /\/Title \((.*?)\)/.exec(object)?.[1] ?? ''),
    catalog: objects.find((object) => object.includes('/Type /Catalog')) ?? '',
  };
}

function unescaped(text: string): string {
  const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name] ?? '');
}
