import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { defaultOrganisationId } from '../people/organisation.ts';
import { createPersonStore } from '../people/person.store.ts';
import { personIdOf } from '../people/person.ts';
import { createTeamStore } from '../people/team.store.ts';
import { teamIdOf } from '../people/team.ts';

/**
 * Links the local pool's users to the identity provider's people, so that a token works before the person's first
 * sign-in.
 */
export async function linkPeople(options: {
  endpoint: string;
  region: string;
  table: string;
  issuer: string;
  people: { email: string; name: string; nameId: string; cognitoUsername: string; teams: string[] }[];
}): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint: options.endpoint, region: options.region, credentials });
  const documents = DynamoDBDocument.from(client);
  const store = createPersonStore({ documents, table: options.table });
  const teamStore = createTeamStore({ documents, table: options.table });
  const teamOf = (name: string) => ({ id: teamIdOf(defaultOrganisationId, name), name });
  try {
    const teams = new Set(options.people.flatMap((person) => person.teams));
    await teamStore.save(defaultOrganisationId, [...teams].map(teamOf));
    await Promise.all(
      options.people.map(({ email, name, nameId, cognitoUsername, teams }) =>
        store.linkPoolUser({
          username: cognitoUsername,
          person: { id: personIdOf(options.issuer, nameId), name, email, teams: teams.map(teamOf) },
        }),
      ),
    );
  } finally {
    client.destroy();
  }
}
