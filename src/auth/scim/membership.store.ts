// Who is in which group of the directory: each membership lies beside the user, and beside the group.
import type { Documents } from '../../aws/clients.ts';
import { groupPartition, userPartition } from './directory.keys.ts';
import type { Membership } from './directory-user.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  /** The items of a partition whose sort keys begin so. */
  query: (pk: string, start?: string) => Promise<Record<string, unknown>[]>;
  /** Tells those who read the user before that something has changed. */
  countChange: (organisationId: string, userId: string) => Promise<void>;
}

export function createMembershipStore({ documents, table, query, countChange }: Dependencies) {
  return {
    /** The people whom a user is, and the groups that they were put into or taken out of. */
    async readRelations(userId: string): Promise<{ personIds: string[]; memberships: Membership[] }> {
      const items = await query(userPartition(userId));
      return {
        personIds: items.filter((item) => 'personId' in item).map((item) => String(item.personId)),
        memberships: items.filter((item) => 'groupId' in item) as unknown as Membership[],
      };
    },

    /** Everyone whom the group has or had. */
    membersOf: async (groupId: string) =>
      (await query(groupPartition(groupId), 'MEMBER#')) as unknown as Membership[],

    /**
     * Puts a user into a group or takes them out. The group lists everyone who may be in it, wherever this is cut short. The
     * user's version then tells that something changed.
     */
    async setMembership(organisationId: string, { userId, groupId, isIn }: Membership) {
      const membership = { userId, groupId, isIn };
      const inUser = { pk: userPartition(userId), sk: `IN#${groupId}`, ...membership };
      const inGroup = { pk: groupPartition(groupId), sk: `MEMBER#${userId}`, ...membership };
      for (const Item of isIn ? [inGroup, inUser] : [inUser, inGroup])
        await documents.put({ TableName: table, Item });
      await countChange(organisationId, userId);
    },

    async forgetMembership(
      organisationId: string,
      { userId, groupId }: Pick<Membership, 'userId' | 'groupId'>,
    ) {
      await documents.delete({ TableName: table, Key: { pk: userPartition(userId), sk: `IN#${groupId}` } });
      await documents.delete({
        TableName: table,
        Key: { pk: groupPartition(groupId), sk: `MEMBER#${userId}` },
      });
      await countChange(organisationId, userId);
    },
  };
}
