// The people of an organisation, by address and by name.
import type { Documents } from '../aws/clients.ts';
import { queryShards } from '../aws/shards.ts';
import { foldName } from '../text/names.ts';
import { keyOfAll, keyOfNames } from './person.keys.ts';
import type { PersonRecord } from './person-record.ts';

const pageSize = 50;

export function createPersonLists({ documents, table }: { documents: Documents; table: string }) {
  return {
    /** The organisation's people whose email address begins with `mail`, sorted, at most fifty. `next` continues the list. */
    async list(organisationId: string, { mail = '', from }: { mail?: string; from?: string | undefined }) {
      const { items, isCut } = await queryShards(documents, {
        TableName: table,
        IndexName: 'byKind',
        hash: 'kindKey',
        range: 'kindSort',
        key: keyOfAll(organisationId),
        condition: 'kindSort BETWEEN :from AND :to',
        ExpressionAttributeValues: {
          ':from': from ? `${from}\u0000` : mail.toLowerCase(),
          ':to': `${mail.toLowerCase()}\uffff`,
        },
        atMost: pageSize,
      });
      return {
        items: items as unknown as PersonRecord[],
        next: isCut ? String(items.at(-1)?.kindSort) : undefined,
      };
    },

    /** The organisation's people whose names begin so, by name. */
    async listByName(organisationId: string, start: string, limit: number): Promise<PersonRecord[]> {
      const { items } = await queryShards(documents, {
        TableName: table,
        IndexName: 'byOwner',
        hash: 'ownerKey',
        range: 'ownerSort',
        key: keyOfNames(organisationId),
        condition: 'begins_with(ownerSort, :from)',
        ExpressionAttributeValues: { ':from': foldName(start.trim()) },
        atMost: limit,
      });
      return items as unknown as PersonRecord[];
    },
  };
}
