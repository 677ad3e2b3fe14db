// A proxy before the local database that works out the capacity units of each call, as DynamoDB charges them:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
// Writes are made one after the other, each between two reads of its item, so that what it changes in the indexes is known.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import pLimit from 'p-limit';
import { tableDefinition } from '../src/aws/table.ts';

type Attribute = Record<string, unknown>;
type Item = Record<string, Attribute>;
type Json = Record<string, unknown>;

/** Units of one partition key of the table or of an index. */
export interface PartitionUnits {
  place: string;
  key: string;
  read: number;
  write: number;
}

const table = 'paperlift';
const indexes = tableDefinition(table).GlobalSecondaryIndexes.map(({ IndexName, KeySchema }) => {
  const [hash, range] = KeySchema.map(({ AttributeName }) => AttributeName) as [string, string];
  return { name: IndexName, hash, range };
});

/** Bytes, about as DynamoDB counts them: names and values in UTF-8, numbers in half their digits. */
function sizeOf(item: Item | undefined): number {
  if (!item) return 0;
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOfValue(value),
    0,
  );
}

function sizeOfValue(value: Attribute): number {
  const [[type, held] = []] = Object.entries(value);
  if (type === 'S') return Buffer.byteLength(String(held));
  if (type === 'N') return Math.ceil(String(held).length / 2) + 1;
  if (type === 'L') return 3 + (held as Attribute[]).reduce((sum, each) => sum + 1 + sizeOfValue(each), 0);
  if (type === 'M') return 3 + sizeOf(held as Item) + Object.keys(held as Item).length;
  return type === 'B' ? (String(held).length * 3) / 4 : 1;
}

const writeUnits = (bytes: number) => Math.max(1, Math.ceil(bytes / 1024));
const textOf = (item: Item | undefined, name: string) => item?.[name]?.S as string | undefined;

export async function startCapacityMeter() {
  const { promise: database, resolve: forwardTo } = Promise.withResolvers<string>();
  const found = new Map<string, PartitionUnits>();
  const inTurn = pLimit(1);
  let calls = 0;

  function add(place: string, key: string, units: { read?: number; write?: number }) {
    const id = `${place} ${key}`;
    const entry = found.get(id) ?? { place, key, read: 0, write: 0 };
    entry.read += units.read ?? 0;
    entry.write += units.write ?? 0;
    found.set(id, entry);
  }

  async function ask(target: string, headers: Record<string, string>, body: Json) {
    const response = await fetch(await database, {
      method: 'POST',
      headers: { ...headers, 'x-amz-target': `DynamoDB_20120810.${target}` },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Json };
  }

  const readItem = async (headers: Record<string, string>, Key: Item) =>
    (await ask('GetItem', headers, { TableName: table, Key, ConsistentRead: true })).body.Item as
      | Item
      | undefined;

  /** What a write cost in the table, and in each index whose entry it made, moved, changed or removed. */
  function addWrite(key: Item, before: Item | undefined, after: Item | undefined) {
    const partition = String(textOf(key, 'pk'));
    add('table', partition, { write: writeUnits(Math.max(sizeOf(before), sizeOf(after))) });
    if (JSON.stringify(before) === JSON.stringify(after)) return;
    for (const { name, hash, range } of indexes) {
      const [was, is] = [before, after].map((item) => {
        const at = textOf(item, hash);
        return at === undefined || !textOf(item, range)
          ? undefined
          : { at, sort: textOf(item, range), units: writeUnits(sizeOf(item)) };
      });
      const isSame = was && is && was.at === is.at && was.sort === is.sort;
      if (was && !isSame) add(name, was.at, { write: was.units });
      if (is) add(name, is.at, { write: is.units });
    }
  }

  const keyOf = (item: Item): Item => ({ pk: item.pk as Attribute, sk: item.sk as Attribute });

  function keysOfWrite(operation: string, body: Json): Item[] {
    if (operation === 'PutItem') return [keyOf(body.Item as Item)];
    if (operation === 'BatchWriteItem')
      return (Object.values(body.RequestItems as Json).flat() as Record<string, Json>[]).map(
        ({ PutRequest, DeleteRequest }) =>
          PutRequest ? keyOf(PutRequest.Item as Item) : (DeleteRequest?.Key as Item),
      );
    return [body.Key as Item];
  }

  function addRead(operation: string, body: Json, answer: Json) {
    const consumed = [answer.ConsumedCapacity ?? []].flat() as { CapacityUnits: number }[];
    const units = consumed.reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);
    if (operation === 'BatchGetItem') {
      const keys = (Object.values(body.RequestItems as Json) as { Keys: Item[] }[]).flatMap(
        ({ Keys }) => Keys,
      );
      for (const key of keys) add('table', String(textOf(key, 'pk')), { read: units / keys.length });
      return;
    }
    const named = /\w+ = (:\w+)/.exec(String(body.KeyConditionExpression ?? ''))?.[1];
    const key = named
      ? (body.ExpressionAttributeValues as Item)[named]?.S
      : textOf(body.Key as Item | undefined, 'pk');
    add(String(body.IndexName ?? 'table'), String(key), { read: units });
  }

  async function answer(operation: string, headers: Record<string, string>, body: Json) {
    if (['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'].includes(operation))
      return inTurn(async () => {
        const keys = keysOfWrite(operation, body);
        const before = await Promise.all(keys.map((key) => readItem(headers, key)));
        const answered = await ask(operation, headers, body);
        const after = await Promise.all(keys.map((key) => readItem(headers, key)));
        for (const [at, key] of keys.entries()) addWrite(key, before[at], after[at]);
        return answered;
      });
    const answered = await ask(operation, headers, { ...body, ReturnConsumedCapacity: 'TOTAL' });
    if (['GetItem', 'Query', 'BatchGetItem'].includes(operation)) addRead(operation, body, answered.body);
    return answered;
  }

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) as string;
    const body = JSON.parse((await buffer(request)).toString()) as Json;
    calls += 1;
    const headers = Object.fromEntries(
      ['authorization', 'x-amz-date', 'content-type'].map((name) => [name, String(request.headers[name])]),
    );
    const answered = await answer(operation, headers, body);
    response.writeHead(answered.status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(answered.body));
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => request.socket.destroy()); // as when the database has stopped
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The address of the database; calls wait for it. */
    forwardTo,
    /** Since the last call; begins anew. */
    take() {
      const taken = { calls, partitions: [...found.values()] };
      calls = 0;
      found.clear();
      return taken;
    },
    stop: () => server.close(),
  };
}

export type CapacityMeter = Awaited<ReturnType<typeof startCapacityMeter>>;
