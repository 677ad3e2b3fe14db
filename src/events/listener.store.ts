// The listeners of one kind that an organisation's administrators make: its webhooks, or its rules.
import type { Documents } from '../aws/clients.ts';
import { updateIf } from '../aws/conditions.ts';
import { queryAll } from '../aws/query-all.ts';
import type { Listener } from './listener.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  /** The kind, as sort keys begin. */
  prefix: 'WEBHOOK' | 'RULE';
}

export function createListenerStore<L extends Listener>({ documents, table, prefix }: Dependencies) {
  const partitionOf = (organisationId: string) => `ORGANISATION#${organisationId}`;
  const keyOf = (organisationId: string, id: string) => ({
    pk: partitionOf(organisationId),
    sk: `${prefix}#${id}`,
  });

  return {
    async list(organisationId: string): Promise<L[]> {
      const found = await queryAll(documents, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': partitionOf(organisationId), ':prefix': `${prefix}#` },
        ConsistentRead: true,
      });
      return found as unknown as L[];
    },

    async find(organisationId: string, id: string): Promise<L | undefined> {
      const Key = keyOf(organisationId, id);
      const { Item } = await documents.get({ TableName: table, Key, ConsistentRead: true });
      return Item as L | undefined;
    },

    async create(listener: L) {
      const { organisationId, id } = listener;
      await documents.put({ TableName: table, Item: { ...keyOf(organisationId, id), ...listener } });
    },

    /** `at`: missing to resume. */
    async pause(organisationId: string, id: string, at: Date | undefined): Promise<boolean> {
      const changed = await updateIf(documents, {
        TableName: table,
        Key: keyOf(organisationId, id),
        UpdateExpression: at ? 'SET pausedAt = :at' : 'REMOVE pausedAt',
        ConditionExpression: 'attribute_exists(pk)',
        ...(at ? { ExpressionAttributeValues: { ':at': at.toISOString() } } : {}),
      });
      return changed !== undefined;
    },

    async remove(organisationId: string, id: string) {
      await documents.delete({ TableName: table, Key: keyOf(organisationId, id) });
    },
  };
}
