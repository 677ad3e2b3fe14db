import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { checkBill } from '../../scripts/image/bill.ts';

const many = (name: string, count: number) => Array.from({ length: count }, (_, at) => `${name}-${at}`);
const installed = many('installed', 25);
const debian = many('debian', 60);
const bundled = ['zod', ...many('bundled', 25)];
const all = [...installed, ...debian, ...bundled];

describe('the check of an image’s bill', () => {
  let root: string;
  const write = (place: string, text: string) => {
    const file = path.join(root, place);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const list = (names: string[]) => {
    const components = names.map((name) => ({ name, version: '1.0.0', 'bom-ref': `${name}@1.0.0` }));
    write('paperlift/sbom.cdx.json', JSON.stringify({ components }));
  };

  before(() => {
    root = mkdtempSync(path.join(tmpdir(), 'paperlift-bill-'));
    for (const [at, name] of installed.entries()) {
      const folder = ['paperlift', 'paperlift/runtime-interface-client', 'usr/local/lib'][at % 3];
      write(`${folder}/node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0' }));
    }
    mkdirSync(path.join(root, 'usr/local/lib/node_modules'), { recursive: true });
    const entries = debian.map((name) => `Package: ${name}\nStatus: install ok installed\nVersion: 1.0.0`);
    const removed = 'Package: removed\nStatus: deinstall ok config-files\nVersion: 1.0.0';
    write('var/lib/dpkg/status', [...entries, removed].join('\n\n'));
    write('paperlift/dist/server.js', bundled.map((name) => `// node_modules/${name}/index.js\n`).join(''));
  });
  after(() => rmSync(root, { recursive: true }));

  test('passes one that lists all that lies in the image', () => {
    list(all);
    assert.equal(checkBill(root), all.length);
  });

  for (const missing of ['installed-0', 'installed-1', 'installed-2', 'debian-7', 'bundled-7', 'zod'])
    test(`fails for one without ${missing}`, () => {
      list(all.filter((name) => name !== missing));
      assert.throws(() => checkBill(root), new RegExp(missing));
    });
});
