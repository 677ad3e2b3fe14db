// People as they were at their last sign-in, and the link from the user pool's usernames to them.
import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import type { Person } from './person.ts';

interface KnownPerson {
  id: string;
  name: string;
  email: string;
}

export function createPersonStore({ documents, table }: { documents: DynamoDBDocument; table: string }) {
  return {
    async save({ id, name, email }: Person, signedInAt: Date) {
      await documents.put({
        TableName: table,
        Item: { pk: `PERSON#${id}`, sk: 'PERSON', id, name, email, signedInAt: signedInAt.toISOString() },
      });
    },

    /** Says whose mirror a user of the pool is: whoever holds that user's token acts as this person. */
    async linkPoolUser({ username, person }: { username: string; person: KnownPerson }) {
      const { id, name, email } = person;
      await documents.put({
        TableName: table,
        Item: { pk: `POOL-USER#${username}`, sk: 'LINK', personId: id, name, email },
      });
    },

    async findByPoolUser(username: string): Promise<KnownPerson | undefined> {
      const { Item } = await documents.get({
        TableName: table,
        Key: { pk: `POOL-USER#${username}`, sk: 'LINK' },
        ConsistentRead: true,
      });
      return Item && { id: Item.personId, name: Item.name, email: Item.email };
    },
  };
}

export type PersonStore = ReturnType<typeof createPersonStore>;
