// The list of keyboard shortcuts names each key that a script listens for.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';

const root = path.join(import.meta.dirname, '../..');

/** What scripts call a key, as the list writes it. */
const written: Record<string, string> = {
  ' ': 'Space',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  Escape: 'Esc',
};

/** Keys that a script compares with `event.key`, or has in a table of keys. */
function keysIn(script: string): string[] {
  const compared = [...script.matchAll(/\bkey [!=]== '([^']+)'/g)].map(([, key]) => key as string);
  const lists = [...script.matchAll(/\[([^\]]*)\]\.includes\((?:event\.)?key\)/g)].flatMap(([, list]) =>
    [...(list as string).matchAll(/'([^']+)'/g)].map(([, key]) => key as string),
  );
  const tables = [
    ...script.matchAll(/const keys = \{([^}]*)\}/g),
    ...script.matchAll(/\{([^{}]*)\}\[(?:event\.)?key\]/g),
    ...script.matchAll(/const places = \{([^}]*)\}/g),
  ].flatMap(([, table]) =>
    [...(table as string).matchAll(/(?:'([^']+)'|([A-Z]\w+|\b\w))\s*:/g)].map(
      ([, quoted, plain]) => quoted ?? (plain as string),
    ),
  );
  return [...compared, ...lists, ...tables];
}

test('every key that a script listens for is in the list of shortcuts', async () => {
  const list = await readFile(path.join(root, 'views/partials/keys.eta'), 'utf8');
  const listed = new Set([...list.matchAll(/<kbd>([^<]+)<\/kbd>/g)].map(([, key]) => key?.toLowerCase()));
  const folder = path.join(root, 'public');
  const scripts = (await readdir(folder, { recursive: true })).filter(
    (name) => name.endsWith('.js') && name !== 'capture/phone.js',
  );
  const found = new Map<string, string[]>();
  for (const name of scripts) {
    const script = await readFile(path.join(folder, name), 'utf8');
    if (script.includes("'keydown'")) found.set(name, keysIn(script));
  }
  assert.ok(
    found.get('review/review.js')?.includes('F2') && found.get('review/zoom.js')?.includes('9'),
    'finds tables',
  );
  assert.ok(found.get('pages/move-page.js')?.includes('Home'), 'finds places');
  for (const [name, keys] of found) {
    assert.ok(keys.length > 0, `${name} listens for keys in a way that this test does not read`);
    const missing = keys.filter((key) => !listed.has((written[key] ?? key).toLowerCase()));
    assert.deepEqual(missing, [], `${name}: add these to views/partials/keys.eta`);
  }
});
