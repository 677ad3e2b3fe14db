// A company changes its identity provider: which old one's people a provider's people are, and whose account each has.
import type { Documents } from '../aws/clients.ts';
import { putIf } from '../aws/conditions.ts';

interface Dependencies {
  documents: Documents;
  table: string;
}

/** People of this provider are those of the one with that entity id, by email address. */
export interface ProviderChange {
  organisationId: string;
  toProviderId: string;
  fromIssuer: string;
  /** ISO 8601. */
  at: string;
  byName: string;
}

const changeKey = ({
  organisationId,
  toProviderId,
}: Pick<ProviderChange, 'organisationId' | 'toProviderId'>) => ({
  pk: `ORGANISATION#${organisationId}`,
  sk: `PROVIDER-CHANGE#${toProviderId}`,
});
const linkKey = (personId: string) => ({ pk: `PERSON#${personId}`, sk: 'ACCOUNT' });

export function createProviderChanges({ documents, table }: Dependencies) {
  return {
    async find(organisationId: string, toProviderId: string): Promise<ProviderChange | undefined> {
      const Key = changeKey({ organisationId, toProviderId });
      const { Item } = await documents.get({ TableName: table, Key, ConsistentRead: true });
      return Item as ProviderChange | undefined;
    },

    async save(change: ProviderChange) {
      await documents.put({ TableName: table, Item: { ...changeKey(change), ...change } });
    },

    async remove(organisationId: string, toProviderId: string) {
      await documents.delete({ TableName: table, Key: changeKey({ organisationId, toProviderId }) });
    },

    /** The account of the person with this id, when they have one from before. */
    async accountOf(personId: string): Promise<string | undefined> {
      const { Item } = await documents.get({
        TableName: table,
        Key: linkKey(personId),
        ConsistentRead: true,
      });
      return Item && String(Item.accountId);
    },

    /** Gives the person that account, for good. `false`: they have one. */
    link: (personId: string, accountId: string): Promise<boolean> =>
      putIf(documents, {
        TableName: table,
        Item: { ...linkKey(personId), accountId },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
  };
}

export type ProviderChanges = ReturnType<typeof createProviderChanges>;
