// A partition of an index takes 1,000 write units a second. Keys that many items have in common are spread over several
// partitions, which are read side by side (docs/decisions/0049).
import { crc32 } from 'node:zlib';
import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Documents } from './clients.ts';
import { queryAll } from './query-all.ts';

const shardCount = 4;

const nameShard = (key: string, shard: number) => (shard === 0 ? key : `${key}#${shard}`);

/** Where the item of this id lies among those that have this key in common. The first shard has the key itself. */
export const shardKey = (key: string, id: string): string => nameShard(key, crc32(id) % shardCount);

const shardKeys = (key: string): string[] =>
  Array.from({ length: shardCount }, (_, shard) => nameShard(key, shard));

interface ShardedQuery extends Omit<QueryCommandInput, 'KeyConditionExpression' | 'Limit'> {
  /** The attribute that holds the key, and the one that orders what has it. */
  hash: string;
  range: string;
  key: string;
  /** What is asked of the range; all of it by default. */
  condition?: string;
  /** How many items at the most, of all shards together. */
  atMost: number;
}

/** Items of all shards in the order of their range. `isCut`: there are more. */
export async function queryShards(
  documents: Pick<Documents, 'query'>,
  { hash, range, key, condition, atMost, ...query }: ShardedQuery,
): Promise<{ items: Record<string, unknown>[]; isCut: boolean }> {
  const shards = await Promise.all(
    shardKeys(key).map((shard) =>
      queryAll(
        documents,
        {
          ...query,
          ...(query.FilterExpression ? {} : { Limit: atMost + 1 }),
          KeyConditionExpression: `${hash} = :shard${condition ? ` AND ${condition}` : ''}`,
          ExpressionAttributeValues: { ...query.ExpressionAttributeValues, ':shard': shard },
        },
        atMost + 1,
      ),
    ),
  );
  const sign = query.ScanIndexForward === false ? -1 : 1;
  const order = (item: Record<string, unknown>) => Buffer.from(String(item[range])); // DynamoDB compares bytes
  const items = shards.flat().sort((one, other) => sign * Buffer.compare(order(one), order(other)));
  return { items: items.slice(0, atMost), isCut: items.length > atMost };
}
