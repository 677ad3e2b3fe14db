// Checks an image's bill of materials against what lies in it.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Component, listInstalled } from '../../image/sbom.ts';

/** Every package of npm, of Debian and in the bundles has a component. Returns how many there are. */
export function checkBill(root: string): number {
  const inImage = (file: string) => path.join(root, file);
  const bill: { components: Component[] } = JSON.parse(
    readFileSync(inImage('paperlift/sbom.cdx.json'), 'utf8'),
  );
  const listed = new Set(
    bill.components.flatMap((component) => [
      `${component.name}@${component.version}`,
      component['bom-ref'], // an alias has its own name, and here the package's
    ]),
  );
  const names = new Set([...listed].map((one) => one.replace(/@[^@]*$/, '')));

  const installed = [
    'paperlift/node_modules',
    'paperlift/runtime-interface-client',
    'usr/local/lib/node_modules',
  ].flatMap((folder) => listInstalled(inImage(folder)));
  assert.ok(installed.length > 20, 'the packages of npm were found');
  assert.deepEqual(
    installed.filter((one) => !listed.has(one)),
    [],
  );

  const debian = readStatus(readFileSync(inImage('var/lib/dpkg/status'), 'utf8'));
  assert.ok(debian.length > 50, 'the packages of Debian were found');
  assert.deepEqual(
    debian.filter((one) => !listed.has(one)),
    [],
  );

  const bundled = packagesInBundles(inImage('paperlift/dist'));
  assert.ok(bundled.includes('zod') && bundled.length > 20, 'the packages in bundles were found');
  assert.deepEqual(
    bundled.filter((name) => !names.has(name)),
    [],
  );
  return bill.components.length;
}

/** https://man7.org/linux/man-pages/man1/dpkg-query.1.html */
function readStatus(status: string): string[] {
  return status.split('\n\n').flatMap((entry) => {
    const field = (name: string) => new RegExp(`^${name}: (.+)$`, 'm').exec(entry)?.[1];
    return field('Status')?.endsWith(' installed') ? [`${field('Package')}@${field('Version')}`] : [];
  });
}

/** The name in a package's manifest: an alias has another folder. The bundles are made of this project's packages. */
function nameOf(folder: string): string {
  const manifest = path.join(import.meta.dirname, '../../node_modules', folder, 'package.json');
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).name : folder;
}

/** esbuild writes before each module where it is from. */
function packagesInBundles(folder: string): string[] {
  const found = new Set<string>();
  for (const file of readdirSync(folder)) {
    const text = readFileSync(path.join(folder, file), 'utf8');
    for (const [, name] of text.matchAll(/^\s*\/\/ (?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/\n]+)\//gm))
      found.add(nameOf(name ?? ''));
  }
  return [...found];
}
