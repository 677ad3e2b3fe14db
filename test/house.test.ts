// The house keeps its shape: the import matrix of src/ (scripts/house/matrix.ts), which `npm run check` asks too.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { findViolations, rooms } from '../scripts/house/matrix.ts';

const root = path.join(import.meta.dirname, '..');
const folders = new Set(globSync('src/*/*', { cwd: root }).map((file) => file.split(path.sep)[1] as string));

/** Violations of one module at this place in src/. */
const violationsOf = (file: string, source: string) => findViolations({ [file]: source });

test('data runs one way: no import of src/ goes against the matrix, and no modules import each other', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/check-house.ts'], { cwd: root });
  assert.match(stdout, /median \d+ lines/);
});

test('every folder of src/ is a room of the matrix, and every room is a folder', () => {
  assert.deepEqual([...folders].sort(), Object.keys(rooms).sort());
});

describe('in each feature’s folder', () => {
  const features = [
    'projects',
    'pages',
    'imports',
    'uploads',
    'search',
    'review',
    'exports',
    'capture',
    'auth',
  ];
  for (const folder of features) {
    test(`${folder}/: a route that imports a store, a service that imports Express, and a look upwards are refused`, () => {
      const route = `import type { Store } from './thing.store.ts';\n`;
      assert.match(violationsOf(`${folder}/thing.routes.ts`, route).join(), /not stores/);
      const service = `import { Router } from 'express';\n`;
      assert.match(violationsOf(`${folder}/thing.service.ts`, service).join(), /Express is for/);
      const upwards = `import { type View } from '../site/projects.routes.ts';\n`;
      assert.match(violationsOf(`${folder}/thing.routes.ts`, upwards).join(), /may import/);
      const fine = `import type { Thing } from './thing.ts';\nimport { notFound } from '../errors.ts';\n`;
      assert.deepEqual(violationsOf(`${folder}/thing.service.ts`, fine), []);
    });
  }
});

describe('at the bottom of the house', () => {
  for (const folder of ['files', 'text', 'runtime', 'aws', 'jobs', 'people', 'config', 'drawing']) {
    test(`${folder}/ knows no feature`, () => {
      const source = `import type { Upload } from '../uploads/upload.service.ts';\n`;
      assert.match(violationsOf(`${folder}/thing.ts`, source).join(), new RegExp(`${folder}/ may import`));
    });
  }
});

test('a lazy import, a re-export and an import over several lines count like any other', () => {
  for (const source of [
    `const load = () => import('../site/overview.ts');\n`,
    `export { overviewOf } from '../site/overview.ts';\n`,
    `import {\n  overviewOf,\n  toOverview,\n} from '../site/overview.ts';\n`,
  ])
    assert.equal(violationsOf('pages/thing.ts', source).length, 1, source);
});

test('nothing imports an entry point, services and stores know no views, and libraries stay where they belong', () => {
  const imports = (from: string, names = '{ thing }') => `import ${names} from '${from}';\n`;
  assert.match(violationsOf('app.ts', imports('./server.ts')).join(), /entry point/);
  assert.match(violationsOf('pages/page.service.ts', imports('../http/times.ts')).join(), /neither routes/);
  assert.match(violationsOf('pages/page.store.ts', imports('./page.service.ts')).join(), /neither routes/);
  assert.match(violationsOf('pages/page.ts', imports('../http/times.ts')).join(), /answer requests/);
  assert.match(violationsOf('pages/page.service.ts', imports('@aws-sdk/client-s3')).join(), /AWS SDK/);
  assert.match(violationsOf('exports/export.service.ts', imports('puppeteer-core')).join(), /Chromium/);
});

test('modules that import each other are a circle, by way of others too', () => {
  const found = findViolations({
    'pages/a.ts': `import './b.ts';\n`,
    'pages/b.ts': `import './c.ts';\n`,
    'pages/c.ts': `import './a.ts';\n`,
  });
  assert.deepEqual(found, ['pages/a.ts -> pages/b.ts -> pages/c.ts -> pages/a.ts is a circle.']);
});

test('the linter knows the one rule that it carries: only config/ and entry points read the environment', () => {
  assert.match(readFileSync(path.join(root, 'biome.json'), 'utf8'), /"noProcessEnv": "error"/);
});
