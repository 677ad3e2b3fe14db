// Poppler reads PDFs in the viewers of GNOME and KDE. Its programs are a second opinion where they are installed.
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { ReadPdf } from './read-pdf.ts';

const run = promisify(execFile);

/** Why poppler is not asked; undefined where it is. */
export const popplerIsMissing = findReason();

function findReason(): string | undefined {
  try {
    for (const program of ['pdftotext', 'pdftoppm']) execFileSync(program, ['-v'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'poppler is not installed (Debian: poppler-utils; macOS: brew install poppler)';
  }
}

/** Pages and their words in the file's order. */
export async function readWithPoppler(path: string): Promise<Pick<ReadPdf, 'pages'>> {
  const [boxes, raw] = await Promise.all([
    run('pdftotext', ['-raw', '-bbox', path, '-'], { maxBuffer: 1e9 }),
    run('pdftotext', ['-raw', path, '-'], { maxBuffer: 1e9 }),
  ]);
  const texts = raw.stdout.split('\f');
  const pages = boxes.stdout.split('<page ').slice(1);
  return { pages: pages.map((page, index) => readPage(page, texts[index] ?? '')) };
}

function readPage(page: string, text: string) {
  const [width = 1, height = 1] = [...page.matchAll(/(?:width|height)="([\d.]+)"/g)].map((match) =>
    Number(match[1]),
  );
  const words = page.matchAll(/<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)<\/word>/g);
  const pieces = [...words].map(([, xMin, yMin, xMax, yMax, word]) => ({
    text: unescaped(word ?? ''),
    x: (Number(xMin) + Number(xMax)) / 2 / width,
    y: (Number(yMin) + Number(yMax)) / 2 / height,
    width: (Number(xMax) - Number(xMin)) / width,
    height: (Number(yMax) - Number(yMin)) / height,
  }));
  return { width, height, text, pieces };
}

/** A page as a PNG. */
export async function drawWithPoppler(path: string, { page = 1, dpi = 300 } = {}): Promise<Buffer> {
  const range = ['-f', String(page), '-l', String(page)];
  const { stdout } = await run('pdftoppm', ['-r', String(dpi), '-png', ...range, path], {
    encoding: 'buffer',
    maxBuffer: 1e9,
  });
  return stdout;
}

function unescaped(text: string): string {
  const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name] ?? '');
}
