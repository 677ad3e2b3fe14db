import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { shareReads } from '../../src/aws/shared-reads.ts';

/** A read that ends when it is told to, and gives what was there when it began. */
function createSlowRead() {
  const state = { now: 'first' };
  const begun: { key: string; end(): void; fail(): void }[] = [];
  const read = shareReads((key: string) => {
    const seen = state.now;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    begun.push({ key, end: () => resolve(seen), fail: () => reject(new Error('out')) });
    return promise;
  });
  return { state, begun, read };
}

async function turns(count: number) {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
}

test('those who ask at the same moment share one read', async () => {
  const { begun, read } = createSlowRead();
  const answers = [read('a'), read('a'), Promise.resolve().then(() => read('a'))];
  await turns(2);
  assert.equal(begun.length, 1);
  begun[0]?.end();
  assert.deepEqual(await Promise.all(answers), ['first', 'first', 'first']);
});

test('who asks after a read began sees what was written meanwhile', async () => {
  const { state, begun, read } = createSlowRead();
  const before = read('a');
  await turns(2);
  state.now = 'second';
  const after = [read('a'), read('a')];
  await turns(2);
  assert.equal(begun.length, 1, 'one at a time');
  begun[0]?.end();
  await turns(3);
  assert.equal(begun.length, 2);
  begun[1]?.end();
  assert.equal(await before, 'first');
  assert.deepEqual(await Promise.all(after), ['second', 'second']);
});

test('a read that fails fails those who shared it, and nobody else', async () => {
  const { begun, read } = createSlowRead();
  const failing = assert.rejects(read('a'), /out/);
  await turns(2);
  const later = read('a');
  begun[0]?.fail();
  await failing;
  await turns(3);
  begun[1]?.end();
  assert.equal(await later, 'first');
});

test('different questions are different reads', async () => {
  const { begun, read } = createSlowRead();
  const answers = [read('a'), read('b')];
  await turns(2);
  assert.deepEqual(
    begun.map(({ key }) => key),
    ['a', 'b'],
  );
  for (const one of begun) one.end();
  await Promise.all(answers);
});
