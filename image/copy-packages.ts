// Copies packages and all that they need out of a node_modules folder:
//   node copy-packages.ts <project with node_modules> <target folder> <package>…
// The image gets what the bundles leave out, and nothing else.
import { cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

interface Place {
  /** Relative to the project. */
  folder: string;
  manifest: {
    dependencies?: Record<string, string>;
    optionalDependencies?: Record<string, string>;
    peerDependencies?: Record<string, string>;
    peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  };
}

interface CopyOptions {
  project: string;
  target: string;
  names: string[];
}

/** What is in packages but is read by nobody who runs them. */
const unread = /\.(d\.[cm]?ts|map|md|markdown|tsbuildinfo)$|\/(test|tests|__tests__|docs|\.github)$/i;
const licence = /(licen[cs]e|copying|notice)[^/]*$/i;

/**
 * The folders of these packages and of everything they need, relative to the project, each found as Node finds it.
 * Optional packages for other platforms are not there, and are left out. Throws for any other that is missing.
 */
export async function findPackages(project: string, names: string[]): Promise<string[]> {
  const found = new Set<string>();
  const visit = async (name: string, from: string, optional: boolean): Promise<void> => {
    const place = await locate(project, name, from);
    if (!place && optional) return;
    if (!place) throw new Error(`${name}, which ${from || 'the image'} needs, is not installed`);
    if (found.has(place.folder)) return;
    found.add(place.folder);
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = place.manifest;
    const optionalPeers = place.manifest.peerDependenciesMeta ?? {};
    for (const needed of Object.keys(dependencies)) {
      await visit(needed, place.folder, needed in optionalDependencies);
    }
    for (const needed of Object.keys(optionalDependencies)) await visit(needed, place.folder, true);
    for (const needed of Object.keys(peerDependencies)) {
      if (!optionalPeers[needed]?.optional) await visit(needed, place.folder, false);
    }
  };
  for (const name of names) await visit(name, '', false);
  return [...found].sort();
}

async function locate(project: string, name: string, from: string): Promise<Place | undefined> {
  for (let base = from; ; base = path.dirname(base)) {
    const folder = path.join(base === '.' ? '' : base, 'node_modules', name);
    const manifest = await readFile(path.join(project, folder, 'package.json'), 'utf8').catch(
      () => undefined,
    );
    if (manifest) return { folder, manifest: JSON.parse(manifest) };
    if (base === '' || base === '.') return undefined;
  }
}

/** Copies them, and returns their folders. */
export async function copyPackages({ project, target, names }: CopyOptions): Promise<string[]> {
  const folders = await findPackages(project, names);
  for (const folder of folders) {
    const source = path.join(project, folder);
    await cp(source, path.join(target, folder), {
      recursive: true,
      filter: (file) => {
        const inside = `/${path.relative(source, file)}`;
        return !inside.startsWith('/node_modules') && (!unread.test(inside) || licence.test(inside));
      },
    });
  }
  return folders;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [project = '.', target = '', ...names] = process.argv.slice(2);
  const folders = await copyPackages({ project, target, names });
  process.stdout.write(`${folders.join('\n')}\n`);
}
