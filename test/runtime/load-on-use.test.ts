import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestHandler } from 'express';
import { routesOnUse } from '../../src/http/routes-on-use.ts';
import { createInFlight } from '../../src/runtime/in-flight.ts';
import { loadOnUse } from '../../src/runtime/load-on-use.ts';

function failOnce<T>(loaded: T) {
  let loads = 0;
  const load = async () => {
    loads += 1;
    if (loads === 1) throw new Error('EMFILE');
    return loaded;
  };
  return { load, count: () => loads };
}

test('a load that failed once is tried again at the next use, and made once from then on', async () => {
  const { load, count } = failOnce({ ask: async () => 'answer' });
  const { ask } = loadOnUse(createInFlight(), load);
  await assert.rejects(ask(), /EMFILE/);
  assert.deepEqual([await ask(), await ask()], ['answer', 'answer']);
  assert.equal(count(), 2);
});

test('routes whose load failed once answer the next request', async () => {
  const { load, count } = failOnce<RequestHandler>((_request, _response, next) => next('loaded'));
  const routes = routesOnUse(/^\/auth/, load);
  const ask = () => new Promise((resolve) => routes({ path: '/auth/login' } as never, {} as never, resolve));
  assert.match(String(await ask()), /EMFILE/);
  assert.deepEqual([await ask(), await ask(), count()], ['loaded', 'loaded', 2]);
});
