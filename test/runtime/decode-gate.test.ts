import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDecodeGate } from '../../src/runtime/decode-gate.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Work that ends when it is told to, and what of it is under way. */
function createWorks(gate: ReturnType<typeof createDecodeGate>) {
  const inFlight: string[] = [];
  const ends = new Map<string, () => void>();
  const begin = (name: string, bytes: number, signal?: AbortSignal, person = 'alice') =>
    gate.run(
      bytes,
      async () => {
        inFlight.push(name);
        await new Promise<void>((resolve) => ends.set(name, resolve));
        inFlight.splice(inFlight.indexOf(name), 1);
      },
      { person, ...(signal ? { signal } : {}) },
    );
  const end = async (name: string) => {
    ends.get(name)?.();
    await turn();
  };
  return { inFlight, begin, end };
}

test('two large images are never decoded at once; small ones go beside a large one', async () => {
  const { inFlight, begin, end } = createWorks(createDecodeGate({ smallBytes: 100 }));
  const all = [begin('large 1', 500), begin('large 2', 101), begin('small', 100)];
  await turn();
  assert.deepEqual(inFlight, ['large 1', 'small']);
  await end('large 1');
  assert.deepEqual(inFlight, ['small', 'large 2']);
  await end('small');
  await end('large 2');
  await Promise.all(all);
});

test('small images share their budget in the order in which they came', async () => {
  const { inFlight, begin, end } = createWorks(createDecodeGate({ smallBytes: 100 }));
  const all = [begin('a', 60), begin('b', 60), begin('c', 30)];
  await turn();
  assert.deepEqual(inFlight, ['a'], 'a cheaper one does not overtake');
  await end('a');
  assert.deepEqual(inFlight, ['b', 'c']);
  await Promise.all([end('b'), end('c'), ...all]);
});

test('work that fails gives its place back', async () => {
  const gate = createDecodeGate({ smallBytes: 100 });
  await assert.rejects(
    gate.run(500, async () => Promise.reject(new Error('damaged')), { person: 'alice' }),
    /damaged/,
  );
  assert.equal(await gate.run(500, async () => 'next', { person: 'alice' }), 'next');
});

test('what is given up while it waits leaves, and lets the next in', async () => {
  const { inFlight, begin, end } = createWorks(createDecodeGate({ smallBytes: 100 }));
  const first = begin('first', 60);
  const giveUp = new AbortController();
  const waiting = begin('given up', 60, giveUp.signal);
  const last = begin('last', 40);
  giveUp.abort(new Error('The worker stops'));
  await assert.rejects(waiting, /The worker stops/);
  await turn();
  assert.deepEqual(inFlight, ['first', 'last']);
  await Promise.all([end('first'), end('last'), first, last]);
});

test('large images take turns between people', async () => {
  const { inFlight, begin, end } = createWorks(createDecodeGate({ smallBytes: 100 }));
  const all = ['a1', 'a2', 'a3'].map((name) => begin(name, 500));
  all.push(begin('b1', 500, undefined, 'bob'));
  await turn();
  await end('a1');
  assert.deepEqual(inFlight, ['b1']);
  for (const name of ['b1', 'a2', 'a3']) await end(name);
  await Promise.all(all);
});
