// The pages to detect: scans with their true text, or generated pages when there are none.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { textJpeg } from '../test/support/images.ts';

export interface Scan {
  fileName: string;
  path: string;
  image: Buffer;
  /** What is written on it. */
  truth: string;
}

const siblingFolder = resolve(import.meta.dirname, '../../shared/scans');
const generatedCount = 12;

/**
 * The images of `directory` (or of the usual folder beside the project), each with a `.txt` of the same name. Without
 * that folder, generated pages of printed text in `outputFolder`.
 */
export async function findScans({ directory, outputFolder }: { directory?: string; outputFolder: string }) {
  const folder = directory ?? siblingFolder;
  const scans = await readScans(folder).catch((error: NodeJS.ErrnoException) => {
    if (directory || error.code !== 'ENOENT') throw error;
    return [];
  });
  if (scans.length > 0) return { scans, origin: `${scans.length} scans of ${basename(folder)}` };
  if (directory) throw new Error(`There are no scans in ${directory}`);
  await generateScans(outputFolder);
  return {
    scans: await readScans(outputFolder),
    origin: `${generatedCount} generated pages, because there are no scans`,
  };
}

async function readScans(folder: string): Promise<Scan[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg')).sort();
  return Promise.all(
    names.map(async (fileName) => {
      const path = join(folder, fileName);
      const truth = await readFile(path.replace(/jpg$/, 'txt'), 'utf8');
      return { fileName, path, truth, image: await readFile(path) };
    }),
  );
}

async function generateScans(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let page = 1; page <= generatedCount; page += 1) {
    const lines = ['TAX INVOICE', `Receipt ${1000 + page * 37}`];
    for (let item = 1; item <= 12; item += 1) lines.push(`Article ${page * item} ${item * page * 3}.50 SR`);
    lines.push(`Total ${page * 913}.20`, 'Thank you for shopping');
    const name = join(folder, String(page).padStart(3, '0'));
    await writeFile(`${name}.jpg`, await textJpeg(lines, { width: 1200, height: 1300 }));
    await writeFile(`${name}.txt`, lines.join('\n'));
  }
}
