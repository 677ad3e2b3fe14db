// The events of a project in their order, and what was told of it. A project's events outlive it for as long as a delivery is
// tried.
import type { Documents } from '../aws/clients.ts';
import { putIf } from '../aws/conditions.ts';
import { queryAll } from '../aws/query-all.ts';
import type { ProjectEvent } from './event.ts';
import type { Told } from './project-events.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  now: () => Date;
}

const keptMs = 30 * 24 * 60 * 60_000;
const partitionOf = (projectId: string) => `EVENTS#${projectId}`;
const eventKey = (projectId: string, number: number) => ({
  pk: partitionOf(projectId),
  sk: `EVENT#${String(number).padStart(12, '0')}`,
});
const toldKey = (projectId: string) => ({ pk: partitionOf(projectId), sk: 'TOLD' });

export function createEventStore({ documents, table, now }: Dependencies) {
  const expiresAt = () => Math.ceil((now().getTime() + keptMs) / 1000);

  return {
    async findTold(projectId: string): Promise<Told | undefined> {
      const Key = toldKey(projectId);
      const { Item } = await documents.get({ TableName: table, Key, ConsistentRead: true });
      return Item as Told | undefined;
    },

    /**
     * Appends events, then notes that they were told. `false`: another process was faster; what it told is read again. An
     * event that lies there already is the same, because it follows from the same state.
     */
    async tell(before: Told | undefined, events: ProjectEvent[], told: Told): Promise<boolean> {
      for (const event of events)
        await putIf(documents, {
          TableName: table,
          Item: { ...eventKey(event.projectId, event.number), ...event, expiresAt: expiresAt() },
          ConditionExpression: 'attribute_not_exists(pk)',
        });
      const isAsBefore = before ? '#number = :before AND #version = :version' : 'attribute_not_exists(pk)';
      const version = Number((before as { version?: number } | undefined)?.version ?? 0);
      return putIf(documents, {
        TableName: table,
        Item: { ...told, ...toldKey(told.projectId), version: version + 1 },
        ConditionExpression: isAsBefore,
        ...(before
          ? {
              ExpressionAttributeNames: { '#number': 'number', '#version': 'version' },
              ExpressionAttributeValues: { ':before': before.number, ':version': version },
            }
          : {}),
      });
    },

    /** A project's events after a number, in their order. */
    async list(projectId: string, after: number, limit: number): Promise<ProjectEvent[]> {
      const found = await queryAll(
        documents,
        {
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: {
            ':pk': partitionOf(projectId),
            ':from': eventKey(projectId, after + 1).sk,
            ':to': 'EVENT#~',
          },
          ConsistentRead: true,
          Limit: limit,
        },
        limit,
      );
      return found.slice(0, limit) as unknown as ProjectEvent[];
    },

    async find(projectId: string, number: number): Promise<ProjectEvent | undefined> {
      const Key = eventKey(projectId, number);
      const { Item } = await documents.get({ TableName: table, Key, ConsistentRead: true });
      return Item as ProjectEvent | undefined;
    },
  };
}

export type EventStore = ReturnType<typeof createEventStore>;
