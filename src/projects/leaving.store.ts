// Hand-overs of everything that a person has: one item for each person, due until it is done.
import type { Documents } from '../aws/clients.ts';
import { putIf, updateIf } from '../aws/conditions.ts';
import { shardKey } from '../aws/shards.ts';
import type { Grantee } from './project.ts';

/** A hand-over of all that a person owns, and of what is shared with them. */
export interface Leaving {
  personId: string;
  personName: string;
  organisationId: string;
  to: Grantee;
  /** The administrator who began it. */
  by: { id: string; name: string; email: string };
  /** ISO 8601. */
  begunAt: string;
  endedAt?: string;
  /** How many projects have a new owner, and how many shares have ended. */
  projects: number;
  shares: number;
}

interface Dependencies {
  documents: Documents;
  table: string;
}

const leavingKey = (personId: string) => ({ pk: `PERSON#${personId}`, sk: 'LEAVING' });

export function createLeavingStore({ documents, table }: Dependencies) {
  return {
    async find(personId: string): Promise<Leaving | undefined> {
      const Key = leavingKey(personId);
      const { Item } = await documents.get({ TableName: table, Key, ConsistentRead: true });
      return Item as Leaving | undefined;
    },

    /** `false`: one is under way. */
    begin: (leaving: Leaving, dueAt: Date): Promise<boolean> =>
      putIf(documents, {
        TableName: table,
        Item: {
          ...leavingKey(leaving.personId),
          ...leaving,
          dueKey: shardKey('LEAVING', leaving.personId),
          dueAt: dueAt.toISOString(),
        },
        ConditionExpression: 'attribute_not_exists(pk) OR attribute_exists(endedAt)',
      }),

    async count(personId: string, { projects = 0, shares = 0 }: { projects?: number; shares?: number }) {
      await updateIf(documents, {
        TableName: table,
        Key: leavingKey(personId),
        UpdateExpression: 'ADD projects :projects, shares :shares',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':projects': projects, ':shares': shares },
      });
    },

    /** Makes it due at once. */
    async goOn(personId: string, dueAt: Date) {
      await updateIf(documents, {
        TableName: table,
        Key: leavingKey(personId),
        UpdateExpression: 'SET dueAt = :at',
        ConditionExpression: 'attribute_exists(dueKey)', // another process has ended it
        ExpressionAttributeValues: { ':at': dueAt.toISOString() },
      });
    },

    async end(personId: string, endedAt: Date) {
      await updateIf(documents, {
        TableName: table,
        Key: leavingKey(personId),
        UpdateExpression: 'SET endedAt = :at REMOVE dueKey, dueAt',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':at': endedAt.toISOString() },
      });
    },
  };
}

export type LeavingStore = ReturnType<typeof createLeavingStore>;
