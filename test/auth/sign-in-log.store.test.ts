import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createSignInLog, type SignInRecord } from '../../src/auth/sign-in-log.store.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';

let paperlift: Paperlift;
let clock = Date.parse('2026-11-02T09:00:00Z');

before(async () => {
  paperlift = await startPaperlift();
});
after(() => paperlift.stop());

const log = () =>
  createSignInLog({
    documents: paperlift.services.clients.documents,
    table: paperlift.config.aws.dynamodb.table,
    now: () => new Date(clock),
  });

const buildRecord = (changes: Partial<SignInRecord> = {}): SignInRecord => ({
  providerId: 'default',
  outcome: 'refused',
  reason: 'audience-wrong',
  attributes: {},
  mapped: [],
  dropped: [],
  requestId: '01K0000000000000000000000A',
  ip: '127.0.0.1',
  ...changes,
});

test('sign-ins come back the latest first, page by page, each once', async () => {
  clock += 1000;
  for (const email of ['one', 'two', 'three', 'four', 'five']) {
    clock += 1000;
    await log().record(buildRecord({ email }));
  }
  const first = await log().latest('default', { limit: 2 });
  assert.deepEqual(
    first.items.map(({ email }) => email),
    ['five', 'four'],
  );
  const second = await log().latest('default', { limit: 2, cursor: first.cursor as string });
  const third = await log().latest('default', { limit: 2, cursor: second.cursor as string });
  assert.deepEqual(
    [...second.items, ...third.items].map(({ email }) => email),
    ['three', 'two', 'one'],
  );
  assert.equal(third.cursor, undefined);
  assert.equal(third.items[0]?.at, '2026-11-02T09:00:02.000Z');
});

test('a record is gone after 90 days, also before the database has deleted it', async () => {
  clock += 91 * 24 * 3_600_000;
  assert.deepEqual(await log().latest('default', { limit: 10 }), { items: [] });
  await log().record(buildRecord({ email: 'today' }));
  const { items } = await log().latest('default', { limit: 3 });
  assert.deepEqual(
    items.map(({ email }) => email),
    ['today'],
  );
});

test('whatever was sent, an entry stays small, and says how much was left out', async () => {
  clock += 1000;
  const huge = 'x'.repeat(100_000);
  const many = Array.from({ length: 5000 }, (_, index) => `CN=group ${index},OU=Groups,DC=example,DC=com`);
  await log().record(
    buildRecord({
      detail: huge,
      name: huge,
      email: huge,
      reason: huge,
      attributes: { groups: many, [huge]: [huge], broken: ['\ud800'], ['__proto__']: ['polluted'] },
      mapped: many.map((from) => ({ from, to: huge })),
      dropped: [...many, huge],
    }),
  );
  const [entry] = (await log().latest('default', { limit: 1 })).items;
  assert.ok(entry);
  assert.ok(JSON.stringify(entry).length < 60_000, String(JSON.stringify(entry).length));
  assert.ok(entry.leftOut > 14_000);
  assert.equal(entry.detail?.length, 1001);
  assert.equal(Object.getPrototypeOf(entry.attributes), null);
  assert.equal(entry.dropped[0], many[0]);
});

test('attributes come back as they were received', async () => {
  clock += 1000;
  const attributes = { email: ['a@example.com'], groups: ['CN=A,DC=x', 'CN=B\\, C,DC=x'], empty: [''] };
  await log().record(buildRecord({ attributes, mapped: [{ from: 'CN=A,DC=x', to: 'paperlift-users' }] }));
  const [entry] = (await log().latest('default', { limit: 1 })).items;
  assert.deepEqual({ ...entry?.attributes }, attributes);
  assert.deepEqual(entry?.mapped, [{ from: 'CN=A,DC=x', to: 'paperlift-users' }]);
  assert.equal(entry?.leftOut, 0);
});
