// The sparse index of items that are not final. The sweeper reads the ones that are past their time.
import type { Documents } from '../aws/clients.ts';
import { updateIf } from '../aws/conditions.ts';
import { queryShards } from '../aws/shards.ts';

/** Under what kind an item is due: its `dueKey` is `shardKey(kind, id)`. */
export type DueKind =
  | 'PAGE'
  | 'DELETED_PAGE'
  | 'SUMMARY'
  | 'INDEX'
  | 'EXPORT'
  | 'OLD_EXPORT'
  | 'IMPORT'
  | 'UPLOAD'
  | 'PROJECT'
  | 'HANDED-OVER'
  | 'LEAVING'
  | 'WEBHOOK'
  | 'MIRROR'
  | 'SERVICE';

const maxListed = 1000;

interface Dependencies {
  documents: Documents;
  table: string;
  now: () => Date;
}

export function createDueItems({ documents, table, now }: Dependencies) {
  return {
    /** Overdue items, earliest first, at most 1,000: more than one person usually has. */
    async list(kind: DueKind): Promise<Record<string, unknown>[]> {
      const { items } = await queryShards(documents, {
        TableName: table,
        IndexName: 'due',
        hash: 'dueKey',
        range: 'dueAt',
        key: kind,
        condition: 'dueAt < :now',
        ExpressionAttributeValues: { ':now': now().toISOString() },
        atMost: maxListed,
      });
      return items;
    },

    /** Sets a later due time. `false`: another sweeper was faster, or the item has changed. */
    async defer(item: Record<string, unknown>, ms: number): Promise<boolean> {
      const nobodyMovedIt = 'dueAt = :dueAt'; // of several sweepers, one sends the message again
      const moved = await updateIf(documents, {
        TableName: table,
        Key: { pk: item.pk, sk: item.sk },
        UpdateExpression: 'SET dueAt = :later',
        ConditionExpression: nobodyMovedIt,
        ExpressionAttributeValues: {
          ':dueAt': item.dueAt,
          ':later': new Date(now().getTime() + ms).toISOString(),
        },
      });
      return moved !== undefined;
    },
  };
}

export type DueItems = ReturnType<typeof createDueItems>;
