// docs/security.md and docs/faults.md name the test of each promise. A test that was moved or renamed is found here.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const root = path.join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

for (const document of ['docs/security.md', 'docs/faults.md']) {
  test(`${document} names tests that there are`, () => {
    const rows = read(document)
      .split('\n')
      .filter((line) => line.startsWith('|') && line.includes('`test/'));
    assert.ok(rows.length > 15);
    const missing = rows.flatMap((row) =>
      row
        .split(/(?=`test\/)/)
        .slice(1)
        .flatMap(findMissing),
    );
    assert.deepEqual(missing, []);
  });
}

/** Of a file in backquotes, and names of its tests behind it. */
function findMissing(place: string): string[] {
  const [file = '', ...names] = [...place.matchAll(/`([^`]+)`/g)].map(([, quoted = '']) => quoted);
  if (!existsSync(path.join(root, file))) return [file];
  const text = read(file).replaceAll('\\', '');
  return names
    .filter((name) => !name.startsWith('npm ') && !text.includes(name))
    .map((name) => `${file}: ${name}`);
}
