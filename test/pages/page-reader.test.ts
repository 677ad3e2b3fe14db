import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPageReader } from '../../src/pages/page-reader.ts';
import { buildPage } from '../support/pages.ts';

test('the detections of several requests are parsed one in each round of the event loop', async () => {
  let round = 0;
  let isOver = false;
  const count = () => {
    round += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const parsedIn: number[] = [];
  const stored = {
    toString() {
      parsedIn.push(round);
      return '{"lines":[]}';
    },
  } as unknown as Buffer;
  const reader = createPageReader({
    pages: { findWithText: async () => undefined, keepAlignments: async () => {} },
    blobs: { read: async () => stored },
    defaultLanguages: [],
  });
  const page = buildPage({ detectionKey: 'd' });
  await Promise.all(Array.from({ length: 5 }, (_, at) => reader.detail(page, at + 1, {})));
  isOver = true;
  assert.equal(new Set(parsedIn).size, 5, `rounds ${parsedIn}`);
});
