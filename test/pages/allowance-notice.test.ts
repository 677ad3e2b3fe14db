import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAllowanceNotice } from '../../src/pages/allowance-notice.ts';

function createNotice(pagesLeft: number) {
  const left = { pages: pagesLeft, reads: 0, time: 0 };
  const notice = createAllowanceNotice({
    view: async () => {
      left.reads += 1;
      return { pagesPerDay: 3000, pagesLeft: left.pages, resetsAt: new Date(0) };
    },
    now: () => new Date(left.time),
  });
  return { left, notice: async (person = 'p') => (await notice(person))?.pagesLeft };
}

test('a person with plenty of pages left is told nothing, and the database is asked once a minute', async () => {
  const { left, notice } = createNotice(501);
  assert.deepEqual([await notice(), await notice()], [undefined, undefined]);
  assert.equal(left.reads, 1);
  assert.equal(await notice('another person'), undefined);
  assert.equal(left.reads, 2);
  left.pages = 3;
  left.time = 60_000;
  assert.equal(await notice(), 3, 'a minute later');
});

test('a person with few pages left is told exactly how many, each time', async () => {
  const { left, notice } = createNotice(500);
  assert.equal(await notice(), 500);
  left.pages = 499;
  assert.equal(await notice(), 499);
});
