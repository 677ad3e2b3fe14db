import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import { readComposeFile } from '../../scripts/compose/compose-file.ts';
import { findMistakes } from '../../scripts/compose/mistakes.ts';
import { findSchemaMistakes } from '../../scripts/compose/schema.ts';

const directory = resolve(import.meta.dirname, '../..');
const files = [
  { name: 'docker-compose.yml', foreignImages: false },
  { name: 'docker-compose.onprem.yml', foreignImages: true, proxy: 'proxy' },
];

for (const { name, ...expected } of files) {
  describe(name, () => {
    const file = readComposeFile(resolve(directory, name));

    test('is what the Compose specification allows', () => {
      assert.deepEqual(findSchemaMistakes(file.document), []);
    });

    test('fits the Dockerfile and the configuration, and opens nothing that need not be open', () => {
      assert.deepEqual(findMistakes(file, { directory, ...expected }), []);
    });
  });
}
