// The entries by which those a project is shared with find it: two items for each member. They are derived from the
// project's own item, which alone decides who may see it; lists and searches check each entry against it.
import type { Documents } from '../aws/clients.ts';
import { queryAll } from '../aws/query-all.ts';
import { foldName } from '../text/names.ts';
import { projectPartition } from './project.keys.ts';
import type { Project } from './project.ts';
import { listKeys, nameSort } from './project-item.ts';

interface Dependencies {
  documents: Documents;
  table: string;
}

const prefix = 'WITH#';

export function createSharedEntries({ documents, table }: Dependencies) {
  const keysOf = (projectId: string, memberId: string) => ({
    newest: { pk: projectPartition(projectId), sk: `${prefix}${memberId}` },
    changed: { pk: projectPartition(projectId), sk: `${prefix}${memberId}#CHANGED` },
  });

  async function remove(projectId: string, memberId: string) {
    const keys = Object.values(keysOf(projectId, memberId));
    await Promise.all(keys.map((Key) => documents.delete({ TableName: table, Key })));
  }

  async function put(project: Project, memberId: string, changedAt: string) {
    const { id, ownerId } = project;
    const keys = keysOf(id, memberId);
    const entry = { id, ownerId, memberId, folded: foldName(project.name) };
    const items = [
      {
        ...keys.newest,
        ...entry,
        ownerKey: listKeys.sharedWith('newest', memberId),
        ownerSort: id,
        kindKey: listKeys.sharedWith('name', memberId),
        kindSort: nameSort(project),
      },
      {
        ...keys.changed,
        ...entry,
        ownerKey: listKeys.sharedWith('changed', memberId),
        ownerSort: `${changedAt}#${id}`,
      },
    ];
    await Promise.all(items.map((Item) => documents.put({ TableName: table, Item })));
  }

  return {
    put,
    remove,

    /** Makes the entries what the project's item says. */
    async follow(project: Project, changedAt: string) {
      const found = await queryAll(documents, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :with)',
        ExpressionAttributeValues: { ':pk': projectPartition(project.id), ':with': prefix },
        ConsistentRead: true,
      });
      const members = new Set(project.members?.map(({ id }) => id));
      const former = new Set(found.map(({ memberId }) => String(memberId)).filter((id) => !members.has(id)));
      await Promise.all([
        ...[...members].map((id) => put(project, id, changedAt)),
        ...[...former].map((id) => remove(project.id, id)),
      ]);
    },

    /** The projects that are shared with any of these, and whose they are. Some may no longer be. */
    async listFor(memberIds: string[]): Promise<{ projectId: string; ownerId: string }[]> {
      const found = await Promise.all(
        memberIds.map((memberId) =>
          queryAll(documents, {
            TableName: table,
            IndexName: 'byOwner',
            KeyConditionExpression: 'ownerKey = :key',
            ExpressionAttributeValues: { ':key': listKeys.sharedWith('newest', memberId) },
            ProjectionExpression: 'id, ownerId',
          }),
        ),
      );
      return found.flat().map(({ id, ownerId }) => ({ projectId: String(id), ownerId: String(ownerId) }));
    },
  };
}

export type SharedEntries = ReturnType<typeof createSharedEntries>;
