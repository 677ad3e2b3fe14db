import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { copyPackages, findPackages } from '../../image/copy-packages.ts';

const project = mkdtempSync(path.join(tmpdir(), 'paperlift-packages-'));
after(() => rmSync(project, { recursive: true }));

function install(folder: string, manifest: object, files: string[] = []) {
  const directory = path.join(project, folder);
  for (const file of ['package.json', ...files]) {
    mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
    writeFileSync(path.join(directory, file), file === 'package.json' ? JSON.stringify(manifest) : file);
  }
}

install('node_modules/one', {
  dependencies: { two: '2', three: '1', 'for-another-platform': '1' }, // npm names optional ones in both places
  optionalDependencies: { 'for-another-platform': '1' },
  peerDependencies: { peer: '1', 'optional-peer': '1' },
  peerDependenciesMeta: { 'optional-peer': { optional: true } },
});
install('node_modules/one/node_modules/two', { dependencies: { three: '1' } });
install('node_modules/two', {});
install('node_modules/three', { dependencies: { one: '1' } }, [
  'index.js',
  'index.d.ts',
  'index.js.map',
  'README.md',
  'LICENSE.md',
  'test/index.js',
  'lib/test.js',
]);
install('node_modules/peer', {});
install('node_modules/unused', {});
install('node_modules/broken', { dependencies: { missing: '1' } });

test('the image gets a package, what it needs in the version that it finds, and nothing else', async () => {
  assert.deepEqual(await findPackages(project, ['one']), [
    'node_modules/one',
    'node_modules/one/node_modules/two',
    'node_modules/peer',
    'node_modules/three',
  ]);
});

test('types, maps and tests stay behind; licences do not', async () => {
  const target = path.join(project, 'copied');
  await copyPackages({ project, target, names: ['three'] });
  const files: string[] = [];
  for await (const file of glob('node_modules/three/**/*.*', { cwd: target })) files.push(file);
  assert.deepEqual(files.map((file) => path.relative('node_modules/three', file)).sort(), [
    'LICENSE.md',
    'index.js',
    'lib/test.js',
    'package.json',
  ]);
});

test('a package that is missing stops the build', async () => {
  await assert.rejects(findPackages(project, ['broken']), /missing, which node_modules\/broken needs/);
  await assert.rejects(findPackages(project, ['nothing']), /nothing, which the image needs/);
});
