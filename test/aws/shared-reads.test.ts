import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { shareReads } from '../../src/aws/shared-reads.ts';
import { createPhases } from '../../src/runtime/phases.ts';
import { runIn } from '../../src/runtime/trace.ts';

/** A store that answers when told to, with what it held when the read began. */
function createSlowStore() {
  let value = 'old';
  const answers: { value: string; resolve: (value: string) => void; reject: (error: Error) => void }[] = [];
  return {
    write(next: string) {
      value = next;
    },
    answers,
    read: shareReads((_key: string) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      answers.push({ value, resolve, reject });
      return promise;
    }),
    answer(index: number) {
      const { value, resolve } = answers[index] as (typeof answers)[number];
      resolve(value);
    },
  };
}

/** A read starts a turn after it was asked for, and the next a turn after that. */
async function turn() {
  for (let count = 0; count < 3; count += 1) await nextTurn();
}

test('who asks after a write sees it, also while an older read is under way', async () => {
  const store = createSlowStore();
  const first = store.read('a');
  await turn();
  store.write('new');
  const second = store.read('a');
  store.answer(0);
  await turn();
  store.answer(1);
  assert.deepEqual([await first, await second], ['old', 'new']);
});

test('many who ask at once, and many who ask meanwhile, cost one read each time', async () => {
  const store = createSlowStore();
  const readers = Array.from({ length: 100 }, () => store.read('a'));
  await turn();
  readers.push(...Array.from({ length: 100 }, () => store.read('a')));
  await turn();
  assert.equal(store.answers.length, 1, 'never two at a time');
  store.answer(0);
  await turn();
  assert.equal(store.answers.length, 2);
  store.answer(1);
  assert.deepEqual(new Set(await Promise.all(readers)), new Set(['old']));
  const later = store.read('a');
  await turn();
  assert.equal(store.answers.length, 3, 'nothing is kept');
  store.answer(2);
  await later;
});

test('keys do not wait for one another', async () => {
  const store = createSlowStore();
  const [one, other] = [store.read('a'), store.read('b')];
  await turn();
  store.answer(1);
  assert.equal(await other, 'old');
  store.answer(0);
  assert.equal(await one, 'old');
});

test('a read that fails fails for who shares it, and for nobody after', async () => {
  const store = createSlowStore();
  const first = store.read('a');
  await turn();
  const second = store.read('a');
  store.answers[0]?.reject(new Error('down'));
  await assert.rejects(first, /down/);
  await turn();
  store.answer(1);
  assert.equal(await second, 'old');
});

test('the log line of a request that shares another’s read says how long it waited for the store', async () => {
  const store = createSlowStore();
  let time = 0;
  const [reads, shares] = [createPhases(() => time), createPhases(() => time)];
  const both = [reads, shares].map((phases) => runIn({ phases }, () => store.read('a')));
  await turn();
  time = 300;
  store.answer(0);
  await Promise.all(both);
  time = 1000;
  assert.deepEqual([reads.spent().store, shares.spent().store], [300, 300]);
});
