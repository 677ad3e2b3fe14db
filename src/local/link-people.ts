import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { createPersonStore } from '../people/person.store.ts';
import { personIdOf } from '../people/person.ts';

/**
 * Links the local pool's users to the identity provider's people, so that a token works before the person's first
 * sign-in.
 */
export async function linkPeople(options: {
  endpoint: string;
  region: string;
  table: string;
  issuer: string;
  people: { email: string; name: string; nameId: string; cognitoUsername: string }[];
}): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint: options.endpoint, region: options.region, credentials });
  const store = createPersonStore({ documents: DynamoDBDocument.from(client), table: options.table });
  try {
    await Promise.all(
      options.people.map(({ email, name, nameId, cognitoUsername }) =>
        store.linkPoolUser({
          username: cognitoUsername,
          person: { id: personIdOf(options.issuer, nameId), name, email },
        }),
      ),
    );
  } finally {
    client.destroy();
  }
}
