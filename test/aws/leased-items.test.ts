// Leases on the real table of the stand-in: who may work, and whose work counts.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { ulid } from 'ulid';
import { type Claim, createLeasedItems } from '../../src/aws/leased-items.ts';
import { startDatabase } from '../../src/local/database.stand-in.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';

const table = 'leases';
let directory: string;
let database: Awaited<ReturnType<typeof startDatabase>>;
let proxy: FaultProxy;
let documents: DynamoDBDocument;
let key: { pk: string; sk: string };
let clock = new Date('2026-01-01T00:00:00Z');

const leaseMs = 60_000;
const later = (ms: number) => {
  clock = new Date(clock.getTime() + ms);
};

before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'paperlift-leases-'));
  database = await startDatabase({ directory, port: 0, table });
  proxy = await startFaultProxy(database.endpoint);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  documents = DynamoDBDocument.from(
    new DynamoDBClient({ region: 'us-east-1', endpoint: proxy.url, credentials }),
  );
});
after(async () => {
  documents.destroy();
  await Promise.all([proxy.stop(), database.stop()]);
  await rm(directory, { recursive: true });
});
beforeEach(async () => {
  proxy.clear();
  key = { pk: `PROJECT#${ulid()}`, sk: 'PAGE#1' };
  await documents.put({
    TableName: table,
    Item: { ...key, status: 'uploaded', revision: 1, attempt: 0, tries: 0, dueKey: 'PAGE', dueAt: '2026' },
  });
});

const items = () => createLeasedItems({ documents, table, leaseMs, now: () => clock });
const job = { revision: 1, finalStatuses: ['ready', 'failed'], status: 'preparing' };
const read = async () => (await documents.get({ TableName: table, Key: key, ConsistentRead: true })).Item;

async function claim(worker: string) {
  const claimed = await items().claim(key, worker, job);
  assert.equal(claimed.outcome, 'claimed');
  return claimed as Extract<Claim, { outcome: 'claimed' }>;
}

describe('a claim', () => {
  test('is given to one of ten who ask at once; the others learn until when', async () => {
    const claims = await Promise.all(
      Array.from({ length: 10 }, (_, index) => items().claim(key, `w${index}`, job)),
    );
    assert.equal(claims.filter(({ outcome }) => outcome === 'claimed').length, 1);
    for (const other of claims) {
      if (other.outcome === 'leased') assert.equal(other.leaseUntil.getTime(), clock.getTime() + leaseMs);
      else assert.equal(other.outcome, 'claimed');
    }
    const item = await read();
    assert.deepEqual([item?.attempt, item?.tries, item?.status], [1, 1, 'preparing']);
    assert.ok(item?.dueAt > item?.leaseUntil, 'swept only after the lease');
  });

  test('is not given twice to one worker either', async () => {
    await claim('same');
    assert.equal((await items().claim(key, 'same', job)).outcome, 'leased');
  });

  test('is given anew when the lease has run out, as another attempt', async () => {
    const first = await claim('one');
    later(leaseMs + 1);
    const second = await claim('two');
    assert.deepEqual([first.lease.attempt, second.lease.attempt, second.tries], [1, 2, 2]);
  });

  for (const [what, change] of [
    ['of a final item', { status: 'ready' }],
    ['of a failed item', { status: 'failed' }],
    ['of another revision', { revision: 2 }],
  ] as const) {
    test(`${what} is over`, async () => {
      await documents.put({ TableName: table, Item: { ...(await read()), ...change } });
      assert.deepEqual(await items().claim(key, 'w', job), { outcome: 'over' });
    });
  }

  test('of an item that is gone is over, and makes none', async () => {
    await documents.delete({ TableName: table, Key: key });
    assert.deepEqual(await items().claim(key, 'w', job), { outcome: 'over' });
    assert.equal(await read(), undefined);
  });

  test('whose answer was lost is a claim all the same', async () => {
    proxy.next('UpdateItem', { kind: 'lose-answer' });
    const { lease, item } = await claim('w');
    assert.deepEqual([lease.attempt, item.attempt, item.status], [1, 1, 'preparing']);
    assert.equal(await items().finish(key, lease, { status: 'ready' }), true);
  });
});

describe('a finish', () => {
  test('ends lease and due time', async () => {
    const { lease } = await claim('w');
    assert.equal(await items().finish(key, lease, { status: 'ready', text: 'x' }), true);
    const item = await read();
    assert.deepEqual([item?.status, item?.text], ['ready', 'x']);
    assert.deepEqual(
      [item?.leaseOwner, item?.leaseUntil, item?.dueKey, item?.dueAt],
      Array(4).fill(undefined),
    );
  });

  test('of a worker whose lease went to another is fenced off, before and after the other’s finish', async () => {
    const { lease: stale } = await claim('one');
    later(leaseMs + 1);
    const { lease } = await claim('two');
    assert.equal(await items().finish(key, stale, { status: 'failed' }), false);
    assert.equal(await items().progress(key, stale, { imageKey: 'stale' }), false);
    assert.equal(await items().finish(key, lease, { status: 'ready' }), true);
    assert.equal(await items().finish(key, stale, { status: 'ready' }), false);
    assert.deepEqual([(await read())?.status, (await read())?.imageKey], ['ready', undefined]);
  });

  test('whose lease has run out, but which nobody else took, counts', async () => {
    const { lease } = await claim('w');
    later(leaseMs * 2);
    assert.equal(await items().finish(key, lease, { status: 'ready' }), true);
  });

  test('of an item that is gone makes none', async () => {
    const { lease } = await claim('w');
    await documents.delete({ TableName: table, Key: key });
    assert.equal(await items().finish(key, lease, { status: 'ready' }), false);
    assert.equal(await read(), undefined);
  });

  test('whose answer was lost is known for one’s own', async () => {
    const { lease } = await claim('w');
    proxy.next('UpdateItem', { kind: 'lose-answer' });
    assert.equal(await items().finish(key, lease, { status: 'ready' }), true);
  });

  test('whose answer was lost is not mistaken for that of the attempt after', async () => {
    const { lease } = await claim('w');
    later(leaseMs + 1);
    const { lease: next } = await claim('w');
    await items().finish(key, next, { status: 'ready' });
    assert.equal(await items().finish(key, lease, { status: 'ready' }), false);
  });
});

test('progress begins the lease anew', async () => {
  const { lease } = await claim('w');
  later(leaseMs - 1);
  assert.equal(await items().progress(key, lease, { status: 'detecting' }), true);
  later(leaseMs - 1);
  assert.equal((await items().claim(key, 'other', job)).outcome, 'leased');
});

test('what was released can be claimed at once, and a try that was nobody’s fault is not counted', async () => {
  const { lease, tries } = await claim('one');
  assert.equal(await items().release(key, lease, { afterMs: 1000, tries: tries - 1 }), true);
  const again = await claim('two');
  assert.deepEqual([again.lease.attempt, again.tries], [2, 1]);
});
