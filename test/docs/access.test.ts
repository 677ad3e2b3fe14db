import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { printAccess } from '../../scripts/print-access.ts';

test('docs/access.md says what the code decides: npm run -s access > docs/access.md', async () => {
  const page = await readFile(path.join(import.meta.dirname, '../../docs/access.md'), 'utf8');
  assert.equal(page, printAccess());
});
