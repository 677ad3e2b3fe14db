// Hands a project over to another owner, on the project's own item.
import type { Documents } from '../aws/clients.ts';
import { updateIf } from '../aws/conditions.ts';
import { shardKey } from '../aws/shards.ts';
import type { Project } from './project.ts';
import { listKeys, projectKey, toProject } from './project-item.ts';

interface Dependencies {
  documents: Documents;
  table: string;
}

export function createProjectOwners({ documents, table }: Dependencies) {
  return {
    /**
     * Makes someone else the owner; what was assigned to the one before is assigned to no one. `undefined`: the project is gone, or its owner has changed. The project is due until
     * `finishHandOver`, so that the sweeper carries an interrupted one to its end.
     */
    async changeOwner(
      project: Project,
      owner: { id: string; name: string },
      dueAt: Date,
    ): Promise<Project | undefined> {
      const isTheirs = project.assignment?.id === project.ownerId;
      const isStillTheirs = 'ownerId = :before AND attribute_not_exists(deletedAt)';
      const changed = await updateIf(documents, {
        TableName: table,
        Key: projectKey(project.id),
        UpdateExpression: `SET ownerId = :id, ownerName = :name, ownerKey = :owner, ownerSort = :sort, dueKey = :due, dueAt = :dueAt${isTheirs ? ' REMOVE assignment' : ''}`,
        ConditionExpression: isStillTheirs,
        ExpressionAttributeValues: {
          ':before': project.ownerId,
          ':id': owner.id,
          ':name': owner.name,
          ':owner': listKeys.ownedBy('newest', owner.id),
          ':sort': project.id,
          ':due': shardKey('HANDED-OVER', project.id),
          ':dueAt': dueAt.toISOString(),
        },
        ReturnValues: 'ALL_NEW',
      });
      return changed && toProject(changed);
    },

    /** Nothing is left to do for this owner. */
    async endHandOver({ id, ownerId }: Project) {
      await updateIf(documents, {
        TableName: table,
        Key: projectKey(id),
        UpdateExpression: 'REMOVE dueKey, dueAt',
        ConditionExpression: 'ownerId = :owner AND attribute_not_exists(deletedAt)', // not meanwhile someone else's, or deleted
        ExpressionAttributeValues: { ':owner': ownerId },
      });
    },
  };
}
