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

/** Wiring, and what stands in for AWS on one machine: these may import everything, and no room imports them. */
const unbounded = ['compose', 'app', 'local'];
const bounded = Object.keys(rooms).filter((room) => !unbounded.includes(room));
const allowedIn = (room: string) => rooms[room]?.split(' ').filter(Boolean) ?? [];

test('only wiring and the stand-ins may import everything', () => {
  assert.deepEqual(
    Object.keys(rooms)
      .filter((room) => rooms[room] === '*')
      .sort(),
    unbounded.toSorted(),
  );
});

describe('in each folder', () => {
  for (const room of Object.keys(rooms)) {
    test(`${room}/: a route that imports a store and a service that imports Express or a route are refused`, () => {
      const route = `import type { Store } from './thing.store.ts';\n`;
      assert.match(violationsOf(`${room}/thing.routes.ts`, route).join(), /not stores/);
      const service = `import { Router } from 'express';\n`;
      assert.match(violationsOf(`${room}/thing.service.ts`, service).join(), /Express is for/);
      const routes = `import { thingRoutes } from './thing.routes.ts';\n`;
      assert.match(violationsOf(`${room}/thing.service.ts`, routes).join(), /neither routes/);
      const fine = `import type { Other } from './other.ts';\nimport { notFound } from '../errors.ts';\n`;
      const role = room === 'http' ? '' : '.service'; // http/ has no services
      assert.deepEqual(violationsOf(`${room}/thing${role}.ts`, fine), []);
    });
  }

  for (const room of bounded) {
    test(`${room}/: an import of any folder that is not below it is refused`, () => {
      for (const other of Object.keys(rooms).filter((each) => each !== room)) {
        const found = violationsOf(`${room}/thing.routes.ts`, `import { it } from '../${other}/it.ts';\n`);
        if (allowedIn(room).includes(other)) assert.deepEqual(found, [], other);
        else assert.match(found.join(), new RegExp(`${room}/ may import`), other);
      }
    });
  }
});

describe('the arrow between folders', () => {
  test('has no way back: no folder rests on one that rests on it', () => {
    const below = (room: string): string[] => allowedIn(room).flatMap((each) => [each, ...below(each)]);
    for (const room of bounded) assert.ok(!below(room).includes(room), room);
  });

  test('leads from the features to people, and never back', () => {
    const layers = [
      ['site'],
      ['exports', 'search', 'review', 'capture', 'detection'],
      ['uploads'],
      ['imports'],
      ['drawing'],
      ['pages'],
      ['projects'],
      ['auth', 'http'],
      ['audit'],
      ['people', 'config', 'jobs', 'files', 'text'],
      ['aws'],
      ['runtime'],
    ];
    for (const [at, layer] of layers.entries()) {
      for (const room of layer)
        for (const above of layers.slice(0, at).flat()) {
          if (room === 'audit' && above === 'http') continue; // its pages, as every feature's
          assert.ok(!allowedIn(room).includes(above), `${room} imports ${above}`);
        }
    }
  });
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
