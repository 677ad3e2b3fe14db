import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A PDF's pages and their words. Two PDFs of the same pages are never the same bytes: they hold the time and an id. */
export function readPdf(bytes: Buffer): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'paperlift-parity-'));
  const file = path.join(folder, 'file.pdf');
  try {
    writeFileSync(file, bytes);
    const text = execFileSync('pdftotext', ['-raw', file, '-'], { encoding: 'utf8' });
    const pages = text.split('\f').slice(0, -1);
    return [
      `PDF of ${pages.length} pages`,
      ...pages.map((page, index) => `${index + 1}: ${page.replaceAll(/\s+/g, ' ').trim()}`),
    ].join('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error('pdftotext is missing (Debian: poppler-utils; macOS: brew install poppler)');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
