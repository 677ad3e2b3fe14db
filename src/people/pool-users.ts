// The user pool's users and the people that they mirror.
import type { Documents } from '../aws/clients.ts';
import { updateIf } from '../aws/conditions.ts';
import { shareReads } from '../aws/shared-reads.ts';
import { organisationOf } from './organisation.ts';
import { listed, personKey } from './person.keys.ts';
import type { KnownPerson } from './person-record.ts';
import type { Team } from './team.ts';

export function createPoolUsers({ documents, table }: { documents: Documents; table: string }) {
  const link = (username: string) => ({ pk: `POOL-USER#${username}`, sk: 'LINK' });

  const readLink = shareReads(async (username: string) => {
    const { Item } = await documents.get({ TableName: table, Key: link(username), ConsistentRead: true });
    return (
      Item && {
        id: String(Item.personId),
        name: String(Item.name),
        email: String(Item.email),
        organisationId: organisationOf(Item),
      }
    );
  });

  return {
    /** Removes the mark of a pending mirror unless the person's groups have changed since. */
    async markMirrored(id: string, groups: string[], poolUsername: string) {
      const stillTheSame = 'mirrorWanted = :groups'; // a sign-in under way may have changed them: its mark stays
      await updateIf(documents, {
        TableName: table,
        Key: personKey(id),
        UpdateExpression: 'SET poolUsername = :username REMOVE mirrorWanted, dueKey, dueAt',
        ConditionExpression: stillTheSame,
        ExpressionAttributeValues: { ':groups': JSON.stringify(groups), ':username': poolUsername },
      });
    },

    /** Links a pool user to the person it mirrors: a token of that user acts as this person. */
    async linkPoolUser({
      username,
      person,
    }: {
      username: string;
      person: KnownPerson & { organisationId?: string; teams?: Team[] };
    }) {
      const { id, name, email, organisationId, teams = [] } = person;
      await documents.put({
        TableName: table,
        Item: { ...link(username), personId: id, name, email, organisationId: organisationOf(person) },
      });
      // a person who only uses tokens can be signed out and blocked too
      await documents.update({
        TableName: table,
        Key: personKey(id),
        UpdateExpression:
          'SET id = if_not_exists(id, :id), #name = if_not_exists(#name, :name), email = if_not_exists(email, :email), kindKey = if_not_exists(kindKey, :kind), kindSort = if_not_exists(kindSort, :sort), ownerKey = if_not_exists(ownerKey, :names), ownerSort = if_not_exists(ownerSort, :nameSort), organisationId = if_not_exists(organisationId, :organisation), teams = if_not_exists(teams, :teams)',
        ExpressionAttributeNames: { '#name': 'name' },
        ExpressionAttributeValues: {
          ':id': id,
          ':name': name,
          ':email': email,
          ':organisation': organisationOf(person),
          ':teams': teams,
          ...listed({ id, name, email, organisationId }),
        },
      });
    },

    findByPoolUser: (username: string): Promise<(KnownPerson & { organisationId: string }) | undefined> =>
      readLink(username),
  };
}
