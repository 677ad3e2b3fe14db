import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseEnv } from 'node:util';
import { loadConfig } from '../../src/config/config.ts';

const example = parseEnv(readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')) as Record<
  string,
  string
>;
const good = { ...example, SAML_IDP_CERTIFICATE_FILE: '', SAML_IDP_CERTIFICATE: 'MIIC' };
const read = (env: Record<string, string>) =>
  loadConfig({ ...good, SEARCH_ENGINE: 'opensearch', ...env }).opensearch;

test('the embedded index searches unless OpenSearch is named', () => {
  assert.equal(loadConfig({ ...good, OPENSEARCH_URL: 'https://search.example.com' }).opensearch, undefined);
});

test('several nodes are named, and how Paperlift signs in', () => {
  assert.deepEqual(
    read({
      OPENSEARCH_URL: 'https://one.example.com:9200, https://two.example.com:9200',
      OPENSEARCH_AUTH: 'sigv4',
      OPENSEARCH_SERVICE: 'aoss',
      OPENSEARCH_INDEX: 'papers',
    }),
    {
      nodes: ['https://one.example.com:9200', 'https://two.example.com:9200'],
      index: 'papers',
      auth: { kind: 'sigv4', service: 'aoss' },
      shards: 1,
      replicas: 1,
    },
  );
});

test('a password may come out of a file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'paperlift-config-'));
  try {
    const file = join(directory, 'password');
    await writeFile(file, 'pa:ss\n');
    const env = {
      OPENSEARCH_URL: 'https://s.example.com',
      OPENSEARCH_AUTH: 'basic',
      OPENSEARCH_USERNAME: 'u',
    };
    assert.deepEqual(read({ ...env, OPENSEARCH_PASSWORD_FILE: file })?.auth, {
      kind: 'basic',
      username: 'u',
      password: 'pa:ss',
    });
    assert.throws(
      () => read({ ...env, OPENSEARCH_PASSWORD_FILE: `${file}.none` }),
      /OPENSEARCH_PASSWORD_FILE: ENOENT/,
    );
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('texts do not cross a network in the clear, unless that is asked for', () => {
  assert.throws(
    () => read({ OPENSEARCH_URL: 'http://search.example.com:9200' }),
    /must be https, except on localhost/,
  );
  assert.ok(read({ OPENSEARCH_URL: 'http://search:9200', OPENSEARCH_ALLOW_HTTP: 'true' }));
  assert.ok(read({ OPENSEARCH_URL: 'http://127.0.0.1:9200' }));
});

test('what is missing or in the wrong place is named', () => {
  for (const [env, mistake] of [
    [{}, /OPENSEARCH_URL: is missing/],
    [{ OPENSEARCH_URL: 'search.example.com' }, /"search.example.com" is not an https URL/],
    [{ OPENSEARCH_URL: 'https://u:p@s.example.com' }, /must not hold a password/],
    [
      { OPENSEARCH_URL: 'https://s.example.com', OPENSEARCH_AUTH: 'basic' },
      /OPENSEARCH_USERNAME: .*OPENSEARCH_PASSWORD: /s,
    ],
    [{ OPENSEARCH_URL: 'https://s.example.com', OPENSEARCH_INDEX: 'A/B' }, /OPENSEARCH_INDEX: must be/],
  ] as [Record<string, string>, RegExp][])
    assert.throws(() => read(env), mistake);
});
