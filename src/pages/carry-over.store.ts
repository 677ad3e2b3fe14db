// How far the texts of pages were carried over into items of their own. One worker at a time is at it.
import { randomUUID } from 'node:crypto';
import type { Documents } from '../aws/clients.ts';
import { updateIf } from '../aws/conditions.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  now: () => Date;
}

interface Begun {
  owner: string;
  /** Of the list of projects, newest first. */
  cursor?: string;
}

const Key = { pk: 'LAYOUT', sk: 'PAGE-TEXTS' };
/** Beyond a step, by far. */
const leaseMs = 5 * 60_000;

export function createCarryOverProgress({ documents, table, now }: Dependencies) {
  return {
    async claim(): Promise<Begun | 'done' | 'taken'> {
      const { Item } = await documents.get({ TableName: table, Key, ConsistentRead: true });
      if (Item?.doneAt) return 'done';
      const owner = randomUUID();
      const time = now().getTime();
      const nobodyIsAtIt =
        'attribute_not_exists(doneAt) AND (attribute_not_exists(leaseUntil) OR leaseUntil < :now)';
      const claimed = await updateIf(documents, {
        TableName: table,
        Key,
        UpdateExpression: 'SET leaseOwner = :owner, leaseUntil = :until',
        ConditionExpression: nobodyIsAtIt,
        ExpressionAttributeValues: { ':owner': owner, ':until': time + leaseMs, ':now': time },
        ReturnValues: 'ALL_NEW',
      });
      if (!claimed) return 'taken';
      return {
        owner,
        ...(typeof claimed.projectsCursor === 'string' ? { cursor: claimed.projectsCursor } : {}),
      };
    },

    /** Without a cursor, all is done. `isLast`: of this step; the next may begin. `false`: another worker is at it. */
    async save({ owner }: Begun, { cursor, isLast }: { cursor: string | undefined; isLast: boolean }) {
      const stillOurs = 'leaseOwner = :owner';
      const time = now();
      const saved = await updateIf(documents, {
        TableName: table,
        Key,
        UpdateExpression: cursor
          ? 'SET projectsCursor = :cursor, leaseUntil = :until'
          : 'SET doneAt = :at REMOVE projectsCursor, leaseUntil',
        ConditionExpression: stillOurs,
        ExpressionAttributeValues: cursor
          ? { ':owner': owner, ':cursor': cursor, ':until': isLast ? 0 : time.getTime() + leaseMs }
          : { ':owner': owner, ':at': time.toISOString() },
      });
      return saved !== undefined;
    },
  };
}

export type CarryOverProgress = ReturnType<typeof createCarryOverProgress>;
