import { readBatches } from '../aws/batches.ts';
import type { Documents } from '../aws/clients.ts';
import { putIf, updateIf } from '../aws/conditions.ts';
import { shardKey } from '../aws/shards.ts';
import { shareReads } from '../aws/shared-reads.ts';
import { foldName } from '../text/names.ts';
import type { Project, ProjectChange } from './project.ts';
import type { ProjectContents } from './project-contents.store.ts';
import { createProjectDeletions } from './project-deletion.store.ts';
import { listKeys, projectKey, toProject } from './project-item.ts';
import { createProjectList } from './project-list.store.ts';
import { createProjectMembers } from './project-members.store.ts';
import { createProjectOwners } from './project-owner.store.ts';
import { type ProjectSummaries, summaryKey } from './project-summary.store.ts';
import type { ListedProject, ProjectSummary } from './project-summary.ts';
import type { SharedEntries } from './shared-entries.store.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  summaries: Pick<ProjectSummaries, 'create' | 'copy' | 'addCopy' | 'touch' | 'remove'>;
  shared: SharedEntries;
  /** Keeps the search index in step with project names. */
  following: <T>(what: { projectId: string }, change: () => Promise<T>) => Promise<T>;
}

export function createProjectStore({ documents, table, summaries, shared, following }: Dependencies) {
  const find = shareReads(async (projectId: string): Promise<Project | undefined> => {
    const { Item } = await documents.get({
      TableName: table,
      Key: projectKey(projectId),
      ConsistentRead: true,
    });
    return Item && !Item.deletedAt ? toProject(Item) : undefined;
  });

  const readMany = shareReads(async (...ids: string[]): Promise<ListedProject[]> => {
    const keys = ids.flatMap((id) => [projectKey(id), summaryKey(id)]);
    const items = await readBatches({ documents, table }, keys);
    const found = new Map(items.map((item) => [`${item.pk} ${item.sk}`, item]));
    return ids.flatMap((id) => {
      const item = found.get(`PROJECT#${id} PROJECT`);
      if (!item || item.deletedAt) return [];
      const summary = found.get(`PROJECT#${id} SUMMARY`) as ProjectSummary | undefined;
      return [{ project: toProject(item), summary }];
    });
  });

  /** Projects with their summaries, in the order of the ids. Deleted ones are left out. */
  const findMany = async (ids: string[]) => (ids.length === 0 ? [] : readMany(...ids));

  return {
    find,

    findMany,

    /** The project and what its pages added up to, unless it is deleted. */
    findIn(contents: ProjectContents): ListedProject | undefined {
      const item = contents.item('PROJECT');
      if (!item || item.deletedAt) return undefined;
      return { project: toProject(item), summary: contents.item('SUMMARY') as ProjectSummary | undefined };
    },

    async create(project: Project) {
      await summaries.create(project);
      const isCreated = await following({ projectId: project.id }, () =>
        putIf(documents, {
          TableName: table,
          Item: {
            ...projectKey(project.id),
            ...project,
            folded: foldName(project.name),
            ownerKey: listKeys.ownedBy('newest', project.ownerId),
            ownerSort: project.id,
            kindKey: shardKey(listKeys.allOf('newest', project.organisationId), project.id),
            kindSort: project.id,
          },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
      if (!isCreated) throw new Error(`The project ${project.id} already exists`);
    },

    list: createProjectList({ documents, table, findMany, summaries }),

    /** `undefined`: the project is gone. */
    async change(projectId: string, { name, languages }: ProjectChange): Promise<Project | undefined> {
      const stillThere = 'attribute_exists(pk) AND attribute_not_exists(deletedAt)';
      const change = () =>
        updateIf(documents, {
          TableName: table,
          Key: projectKey(projectId),
          UpdateExpression: [
            ...(name === undefined ? [] : ['#name = :name', 'folded = :folded']),
            ...(languages === undefined ? [] : ['languages = :languages']),
          ].reduce((set, each, at) => `${set}${at === 0 ? 'SET ' : ', '}${each}`, ''),
          ConditionExpression: stillThere,
          ...(name === undefined ? {} : { ExpressionAttributeNames: { '#name': 'name' } }),
          ExpressionAttributeValues: {
            ...(name === undefined ? {} : { ':name': name, ':folded': foldName(name) }),
            ...(languages === undefined ? {} : { ':languages': languages }),
          },
          ReturnValues: 'ALL_NEW',
        });
      const changed = await (name === undefined ? change() : following({ projectId }, change));
      if (!changed) return undefined;
      const project = toProject(changed);
      await summaries.copy(project);
      await summaries.touch(projectId);
      return project;
    },

    ...createProjectMembers({ documents, table, summaries, shared }),
    ...createProjectOwners({ documents, table }),
    ...createProjectDeletions({ documents, table, summaries }),

    /** Carries the lists over to the owner that the project has now. */
    async followOwner(project: Project) {
      await summaries.copy(project);
      for (const { id } of project.members ?? []) await shared.put(project, id, project.createdAt);
      await summaries.touch(project.id);
    },
  };
}

export type ProjectStore = ReturnType<typeof createProjectStore>;
