// All that a project's page shows, read by one query. What the items mean is known to the stores that wrote them.
import type { Documents } from '../aws/clients.ts';
import { queryAll } from '../aws/query-all.ts';
import { shareReads } from '../aws/shared-reads.ts';
import { projectPartition, shownKeys } from './project.keys.ts';

type Item = Record<string, unknown>;

/** A project's items as they were at one time. Shared by those who asked for them at once: do not change them. */
export interface ProjectContents {
  projectId: string;
  /** The item with this sort key. */
  item: (sk: string) => Item | undefined;
  /** All items whose sort key begins so, in its order. */
  items: (prefix: string) => Item[];
}

export function createProjectContents({ documents, table }: { documents: Documents; table: string }) {
  return {
    read: shareReads(async (projectId: string): Promise<ProjectContents> => {
      const found = await queryAll(documents, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
        ExpressionAttributeValues: {
          ':pk': projectPartition(projectId),
          ':first': shownKeys.first,
          ':last': shownKeys.last,
        },
        ConsistentRead: true,
      });
      return {
        projectId,
        item: (sk) => found.find((item) => item.sk === sk),
        items: (prefix) => found.filter((item) => String(item.sk).startsWith(prefix)),
      };
    }),
  };
}

export type ProjectContentsStore = ReturnType<typeof createProjectContents>;
