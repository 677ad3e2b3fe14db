// DynamoDB may leave some keys or items of a batch unprocessed under load. They are sent again after a delay, as AWS
// advises: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
import { setTimeout as delay } from 'node:timers/promises';
import type { BatchGetCommandInput, BatchWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { unavailable } from '../errors.ts';
import type { Documents } from './clients.ts';

type Item = Record<string, unknown>;
type WriteRequest = NonNullable<BatchWriteCommandInput['RequestItems']>[string][number];
interface ReadOptions
  extends Pick<
    NonNullable<BatchGetCommandInput['RequestItems']>[string],
    'ProjectionExpression' | 'ExpressionAttributeNames'
  > {
  /**
   * Keys in one request. Fewer for large items, so that each answer is parsed quickly; several requests then run at
   * once.
   */
  keysInRequest?: number;
  requestsAtOnce?: number;
}

interface Place {
  documents: Documents;
  table: string;
  /** Waits that many milliseconds. Tests replace it. */
  wait?: (ms: number) => Promise<unknown>;
}

/** The limit of one BatchGetItem request. */
const maxKeysInRequest = 100;
export const writesInRequest = 25;
/** Attempts in a row without progress: about six seconds. */
const maxAttempts = 8;
const firstWaitMs = 50;
const maxWaitMs = 2000;

/**
 * Reads items by their keys with strong consistency, in any order. Throws `unavailable` when DynamoDB keeps leaving
 * keys unprocessed.
 */
export async function readBatches(
  place: Place,
  keys: Item[],
  { keysInRequest = maxKeysInRequest, requestsAtOnce = 1, ...options }: ReadOptions = {},
): Promise<Item[]> {
  const { documents, table } = place;
  const found: Item[] = [];
  const read = (some: Item[]) =>
    untilProcessed(place, some, async (Keys) => {
      const { Responses, UnprocessedKeys } = await documents.batchGet({
        RequestItems: { [table]: { ...options, Keys, ConsistentRead: true } },
      });
      found.push(...(Responses?.[table] ?? []));
      return UnprocessedKeys?.[table]?.Keys ?? [];
    });
  const batches = Array.from({ length: Math.ceil(keys.length / keysInRequest) }, (_, at) =>
    keys.slice(at * keysInRequest, (at + 1) * keysInRequest),
  );
  await pMap(batches, read, { concurrency: requestsAtOnce });
  return found;
}

/** Puts and deletes items, 25 a request. Throws `unavailable` when DynamoDB keeps leaving some unprocessed. */
export async function writeBatches(place: Place, requests: WriteRequest[]): Promise<void> {
  const { documents, table } = place;
  for (let at = 0; at < requests.length; at += writesInRequest) {
    await untilProcessed(place, requests.slice(at, at + writesInRequest), async (left) => {
      const { UnprocessedItems } = await documents.batchWrite({ RequestItems: { [table]: left } });
      return UnprocessedItems?.[table] ?? [];
    });
  }
}

async function untilProcessed<T>({ wait = delay }: Place, all: T[], ask: (left: T[]) => Promise<T[]>) {
  let left = all;
  for (let attempt = 1; ; ) {
    const unprocessed = await ask(left);
    if (unprocessed.length === 0) return;
    if (unprocessed.length < left.length) attempt = 1;
    if (attempt >= maxAttempts) {
      throw unavailable('database', new Error(`${unprocessed.length} items of a batch stayed unprocessed`));
    }
    left = unprocessed;
    await wait(Math.min(firstWaitMs * 2 ** attempt, maxWaitMs) * (0.5 + Math.random() / 2));
    attempt += 1;
  }
}
