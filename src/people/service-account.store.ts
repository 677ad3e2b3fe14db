// Service accounts, each one item; and the names that those in use have, each once in an organisation.
import type { Documents } from '../aws/clients.ts';
import { deleteIf, putIf, updateIf } from '../aws/conditions.ts';
import { queryShards, shardKey } from '../aws/shards.ts';
import { shareReads } from '../aws/shared-reads.ts';
import { foldName } from '../text/names.ts';
import { keyOfOrganisation } from './organisation.ts';
import type { ServiceAccount } from './service-account.ts';

interface Dependencies {
  documents: Documents;
  table: string;
}

/** A use is noted once in this time. */
const usedEveryMs = 60_000;
/** How long creating an account may take. A name whose creation was cut short is free after this. */
const creatingMs = 60_000;

const accountKey = (id: string) => ({ pk: `SERVICE#${id}`, sk: 'SERVICE' });
/** An index takes keys of 1,024 bytes. */
const sortable = (name: string) => [...foldName(name)].slice(0, 200).join('');
const allOf = (organisationId: string) => keyOfOrganisation('SERVICE', organisationId);
const nameKey = (organisationId: string, name: string) => ({
  pk: `SERVICE-NAME#${JSON.stringify([organisationId, sortable(name)])}`,
  sk: 'NAME',
});

export function createServiceAccountStore({ documents, table }: Dependencies) {
  const find = shareReads(async (id: string): Promise<ServiceAccount | undefined> => {
    const { Item } = await documents.get({ TableName: table, Key: accountKey(id), ConsistentRead: true });
    return Item as ServiceAccount | undefined;
  });

  const query = async (organisationId: string, start: string, atMost: number) => {
    const { items } = await queryShards(documents, {
      TableName: table,
      IndexName: 'byKind',
      hash: 'kindKey',
      range: 'kindSort',
      key: allOf(organisationId),
      ...(start
        ? { condition: 'begins_with(kindSort, :from)', ExpressionAttributeValues: { ':from': start } }
        : {}),
      atMost,
    });
    return items as unknown as ServiceAccount[];
  };

  return {
    find,

    /** Takes a name for an account that is being created, or frees it again. `false`: another account has it. */
    reserveName(organisationId: string, name: string, at: Date): Promise<boolean> {
      const isFree = 'attribute_not_exists(pk) OR reservedUntil < :now'; // of equal requests at once, one creates
      return putIf(documents, {
        TableName: table,
        Item: {
          ...nameKey(organisationId, name),
          reservedUntil: at.getTime() + creatingMs,
        },
        ConditionExpression: isFree,
        ExpressionAttributeValues: { ':now': at.getTime() },
      });
    },
    async releaseName(organisationId: string, name: string) {
      await documents.delete({ TableName: table, Key: nameKey(organisationId, name) });
    },

    async create(account: ServiceAccount) {
      const { id, name, organisationId } = account;
      await documents.put({ TableName: table, Item: { ...nameKey(organisationId, name), accountId: id } });
      const isNew = 'attribute_not_exists(pk)'; // the pool gives each client an id of its own
      const isCreated = await putIf(documents, {
        TableName: table,
        Item: {
          ...accountKey(id),
          ...account,
          kindKey: shardKey(allOf(organisationId), id),
          kindSort: `${sortable(name)} ${id}`,
        },
        ConditionExpression: isNew,
      });
      if (!isCreated) throw new Error('The user pool gave a client id twice');
    },

    /** Those of an organisation by name, the revoked ones too. */
    list: (organisationId: string, atMost: number) => query(organisationId, '', atMost),

    /** Those whose names begin so, without the revoked ones. */
    async listByName(organisationId: string, start: string, limit: number): Promise<ServiceAccount[]> {
      const found = await query(organisationId, sortable(start.trim()), limit * 2);
      return found.filter(({ revokedAt }) => !revokedAt).slice(0, limit);
    },

    /** Notes that the account was used, at most once a minute. */
    async noteUse({ id, lastUsedAt }: ServiceAccount, at: Date) {
      const before = new Date(at.getTime() - usedEveryMs).toISOString();
      if (lastUsedAt !== undefined && lastUsedAt > before) return;
      const isDue = 'attribute_exists(pk) AND (attribute_not_exists(lastUsedAt) OR lastUsedAt <= :before)'; // one of many at once
      await updateIf(documents, {
        TableName: table,
        Key: accountKey(id),
        UpdateExpression: 'SET lastUsedAt = :at',
        ConditionExpression: isDue,
        ExpressionAttributeValues: { ':at': at.toISOString(), ':before': before },
      });
    },

    /** Refuses the account's tokens from now on, and leaves a mark until its client is deleted in the pool. */
    async revoke({ id, organisationId, name }: ServiceAccount, at: Date) {
      const isKnown = 'attribute_exists(pk)'; // revoking creates no account
      await updateIf(documents, {
        TableName: table,
        Key: accountKey(id),
        UpdateExpression: 'SET revokedAt = if_not_exists(revokedAt, :at), dueKey = :kind, dueAt = :at',
        ConditionExpression: isKnown,
        ExpressionAttributeValues: { ':at': at.toISOString(), ':kind': shardKey('SERVICE', id) },
      });
      const isTheirs = 'accountId = :id'; // another account may have the name by now
      await deleteIf(documents, {
        TableName: table,
        Key: nameKey(organisationId, name),
        ConditionExpression: isTheirs,
        ExpressionAttributeValues: { ':id': id },
      });
    },

    /** The client is gone: nothing is left to do. */
    async endRevocation(id: string) {
      const isRevoked = 'attribute_exists(revokedAt)'; // the mark of no other account
      await updateIf(documents, {
        TableName: table,
        Key: accountKey(id),
        UpdateExpression: 'REMOVE dueKey, dueAt',
        ConditionExpression: isRevoked,
      });
    },
  };
}

export type ServiceAccountStore = ReturnType<typeof createServiceAccountStore>;
