import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import express from 'express';
import request from 'supertest';
import { createAssets } from '../../src/http/assets.ts';

const assets = createAssets(path.join(import.meta.dirname, '../../public'));
const app = express().disable('etag').use(assets.router);

test('a file at its versioned address is kept for good', async () => {
  const answer = await request(app).get(assets.url('styles.css')).expect(200);
  assert.match(answer.headers['cache-control'] ?? '', /immutable/);
});

test('a file at its plain address is asked for again, and sent again only when it has changed', async () => {
  const first = await request(app).get('/assets/styles.css').expect(200);
  assert.equal(first.headers['cache-control'], 'no-cache');
  const tag = first.headers.etag ?? '';
  await request(app).get('/assets/styles.css').set('If-None-Match', tag).expect(304);
  await request(app).get('/assets/styles.css').set('If-None-Match', '"other"').expect(200);
});
