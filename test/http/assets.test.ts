import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import express from 'express';
import request from 'supertest';
import { createAssets } from '../../src/http/assets.ts';

const directory = path.join(import.meta.dirname, '../../public');
const assets = createAssets(directory);
const app = express().use(assets.router);

function get(encoding: string) {
  return request(app)
    .get(assets.url('styles.css'))
    .set('Accept-Encoding', encoding)
    .buffer(true)
    .parse((response, done) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => done(null, Buffer.concat(chunks)));
    });
}

test('files go as small as the browser takes them, and are the same in every encoding', async () => {
  const plain = await get('identity');
  assert.equal(plain.headers['content-encoding'], undefined);
  const tags = new Set([plain.headers.etag]);
  for (const encoding of ['br', 'gzip'] as const) {
    const { headers } = await get(encoding);
    assert.equal(headers['content-encoding'], encoding);
    assert.equal(headers.vary, 'Accept-Encoding'); // or a cache would give it to whoever cannot read it
    assert.match(headers['cache-control'] ?? '', /immutable/);
    assert.ok(Number(headers['content-length']) < plain.body.length / 3, encoding);
    tags.add(headers.etag);
  }
  assert.equal(tags.size, 3, 'each encoding has a tag of its own');
});

test('what a browser is sent unpacks to the file', async () => {
  const plain = (await get('identity')).body as Buffer;
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as { port: number };
    for (const encoding of ['br', 'gzip']) {
      const headers = { 'Accept-Encoding': encoding };
      const answer = await fetch(`http://127.0.0.1:${port}${assets.url('styles.css')}`, { headers });
      assert.equal(answer.headers.get('content-encoding'), encoding);
      assert.equal(await answer.text(), plain.toString()); // fetch unpacks it
    }
  } finally {
    server.close();
  }
});

test('the files of styles/ are sent as one, each of them, in the order of the index', async () => {
  const index = readFileSync(path.join(directory, 'styles.css'), 'utf8');
  const names = [...index.matchAll(/^@import "\.\/(styles\/.+)";$/gm)].map(([, name]) => name as string);
  const sent = ((await get('identity')).body as Buffer).toString();
  assert.doesNotMatch(sent, /@import/);
  let at = 0;
  for (const name of names) {
    const found = sent.indexOf(readFileSync(path.join(directory, name), 'utf8').trimEnd(), at);
    assert.ok(found >= at, name);
    at = found;
  }
  const used = readdirSync(directory)
    .filter((name) => name.endsWith('.css'))
    .map((name) => readFileSync(path.join(directory, name), 'utf8'))
    .join('\n');
  for (const name of readdirSync(path.join(directory, 'styles')))
    assert.ok(used.includes(`"./styles/${name}"`), `${name} is in no style sheet`);
});

test('scripts that other scripts import are kept for good, too', async () => {
  const { imports } = JSON.parse(assets.importMap);
  const scripts = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.js'),
  );
  const imported = scripts.flatMap((name) => {
    const text = readFileSync(path.join(directory, name), 'utf8');
    return [...text.matchAll(/(?:from|import)[ (]*["']([^"']+\.js)/g)].map(
      ([, specifier = '']) => new URL(specifier, `https://a/assets/${name}`).pathname,
    );
  });
  assert.ok(imported.length > 10);
  for (const pathname of imported) {
    const answer = await request(app).get(imports[pathname]);
    assert.match(answer.headers['cache-control'] ?? '', /immutable/, pathname);
  }
});
