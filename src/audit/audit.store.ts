// A trail is a partition of its own, so that it outlives its project: an item for every entry, and a head. The head holds
// the newest entry. It is the only item that is ever written over: to append is one conditional write of it, after the
// entry it holds has been copied to a place of its own. So appends are in order without a transaction, and a trail whose
// end was cut off has no head.
import type { Documents } from '../aws/clients.ts';
import { unlessConditionFails } from '../aws/conditions.ts';
import { queryShards, shardKey } from '../aws/shards.ts';
import type { AuditEntry, PlacedEntry, TrailKind, TrailName } from './audit.ts';

interface Dependencies {
  documents: Documents;
  table: string;
}

const partitionOf = (trail: TrailName) => `AUDIT#${trail}`;
const headKey = (trail: TrailName) => ({ pk: partitionOf(trail), sk: 'HEAD' });
const placeKey = (trail: TrailName, number: number) => ({
  pk: partitionOf(trail),
  sk: `ENTRY#${String(number).padStart(12, '0')}`,
});
const allTrails = (kind: TrailKind) => `TRAIL#${kind}`;

export function createAuditStore({ documents, table }: Dependencies) {
  async function readHead(trail: TrailName): Promise<AuditEntry | undefined> {
    const { Item } = await documents.get({ TableName: table, Key: headKey(trail), ConsistentRead: true });
    return Item && toEntry(Item);
  }

  async function find(trail: TrailName, number: number): Promise<AuditEntry | undefined> {
    const Key = placeKey(trail, number);
    const { Item } = await documents.get({ TableName: table, Key, ConsistentRead: true });
    return Item && toEntry(Item);
  }

  async function readEntries(trail: TrailName): Promise<PlacedEntry[]> {
    const entries: PlacedEntry[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await documents.query({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :entry)',
        ExpressionAttributeValues: { ':pk': partitionOf(trail), ':entry': 'ENTRY#' },
        ConsistentRead: true,
        ...(from ? { ExclusiveStartKey: from } : {}),
      });
      for (const item of Items) entries.push({ place: Number(item.sk.slice(6, 18)), entry: toEntry(item) });
      from = LastEvaluatedKey;
    } while (from);
    return entries;
  }

  /** Nothing is written over: where something else lies already (somebody set the head back), both stay, and show. */
  async function copyToItsPlace(entry: AuditEntry) {
    const { pk, sk } = placeKey(entry.trail, entry.number);
    const freeOrTheSame = 'attribute_not_exists(pk) OR #hash = :hash';
    const put = (key: string) =>
      documents.put({
        TableName: table,
        Item: { pk, sk: key, ...entry },
        ConditionExpression: freeOrTheSame,
        ExpressionAttributeNames: { '#hash': 'hash' },
        ExpressionAttributeValues: { ':hash': entry.hash },
      });
    if (!(await unlessConditionFails(() => put(sk)))) await put(`${sk}#${entry.id}`);
  }

  return {
    readHead,

    /** The last entry that lies at a place of its own: where the head is missing, all that is left of the end. */
    async findLast(trail: TrailName): Promise<AuditEntry | undefined> {
      const { Items = [] } = await documents.query({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :entry)',
        ExpressionAttributeValues: { ':pk': partitionOf(trail), ':entry': 'ENTRY#' },
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: 1,
      });
      return Items[0] && toEntry(Items[0]);
    },

    /** Appends an entry made after `head`. `false`: another was appended meanwhile. */
    async append(entry: AuditEntry, head: AuditEntry | undefined): Promise<boolean> {
      const { trail } = entry;
      if (head) await copyToItsPlace(head);
      const nothingWasAppendedMeanwhile = head ? '#hash = :hash' : 'attribute_not_exists(pk)';
      const [kind] = trail.split(':') as [TrailKind];
      const written = await unlessConditionFails(() =>
        documents.put({
          TableName: table,
          Item: {
            ...headKey(trail),
            ...entry,
            kindKey: shardKey(allTrails(kind), trail),
            kindSort: `${entry.at}#${entry.id}`,
          },
          ConditionExpression: nothingWasAppendedMeanwhile,
          ...(head
            ? {
                ExpressionAttributeNames: { '#hash': 'hash' },
                ExpressionAttributeValues: { ':hash': head.hash },
              }
            : {}),
        }),
      );
      if (written) return true;
      // The SDK repeats a write whose answer was lost: then the first one was ours.
      const now = await readHead(trail);
      if (now?.id === entry.id) return true;
      return now !== undefined && now.number > entry.number
        ? (await find(trail, entry.number))?.id === entry.id
        : false;
    },

    /** Everything of a trail as it lies there, for checking it. The head first: what is appended meanwhile comes after it. */
    async readAll(trail: TrailName): Promise<{ entries: PlacedEntry[]; newest: AuditEntry | undefined }> {
      let newest = await readHead(trail);
      for (;;) {
        const entries = await readEntries(trail);
        const after = await readHead(trail);
        if (newest?.hash === after?.hash) return { entries, newest };
        newest = after;
      }
    },

    /** A trail's entries, the newest first; those before the entry `before`. */
    async list(trail: TrailName, { limit, before }: { limit: number; before?: number }) {
      const { Items = [] } = await documents.query({
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND sk < :before',
        ExpressionAttributeValues: {
          ':pk': partitionOf(trail),
          ':before': before === undefined ? '~' : placeKey(trail, before).sk,
        },
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: limit + 2, // the head and the copy of it
      });
      const entries = Items.map(toEntry);
      const [first, second] = entries;
      return first && first.number === second?.number ? entries.slice(1) : entries;
    },

    /** The newest entry of every trail of a kind, the latest first; those before `cursor`. */
    async listTrails(kind: TrailKind, { limit, cursor }: { limit: number; cursor?: string }) {
      const { items } = await queryShards(documents, {
        TableName: table,
        IndexName: 'byKind',
        hash: 'kindKey',
        range: 'kindSort',
        key: allTrails(kind),
        condition: 'kindSort < :cursor',
        ExpressionAttributeValues: { ':cursor': cursor ?? '~' },
        ScanIndexForward: false,
        atMost: limit,
      });
      return items.map(toEntry);
    },
  };
}

export type AuditStore = ReturnType<typeof createAuditStore>;

/** Everything that an item says but its keys: also what does not belong there, so that it shows in the hash. */
function toEntry(item: Record<string, unknown>): AuditEntry {
  const { pk: _pk, sk: _sk, kindKey: _kindKey, kindSort: _kindSort, ...entry } = item;
  return entry as unknown as AuditEntry;
}
