// Measures the size of the image and its parts.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.ts';

/** The limit of the image's size in bytes, uncompressed: 1.1 GB. */
export const sizeLimit = 1.1e9;

export interface Part {
  name: string;
  bytes: number;
}

/** Folders of the image and their contents. The rest is the base, and what Chromium needs of Debian. */
const folders = {
  'Node.js with npm and headers': ['usr/local'],
  Chromium: ['usr/lib/chromium'],
  'fonts and their caches': ['usr/share/fonts', 'var/cache/fontconfig'],
  'runtime interface client': ['paperlift/runtime-interface-client'],
  node_modules: ['paperlift/node_modules'],
  'bundles (dist)': ['paperlift/dist'],
  'bundles, compiled': ['paperlift/compile-cache'],
  'views, public and the rest of Paperlift': ['paperlift'],
};

/** The first of those that lie in paperlift/. */
const paperliftFrom = Object.keys(folders).indexOf('runtime interface client');

/** Sizes in bytes of files' contents, hard links counted once, largest folders first to be subtracted from what holds them. */
export async function measureParts(options: { image: string; base: string }): Promise<Part[]> {
  const [whole, base] = await Promise.all([sizeOf([options.image]), sizeOf([options.base])]);
  const parts: Part[] = [];
  for (const [name, places] of Object.entries(folders)) {
    const found = places.map((place) => join(options.image, place)).filter((place) => existsSync(place));
    parts.push({ name, bytes: found.length > 0 ? await sizeOf(found) : 0 });
  }
  const paperlift = parts.at(-1) as Part;
  for (const { bytes } of parts.slice(paperliftFrom, -1)) paperlift.bytes -= bytes;
  const node = parts[0] as Part;
  const others = parts.slice(1).reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    { name: 'Debian', bytes: base - node.bytes },
    ...parts.slice(0, 2),
    { name: 'libraries of Chromium, tini', bytes: whole - base - others },
    ...parts.slice(2),
    { name: 'together', bytes: whole },
  ];
}

/** By how many megabytes one is larger than the other. */
export async function measureAddition(larger: string, smaller: string): Promise<string> {
  return toMegabytes((await sizeOf([larger])) - (await sizeOf([smaller])));
}

async function sizeOf(places: string[]): Promise<number> {
  const output = await runCommand('du', [
    '--summarize',
    '--bytes',
    '--total',
    '--one-file-system',
    ...places,
  ]);
  return Number(output.trim().split('\n').at(-1)?.split('\t')[0]);
}

/** The parts as a table in Markdown. */
export function presentParts(parts: Part[]): string {
  const rows = parts.map(({ name, bytes }) => `| ${name.padEnd(40)} | ${toMegabytes(bytes).padStart(8)} |`);
  return [
    `| ${'part'.padEnd(40)} | ${'MB'.padStart(8)} |`,
    `| ${'-'.repeat(40)} | ${'-'.repeat(7)}: |`,
    ...rows,
    `| ${'limit'.padEnd(40)} | ${toMegabytes(sizeLimit).padStart(8)} |`,
  ].join('\n');
}

const toMegabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
