import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { createBill, listBundled, listInstalled, readDebian, selectComponents } from '../../image/sbom.ts';

const component = (name: string, version: string) => ({
  type: 'library',
  name,
  version,
  purl: `pkg:npm/${name}@${version}`,
  'bom-ref': `${name}@${version}`,
  scope: 'optional',
  properties: [{ name: 'cdx:npm:package:development', value: 'true' }],
  hashes: [{ alg: 'SHA-512', content: 'ab' }],
});
const npm = {
  components: [component('zod', '4.0.0'), component('zod', '3.0.0'), component('unused', '1.0.0')],
};

test('the bill names a package with its checksum, in the version that is in the image, and no other', () => {
  const [zod, ...more] = selectComponents(npm, ['zod@3.0.0']);
  assert.deepEqual([zod?.version, zod?.hashes, more], ['3.0.0', [{ alg: 'SHA-512', content: 'ab' }], []]);
  // what is for development in the project runs in the image
  assert.deepEqual([zod?.properties, zod?.scope], [undefined, undefined]);
});

test('a package that is not in the lockfile ends the build', () => {
  assert.throws(
    () => selectComponents(npm, ['left-pad@1.3.0']),
    /left-pad@1\.3\.0 is in the image, but not in/,
  );
});

test('packages in bundles are found where they were read, nested ones too', () => {
  const inputs = {
    'src/server.ts': {},
    'node_modules/zod/index.js': {},
    'node_modules/zod/v4/core.js': {},
    'node_modules/@aws-sdk/client-s3/dist/index.js': {},
    'node_modules/express/node_modules/debug/src/node.js': {},
    'builtin:node:fs': {},
  };
  assert.deepEqual(listBundled({ inputs }), [
    'node_modules/@aws-sdk/client-s3',
    'node_modules/express/node_modules/debug',
    'node_modules/zod',
  ]);
});

test('copied packages are found by their manifests; manifests of their parts are none', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'paperlift-sbom-'));
  try {
    const write = (place: string, manifest: object) => {
      mkdirSync(path.join(folder, place), { recursive: true });
      writeFileSync(path.join(folder, place, 'package.json'), JSON.stringify(manifest));
    };
    write('node_modules/sharp', { name: 'sharp', version: '1.0.0' });
    write('node_modules/sharp/dist/esm', { name: 'part', version: '9.9.9' });
    write('node_modules/@img/colour', { name: '@img/colour', version: '2.0.0' });
    write('node_modules/sharp/node_modules/semver', { name: 'semver', version: '7.0.0' });
    assert.deepEqual(listInstalled(folder), ['@img/colour@2.0.0', 'semver@7.0.0', 'sharp@1.0.0']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('Debian’s packages have the names by which scanners know their vulnerabilities', () => {
  const [found] = readDebian('libc6\t2:2.36-9+deb12u1\tamd64\tglibc\n', 'ID=debian\nVERSION_ID="12"\n');
  assert.equal(
    found?.purl,
    'pkg:deb/debian/libc6@2%3A2.36-9%2Bdeb12u1?arch=amd64&distro=debian-12&upstream=glibc',
  );
});

test('the same contents give the same bill, byte for byte', () => {
  const [one, other] = npm.components;
  assert.ok(one && other);
  const bill = createBill('0.1.0', [one, other, one]);
  assert.deepEqual(bill, createBill('0.1.0', [other, one]));
  assert.equal(bill.components.length, 2);
  assert.notEqual(bill.serialNumber, createBill('0.1.0', [one]).serialNumber);
  assert.match(
    bill.serialNumber,
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});
