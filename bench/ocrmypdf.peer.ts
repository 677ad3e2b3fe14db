// OCRmyPDF as its users run it: img2pdf combines the images into a PDF, and OCRmyPDF adds the text.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readWithPdfJs } from '../test/exports/pdf/readers/pdfjs.reader.ts';
import type { Scan } from './scans.ts';

const run = promisify(execFile);

/** Resolves with undefined where OCRmyPDF is not installed. */
export async function findOcrmypdf(folder: string) {
  const version = await run('ocrmypdf', ['--version']).catch(() => undefined);
  if (!version) return undefined;
  const program = (await run('sh', ['-c', 'command -v ocrmypdf'])).stdout.trim();
  const python = /^#!\s*(\S+)/.exec(await readFile(program, 'utf8'))?.[1] ?? 'python3';
  const output = join(folder, 'ocrmypdf.pdf');

  return {
    name: `OCRmyPDF ${version.stdout.trim()}, 2 jobs`,

    /** Seconds for all the images together, making their PDF included. */
    async time(scans: Scan[]): Promise<number> {
      const input = join(folder, 'images.pdf');
      const startedAt = performance.now();
      await run(python, ['-m', 'img2pdf', ...scans.map((scan) => scan.path), '-o', input]);
      // without PDF/A, OCRmyPDF's default, since Paperlift does not convert either
      await run('ocrmypdf', ['--quiet', '--jobs', '2', '--output-type', 'pdf', input, output]);
      return (performance.now() - startedAt) / 1000;
    },

    /** The text of each image of the last run. */
    async texts(): Promise<string[]> {
      const { pages } = await readWithPdfJs(output);
      return pages.map(({ text }) => text);
    },
  };
}

export type Ocrmypdf = NonNullable<Awaited<ReturnType<typeof findOcrmypdf>>>;
