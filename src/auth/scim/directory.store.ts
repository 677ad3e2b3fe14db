// A directory's users and groups. Those of an organisation lie in a partition of their own, each one item; beside them lie
// their memberships, the people whom a user is, and keys to find users by. All reads are strongly consistent.
import { readBatches } from '../../aws/batches.ts';
import type { Documents } from '../../aws/clients.ts';
import { putIf, updateIf } from '../../aws/conditions.ts';
import { queryAll } from '../../aws/query-all.ts';
import {
  findKey,
  groupPartition,
  itemKey,
  type Kind,
  listKey,
  type Named,
  userPartition,
} from './directory.keys.ts';
import {
  type DirectoryGroup,
  type DirectoryUser,
  foldUserName,
  mailsOf,
  type UserFields,
} from './directory-user.ts';
import { createMembershipStore } from './membership.store.ts';

interface Dependencies {
  documents: Documents;
  table: string;
}

/** A request that takes a name stores its user within this time. */
const takingMs = 60_000;

export function createDirectoryStore({ documents, table }: Dependencies) {
  const query = (pk: string, start = '') =>
    queryAll(documents, {
      TableName: table,
      KeyConditionExpression: start ? 'pk = :pk AND begins_with(sk, :start)' : 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk, ...(start ? { ':start': start } : {}) },
      ConsistentRead: true,
    });

  async function get<Item>(kind: Kind, named: Named): Promise<Item | undefined> {
    const { Item } = await documents.get({
      TableName: table,
      Key: itemKey(kind, named),
      ConsistentRead: true,
    });
    return Item as Item | undefined;
  }

  async function readAll<Item>(kind: Kind, organisationId: string, ids: string[]): Promise<Item[]> {
    const keys = ids.map((id) => itemKey(kind, { id, organisationId }));
    return (await readBatches({ documents, table }, keys)) as Item[];
  }

  /** Users behind a key that still have the value that it stands for. */
  async function findUsers(organisationId: string, pk: string, has: (user: DirectoryUser) => boolean) {
    const ids = (await query(pk)).map((item) => String(item.userId));
    const users = await readAll<DirectoryUser>('USERS', organisationId, [...new Set(ids)]);
    return users
      .filter((user) => !user.deletedAt && has(user))
      .sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  /** The keys by which a user is found, the user name apart, which is taken once. */
  const keysOf = ({ id, organisationId, externalId, ...fields }: UserFields & Named) => [
    ...mailsOf(fields).map((mail) => ({ pk: findKey(organisationId, 'mail', mail), sk: id })),
    ...(externalId ? [{ pk: findKey(organisationId, 'external', externalId), sk: id }] : []),
  ];
  const nameKey = ({ organisationId, userName }: UserFields & Named) => ({
    pk: findKey(organisationId, 'name', foldUserName(userName)),
    sk: 'NAME',
  });

  /** Takes a user name. `false`: another user has it, or is just being created with it. */
  async function takeName(user: DirectoryUser): Promise<boolean> {
    const key = nameKey(user);
    const { Item } = await documents.get({ TableName: table, Key: key, ConsistentRead: true });
    if (Item && Item.userId !== user.id) {
      const holder = await get<DirectoryUser>('USERS', { ...user, id: String(Item.userId) });
      const isHeld = holder && foldUserName(holder.userName) === foldUserName(user.userName);
      const isFresh = Date.parse(user.changedAt) - Date.parse(String(Item.takenAt)) < takingMs;
      if (isHeld || isFresh) return false;
    }
    const isUnchanged = Item ? 'userId = :seen' : 'attribute_not_exists(pk)'; // of two at once, one has it
    return putIf(documents, {
      TableName: table,
      Item: { ...key, userId: user.id, takenAt: user.changedAt },
      ConditionExpression: isUnchanged,
      ...(Item ? { ExpressionAttributeValues: { ':seen': Item.userId } } : {}),
    });
  }

  const putKeys = (user: UserFields & Named) =>
    Promise.all(
      keysOf(user).map((key) => documents.put({ TableName: table, Item: { ...key, userId: user.id } })),
    );

  async function removeKeys(user: UserFields & Named, kept?: UserFields & Named) {
    const stays = new Set([...(kept ? [...keysOf(kept), nameKey(kept)] : [])].map(({ pk }) => pk));
    const gone = [...keysOf(user), nameKey(user)].filter(({ pk }) => !stays.has(pk));
    await Promise.all(gone.map((Key) => documents.delete({ TableName: table, Key })));
  }

  /** Tells those who read the user before that something has changed. */
  async function countChange(organisationId: string, userId: string) {
    await updateIf(documents, {
      TableName: table,
      Key: itemKey('USERS', { id: userId, organisationId }),
      UpdateExpression: 'ADD version :one',
      ConditionExpression: 'attribute_exists(pk)', // the user may have been deleted meanwhile
      ExpressionAttributeValues: { ':one': 1 },
    });
  }

  return {
    countChange,
    findUser: (organisationId: string, id: string) => get<DirectoryUser>('USERS', { id, organisationId }),
    findGroup: (organisationId: string, id: string) => get<DirectoryGroup>('GROUPS', { id, organisationId }),
    readUsers: (organisationId: string, ids: string[]) =>
      readAll<DirectoryUser>('USERS', organisationId, ids),
    readGroups: (organisationId: string, ids: string[]) =>
      readAll<DirectoryGroup>('GROUPS', organisationId, ids),

    /** All ids of an organisation, the oldest first. */
    async listIds(kind: Kind, organisationId: string): Promise<string[]> {
      const items = await queryAll(documents, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': listKey(kind, organisationId) },
        ProjectionExpression: 'sk',
        ConsistentRead: true,
      });
      return items.map(({ sk }) => String(sk));
    },

    findByUserName: (organisationId: string, userName: string) =>
      findUsers(
        organisationId,
        findKey(organisationId, 'name', foldUserName(userName)),
        (user) => foldUserName(user.userName) === foldUserName(userName),
      ),
    findByMail: (organisationId: string, mail: string) =>
      findUsers(organisationId, findKey(organisationId, 'mail', mail.trim().toLowerCase()), (user) =>
        mailsOf(user).includes(mail.trim().toLowerCase()),
      ),
    findByExternalId: (organisationId: string, externalId: string) =>
      findUsers(
        organisationId,
        findKey(organisationId, 'external', externalId),
        (user) => user.externalId === externalId,
      ),

    /** `false`: another user has the name. */
    async createUser(user: DirectoryUser): Promise<boolean> {
      if (!(await takeName(user))) return false;
      await putKeys(user);
      await documents.put({ TableName: table, Item: { ...itemKey('USERS', user), ...user } });
      return true;
    },

    /** Replaces a user as it was read. */
    async changeUser(
      before: DirectoryUser,
      after: DirectoryUser,
    ): Promise<'changed' | 'name-taken' | 'outdated'> {
      if (foldUserName(before.userName) !== foldUserName(after.userName) && !(await takeName(after)))
        return 'name-taken';
      await putKeys(after);
      const isUnchanged = 'version = :version'; // another request may have changed it
      const isChanged = await putIf(documents, {
        TableName: table,
        Item: { ...itemKey('USERS', after), ...after, version: before.version + 1 },
        ConditionExpression: isUnchanged,
        ExpressionAttributeValues: { ':version': before.version },
      });
      if (isChanged) await removeKeys(before, after);
      return isChanged ? 'changed' : 'outdated';
    },

    /** Marks a user who is being deleted: inactive, and not found any more. */
    async markDeleted(user: DirectoryUser, at: Date) {
      await updateIf(documents, {
        TableName: table,
        Key: itemKey('USERS', user),
        UpdateExpression: 'SET active = :no, deletedAt = :at ADD version :one',
        ConditionExpression: 'attribute_exists(pk)', // deleting creates nothing
        ExpressionAttributeValues: { ':no': false, ':at': at.toISOString(), ':one': 1 },
      });
    },

    async removeUser(user: DirectoryUser) {
      const items = await query(userPartition(user.id));
      for (const { pk, sk } of items) {
        const groupId = String(sk).startsWith('IN#') && String(sk).slice('IN#'.length);
        if (groupId)
          await documents.delete({
            TableName: table,
            Key: { pk: groupPartition(groupId), sk: `MEMBER#${user.id}` },
          });
        await documents.delete({ TableName: table, Key: { pk, sk } });
      }
      await removeKeys(user);
      await documents.delete({ TableName: table, Key: itemKey('USERS', user) });
    },

    /** Remembers that this user is a person, who is then found without an index. */
    async link(userId: string, personId: string) {
      await documents.put({
        TableName: table,
        Item: { pk: userPartition(userId), sk: `PERSON#${personId}`, personId },
      });
    },

    ...createMembershipStore({ documents, table, query, countChange }),

    async putGroup(group: DirectoryGroup) {
      await documents.put({ TableName: table, Item: { ...itemKey('GROUPS', group), ...group } });
    },

    async removeGroup(group: DirectoryGroup) {
      await documents.delete({ TableName: table, Key: itemKey('GROUPS', group) });
    },
  };
}

export type DirectoryStore = ReturnType<typeof createDirectoryStore>;
