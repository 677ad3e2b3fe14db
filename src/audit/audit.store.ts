// A trail is a partition of its own, so that it outlives its project: one item for each entry, and a head, which holds
// the newest entry.
// Only the head is ever overwritten. To append, the entry in the head is copied to its own item, then the head is
// replaced with one conditional write. So appends are ordered without a transaction, and a trail whose end was removed
// has no head.
import type { Documents } from '../aws/clients.ts';
import { unlessConditionFails } from '../aws/conditions.ts';
import { queryAll } from '../aws/query-all.ts';
import { queryShards, shardKey } from '../aws/shards.ts';
import { keyOfOrganisation, organisationOf } from '../people/organisation.ts';
import type { AuditEntry, TrailKind, TrailName } from './audit.ts';
import type { PlacedEntry } from './verify-trail.ts';

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
const allTrails = (kind: TrailKind, organisationId: string) =>
  keyOfOrganisation(`TRAIL#${kind}`, organisationId);

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
    const items = await queryAll(documents, {
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :entry)',
      ExpressionAttributeValues: { ':pk': partitionOf(trail), ':entry': 'ENTRY#' },
      ConsistentRead: true,
    });
    return items.map((item) => ({ place: Number(String(item.sk).slice(6, 18)), entry: toEntry(item) }));
  }

  /**
   * Never overwrites. If another item exists there (someone set the head back), both stay, which the check reports.
   */
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

    /** The last entry with an item of its own; without a head, the end of what is left. */
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

    /** Appends an entry made after `head`. `false`: another was appended first. */
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
            kindKey: shardKey(allTrails(kind, organisationOf(entry)), trail),
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
      // the SDK repeats a write whose answer was lost: then the first one was ours
      const now = await readHead(trail);
      if (now?.id === entry.id) return true;
      return now !== undefined && now.number > entry.number
        ? (await find(trail, entry.number))?.id === entry.id
        : false;
    },

    /**
     * All items of a trail, for checking it. Reads the head first, so that entries appended meanwhile come after it.
     */
    async readAll(trail: TrailName): Promise<{ entries: PlacedEntry[]; newest: AuditEntry | undefined }> {
      let newest = await readHead(trail);
      for (;;) {
        const entries = await readEntries(trail);
        const after = await readHead(trail);
        if (newest?.hash === after?.hash) return { entries, newest };
        newest = after;
      }
    },

    /** A trail's entries, newest first, starting before the entry `before`. */
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
        Limit: limit + 2, // the head and its copy
      });
      const entries = Items.map(toEntry);
      const [first, second] = entries;
      return first && first.number === second?.number ? entries.slice(1) : entries;
    },

    /** The newest entry of every trail of a kind in an organisation, latest first, starting before `cursor`. */
    async listTrails(
      organisationId: string,
      kind: TrailKind,
      { limit, cursor }: { limit: number; cursor?: string },
    ) {
      const { items } = await queryShards(documents, {
        TableName: table,
        IndexName: 'byKind',
        hash: 'kindKey',
        range: 'kindSort',
        key: allTrails(kind, organisationId),
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

/** Everything in an item except its keys, including unexpected attributes, so that the hash covers them. */
function toEntry(item: Record<string, unknown>): AuditEntry {
  const { pk: _pk, sk: _sk, kindKey: _kindKey, kindSort: _kindSort, ...entry } = item;
  return entry as unknown as AuditEntry;
}
