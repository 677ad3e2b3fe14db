// The image's software bill of materials (CycloneDX 1.5), in two steps:
//   node sbom.ts packages <npm's bill> <esbuild's metafile or -> <folder or file of a package>…   what of npm is in the image
//   node sbom.ts image <version> <output of the first step>…                        with what Debian and the base bring
// npm's bill lists all that the lockfile locks; bundles and copies hold a part of it.
// https://cyclonedx.org/docs/1.5/json/
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Component {
  type: string;
  name: string;
  version: string;
  purl: string;
  'bom-ref': string;
  properties?: { name: string; value: string }[];
  [field: string]: unknown;
}

/** The packages in folders below one, by their manifests: `name@version`. Manifests without a version are parts of packages. */
export function listInstalled(folder: string): string[] {
  const found = new Set<string>();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (path.basename(file) !== 'package.json') continue;
    const parts = path.dirname(file).split(path.sep);
    const at = parts.lastIndexOf('node_modules');
    const inside = parts.slice(at + 1);
    if (inside.length !== (inside[0]?.startsWith('@') ? 2 : 1)) continue;
    const { name, version } = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
    if (name && version) found.add(`${name}@${version}`);
  }
  return [...found].sort();
}

/** The folders of the packages whose files are in a bundle, relative to the project. */
export function listBundled(metafile: { inputs: Record<string, unknown> }): string[] {
  const folders = Object.keys(metafile.inputs).flatMap(
    (file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? [],
  );
  return [...new Set(folders)].sort();
}

/** npm's components for these packages. Throws for one that the lockfile does not lock. */
export function selectComponents(npm: { components: Component[] }, packages: string[]): Component[] {
  // by npm's reference, which has a package's own name also where an alias is installed
  const known = new Map(npm.components.map((component) => [component['bom-ref'], component]));
  return packages.map((name) => {
    const component = known.get(name);
    if (!component) throw new Error(`${name} is in the image, but not in the lockfile`);
    // what is for development in the project may be what runs in the image
    const { properties: _, scope: _scope, ...kept } = component;
    return kept as Component;
  });
}

/** Debian's packages: lines of name, version, architecture and source, as dpkg-query prints them. */
export function readDebian(list: string, release: string): Component[] {
  const [, id = 'debian'] = /^ID=(\S+)$/m.exec(release) ?? [];
  const [, version = ''] = /^VERSION_ID="?([^"\n]+)/m.exec(release) ?? [];
  return list
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', number = '', architecture = '', source = ''] = line.split('\t');
      const qualifiers = new URLSearchParams({
        arch: architecture,
        distro: `${id}-${version}`,
        upstream: source,
      });
      return describe(
        'library',
        name,
        number,
        `pkg:deb/${id}/${name}@${encodeURIComponent(number)}?${qualifiers}`,
      );
    });
}

/** The bill of an image, whose serial number follows from its contents. */
export function createBill(version: string, given: Component[]) {
  const byRef = new Map(given.map((component) => [component['bom-ref'], component]));
  const components = [...byRef.values()].sort((one, other) => (one['bom-ref'] < other['bom-ref'] ? -1 : 1));
  const digest = createHash('sha256').update(JSON.stringify(components)).digest('hex');
  const uuid = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${uuid}`,
    version: 1,
    metadata: {
      component: { ...describe('container', 'paperlift', version, `pkg:oci/paperlift@${version}`) },
    },
    components,
  };
}

function describe(type: string, name: string, version: string, purl: string): Component {
  return { type, name, version, purl, 'bom-ref': purl };
}

/** A package that came with something else, so that no lockfile knows it. */
function describePackage(named: string): Component {
  const at = named.lastIndexOf('@');
  const [name, version] = [named.slice(0, at), named.slice(at + 1)];
  return describe('library', name, version, `pkg:npm/${name.replace('@', '%40')}@${version}`);
}

function listPackages([npmFile = '', metafile = '-', ...places]: string[]) {
  const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
  const bundled = metafile === '-' ? [] : listBundled(read(metafile));
  const alone = [...bundled, ...places.filter((place) => !place.startsWith('/'))].map((folder) => {
    const { name, version } = read(path.join(folder, 'package.json'));
    return `${name}@${version}`;
  });
  const installed = places.filter((place) => place.startsWith('/')).flatMap(listInstalled);
  return selectComponents(read(npmFile), [...new Set([...alone, ...installed])].sort());
}

function listImage([version = '', ...files]: string[]) {
  const fields = ['Package', 'Version', 'Architecture', 'source:Package'].map((name) => `$\{${name}}`);
  const format = `${fields.join('\\t')}\\n`;
  const debian = execFileSync('dpkg-query', ['--show', `--showformat=${format}`], { encoding: 'utf8' });
  const node = process.versions.node;
  return createBill(version, [
    ...readDebian(debian, readFileSync('/etc/os-release', 'utf8')),
    {
      ...describe('platform', 'node', node, `pkg:generic/node@${node}`),
      cpe: `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*`,
    },
    // npm and what it brings; Docker's own base has yarn, too
    ...['/usr/local/lib', '/opt'].flatMap(listInstalled).map(describePackage),
    ...files.flatMap((file): Component[] => JSON.parse(readFileSync(file, 'utf8'))),
  ]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [step, ...args] = process.argv.slice(2);
  const made = step === 'packages' ? listPackages(args) : listImage(args);
  process.stdout.write(`${JSON.stringify(made, null, 1)}\n`);
}
