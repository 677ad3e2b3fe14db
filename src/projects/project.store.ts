import type { Documents } from '../aws/clients.ts';
import { unlessConditionFails } from '../aws/conditions.ts';
import { shareReads } from '../aws/shared-reads.ts';
import type { Project } from './project.ts';

interface Dependencies {
  documents: Documents;
  table: string;
}

export interface ProjectList {
  items: Project[];
  /** Where the next page begins: the id of the last project of this one. */
  cursor?: string;
}

/** The project's item key. A project's pages and exports lie in the same partition. */
const projectKey = (projectId: string) => ({ pk: `PROJECT#${projectId}`, sk: 'PROJECT' });

/** All projects are one partition of the index `byKind`; a person's own one of `byOwner`. ULIDs sort by time. */
const allProjects = 'PROJECT';
const ownedBy = (personId: string) => `PROJECTS#${personId}`;

export function createProjectStore({ documents, table }: Dependencies) {
  const find = shareReads(async (projectId: string): Promise<Project | undefined> => {
    const { Item } = await documents.get({
      TableName: table,
      Key: projectKey(projectId),
      ConsistentRead: true,
    });
    return Item && !Item.deletedAt ? toProject(Item) : undefined;
  });

  const list = shareReads(
    async (
      index: 'byOwner' | 'byKind',
      key: string,
      limit: number,
      cursor: string | undefined,
    ): Promise<ProjectList> => {
      const [hash, range] = index === 'byOwner' ? ['ownerKey', 'ownerSort'] : ['kindKey', 'kindSort'];
      const { Items = [] } = await documents.query({
        TableName: table,
        IndexName: index,
        KeyConditionExpression: `${hash} = :key${cursor ? ` AND ${range} < :cursor` : ''}`,
        ExpressionAttributeValues: { ':key': key, ...(cursor ? { ':cursor': cursor } : {}) },
        ScanIndexForward: false,
        Limit: limit + 1,
      });
      const items = Items.slice(0, limit).map(toProject);
      return Items.length > limit ? { items, cursor: items.at(-1)?.id } : { items };
    },
  );

  return {
    find,

    async create(project: Project) {
      await documents.put({
        TableName: table,
        Item: {
          ...projectKey(project.id),
          ...project,
          ownerKey: ownedBy(project.ownerId),
          ownerSort: project.id,
          kindKey: allProjects,
          kindSort: project.id,
        },
        ConditionExpression: 'attribute_not_exists(pk)',
      });
    },

    listOwnedBy: (personId: string, limit: number, cursor?: string) =>
      list('byOwner', ownedBy(personId), limit, cursor),

    listAll: (limit: number, cursor?: string) => list('byKind', allProjects, limit, cursor),

    async rename(projectId: string, name: string): Promise<Project | undefined> {
      const stillThere = 'attribute_exists(pk) AND attribute_not_exists(deletedAt)';
      const renamed = await unlessConditionFails(() =>
        documents.update({
          TableName: table,
          Key: projectKey(projectId),
          UpdateExpression: 'SET #name = :name',
          ConditionExpression: stillThere,
          ExpressionAttributeNames: { '#name': 'name' },
          ExpressionAttributeValues: { ':name': name },
          ReturnValues: 'ALL_NEW',
        }),
      );
      return renamed?.Attributes && toProject(renamed.Attributes);
    },

    /**
     * Takes the project out of every list and reading at once. The item stays until everything in it is deleted, and
     * is due, so that a deletion that was cut short is finished by the sweeper.
     */
    async markDeleted(projectId: string, deletedAt: Date, dueAt: Date): Promise<boolean> {
      const notYetDeleted = 'attribute_exists(pk) AND attribute_not_exists(deletedAt)';
      const marked = await unlessConditionFails(() =>
        documents.update({
          TableName: table,
          Key: projectKey(projectId),
          UpdateExpression:
            'SET deletedAt = :deletedAt, dueKey = :dueKey, dueAt = :dueAt REMOVE ownerKey, ownerSort, kindKey, kindSort',
          ConditionExpression: notYetDeleted,
          ExpressionAttributeValues: {
            ':deletedAt': deletedAt.toISOString(),
            ':dueKey': 'PROJECT',
            ':dueAt': dueAt.toISOString(),
          },
        }),
      );
      return marked !== undefined;
    },

    async remove(projectId: string) {
      await documents.delete({ TableName: table, Key: projectKey(projectId) });
    },

    /** Deletes every item of the project but the project's own: pages and exports, 25 a request. */
    async removeContents(projectId: string) {
      for (;;) {
        const { Items = [] } = await documents.query({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': projectKey(projectId).pk },
          ProjectionExpression: 'pk, sk',
          ConsistentRead: true,
        });
        const contents = Items.filter((item) => item.sk !== 'PROJECT');
        if (contents.length === 0) return;
        for (let start = 0; start < contents.length; start += 25) {
          await removeBatch(contents.slice(start, start + 25).map(({ pk, sk }) => ({ pk, sk })));
        }
      }
    },
  };

  async function removeBatch(keys: { pk: string; sk: string }[]) {
    let left = keys.map((Key) => ({ DeleteRequest: { Key } }));
    while (left.length > 0) {
      const { UnprocessedItems } = await documents.batchWrite({ RequestItems: { [table]: left } });
      left = (UnprocessedItems?.[table] ?? []) as typeof left;
    }
  }
}

export type ProjectStore = ReturnType<typeof createProjectStore>;

function toProject(item: Record<string, unknown>): Project {
  const { id, name, ownerId, ownerName, createdAt } = item as unknown as Project;
  return { id, name, ownerId, ownerName, createdAt };
}
