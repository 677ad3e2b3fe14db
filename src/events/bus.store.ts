// The event bus as a listener of an organisation: since when its events go there.
import { ulid as makeUlid } from 'ulid';
import type { Documents } from '../aws/clients.ts';
import { putIf } from '../aws/conditions.ts';
import type { Listener } from './listener.ts';

export function createBusStore({
  documents,
  table,
  now,
}: {
  documents: Documents;
  table: string;
  now: () => Date;
}) {
  const keyOf = (organisationId: string) => ({ pk: `ORGANISATION#${organisationId}`, sk: 'EVENT-BUS' });

  async function find(organisationId: string): Promise<Listener | undefined> {
    const Key = keyOf(organisationId);
    const { Item } = await documents.get({ TableName: table, Key, ConsistentRead: true });
    return Item as Listener | undefined;
  }

  return {
    /** The bus as a listener. Created when it is first asked for: what happened before is not told. */
    async ensure(organisationId: string): Promise<Listener> {
      const found = await find(organisationId);
      if (found) return found;
      const at = now();
      const bus: Listener = {
        id: makeUlid(at.getTime()),
        organisationId,
        types: [],
        createdAt: at.toISOString(),
      };
      const isOurs = await putIf(documents, {
        TableName: table,
        Item: { ...keyOf(organisationId), ...bus },
        ConditionExpression: 'attribute_not_exists(pk)',
      });
      return isOurs ? bus : ((await find(organisationId)) ?? bus);
    },
  };
}

export type BusStore = ReturnType<typeof createBusStore>;
