// The teams that people of an organisation are in, as their sign-ins brought them.
import type { Documents } from '../aws/clients.ts';
import { putIf } from '../aws/conditions.ts';
import { queryShards, shardKey } from '../aws/shards.ts';
import { foldName } from '../text/names.ts';
import { keyOfOrganisation } from './organisation.ts';
import type { Team } from './team.ts';

interface Dependencies {
  documents: Documents;
  table: string;
}

export interface KnownTeam extends Team {
  organisationId: string;
}

const teamKey = (id: string) => ({ pk: `TEAM#${id}`, sk: 'TEAM' });
const allOf = (organisationId: string) => keyOfOrganisation('TEAM', organisationId);

export function createTeamStore({ documents, table }: Dependencies) {
  /** Teams that this process has stored: a sign-in writes each only once. */
  const stored = new Set<string>();

  return {
    /** Remembers teams, so that projects can be shared with them. */
    async save(organisationId: string, teams: Team[]) {
      for (const { id, name } of teams.filter((team) => !stored.has(team.id))) {
        await putIf(documents, {
          TableName: table,
          Item: {
            ...teamKey(id),
            id,
            name,
            organisationId,
            kindKey: shardKey(allOf(organisationId), id),
            kindSort: `${foldName(name)} ${id}`,
          },
          ConditionExpression: 'attribute_not_exists(pk)', // it is known, with the name it had first
        });
        stored.add(id);
      }
    },

    async find(id: string): Promise<KnownTeam | undefined> {
      const { Item } = await documents.get({ TableName: table, Key: teamKey(id), ConsistentRead: true });
      return Item && { id, name: String(Item.name), organisationId: String(Item.organisationId) };
    },

    /** The organisation's teams whose names begin so, by name. */
    async listByName(organisationId: string, start: string, limit: number): Promise<Team[]> {
      const from = foldName(start.trim());
      const { items } = await queryShards(documents, {
        TableName: table,
        IndexName: 'byKind',
        hash: 'kindKey',
        range: 'kindSort',
        key: allOf(organisationId),
        ...(from
          ? { condition: 'begins_with(kindSort, :from)', ExpressionAttributeValues: { ':from': from } }
          : {}),
        atMost: limit,
      });
      return items.map(({ id, name }) => ({ id: String(id), name: String(name) }));
    },
  };
}

export type TeamStore = ReturnType<typeof createTeamStore>;
