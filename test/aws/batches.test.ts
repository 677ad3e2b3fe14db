import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readBatches, writeBatches } from '../../src/aws/batches.ts';
import type { Documents } from '../../src/aws/clients.ts';

type Key = Record<string, unknown>;

const keys = (count: number) => Array.from({ length: count }, (_, id) => ({ pk: `${id}`, sk: 'ITEM' }));

/** DynamoDB that processes so many of each request, as `processed` says by the request's number. */
function startPlace(processed: (request: number) => number) {
  const requests: number[] = [];
  const waits: number[] = [];
  const answer = <T>(all: T[]) => {
    requests.push(all.length);
    const count = processed(requests.length);
    return { done: all.slice(0, count), left: all.slice(count) };
  };
  const documents = {
    async batchGet({ RequestItems }: { RequestItems: { table: { Keys: Key[] } } }) {
      const { done, left } = answer(RequestItems.table.Keys);
      return {
        Responses: { table: done },
        UnprocessedKeys: left.length > 0 ? { table: { Keys: left } } : {},
      };
    },
    async batchWrite({ RequestItems }: { RequestItems: { table: Key[] } }) {
      const { left } = answer(RequestItems.table);
      return { UnprocessedItems: left.length > 0 ? { table: left } : {} };
    },
  } as unknown as Documents;
  const wait = async (ms: number) => void waits.push(ms);
  return { place: { documents, table: 'table', wait }, requests, waits };
}

describe('what DynamoDB leaves unprocessed', () => {
  test('is read again after a wait, and all of it is there in the end', async () => {
    const { place, requests, waits } = startPlace((request) => (request === 1 ? 40 : 1000));
    const found = await readBatches(place, keys(130));
    assert.deepEqual(new Set(found.map(({ pk }) => pk)).size, 130);
    assert.deepEqual(requests, [100, 60, 30]);
    assert.equal(waits.length, 1);
  });

  test('is asked for ever more rarely and not without end: then the database counts as unavailable', async () => {
    for (const ask of ['read', 'write'] as const) {
      const { place, requests, waits } = startPlace(() => 0);
      const asking =
        ask === 'read'
          ? readBatches(place, keys(3))
          : writeBatches(
              place,
              keys(3).map((Key) => ({ DeleteRequest: { Key } })),
            );
      await assert.rejects(asking, { code: 'database-unavailable' });
      assert.equal(requests.length, 8);
      assert.ok((waits.at(-1) ?? 0) > 4 * (waits[0] ?? 0), waits.join(' '));
      assert.ok(waits.every((ms) => ms <= 2000));
    }
  });

  test('does not end what goes on, however slowly', async () => {
    const { place, requests } = startPlace(() => 1);
    await writeBatches(
      place,
      keys(20).map((Key) => ({ DeleteRequest: { Key } })),
    );
    assert.equal(requests.length, 20);
  });
});
