import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { readComposeFiles } from '../../scripts/compose/compose-file.ts';

test('a further file adds to mappings and replaces everything else', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'paperlift-compose-files-'));
  try {
    const [first, second] = ['first.yml', 'second.yml'].map((name) => path.join(directory, name));
    await writeFile(
      first as string,
      `services:
  web:
    image: web:1.0
    command: [serve, --fast]
    environment: { HOST: 0.0.0.0, NAME: "\${NAME:?}" }
    networks: { edge: { aliases: [site.example] }, inside: }
    healthcheck: { test: [CMD, ask], interval: 10s, retries: 12, start_period: 2m }
networks: { edge: , inside: }
`,
    );
    await writeFile(
      second as string,
      'services: { web: { command: [serve], environment: { NAME: other } } }\n',
    );
    const file = readComposeFiles([first as string, second as string], { NAME: 'one' });
    const [web] = file.services;
    assert.deepEqual(web?.command, ['serve']);
    assert.deepEqual(web?.environment, { HOST: '0.0.0.0', NAME: 'other' });
    assert.deepEqual(web?.networks, ['edge', 'inside']);
    assert.deepEqual(web?.aliases, { edge: ['site.example'], inside: [] });
    assert.deepEqual(web?.healthcheck, { test: ['CMD', 'ask'], patienceSeconds: 240 });
    assert.deepEqual(file.networks, ['edge', 'inside']);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
