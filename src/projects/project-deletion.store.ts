// Deletes a project: hidden at once, then emptied, then removed.
import { writeBatches } from '../aws/batches.ts';
import type { Documents } from '../aws/clients.ts';
import { updateIf } from '../aws/conditions.ts';
import { shardKey } from '../aws/shards.ts';
import { projectKey } from './project-item.ts';
import type { ProjectSummaries } from './project-summary.store.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  summaries: Pick<ProjectSummaries, 'remove'>;
}

export function createProjectDeletions({ documents, table, summaries }: Dependencies) {
  return {
    /**
     * Hides the project from every list and read. The item stays until all its contents are deleted. It is due, so
     * that the sweeper finishes an interrupted deletion.
     */
    async markDeleted(projectId: string, deletedAt: Date, dueAt: Date): Promise<boolean> {
      const notYetDeleted = 'attribute_exists(pk) AND attribute_not_exists(deletedAt)';
      const marked = await updateIf(documents, {
        TableName: table,
        Key: projectKey(projectId),
        UpdateExpression:
          'SET deletedAt = :deletedAt, dueKey = :dueKey, dueAt = :dueAt REMOVE ownerKey, ownerSort, kindKey, kindSort',
        ConditionExpression: notYetDeleted,
        ExpressionAttributeValues: {
          ':deletedAt': deletedAt.toISOString(),
          ':dueKey': shardKey('PROJECT', projectId),
          ':dueAt': dueAt.toISOString(),
        },
      });
      return marked !== undefined;
    },

    async remove(projectId: string) {
      await documents.delete({ TableName: table, Key: projectKey(projectId) });
    },

    /** Deletes every item in the project except its own. */
    async removeContents(projectId: string) {
      await summaries.remove(projectId); // first, because the list by last change shows what its index holds
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
        const deletions = contents.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } }));
        await writeBatches({ documents, table }, deletions);
      }
    },
  };
}
