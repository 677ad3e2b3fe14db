// Project summaries for lists: a copy of the project, and what its pages add up to. A change marks the summary as stale;
// listing the project, or the sweeper, derives it again. There are no incremented counters.
import { ulid as makeUlid } from 'ulid';
import type { Documents } from '../aws/clients.ts';
import { putIf, updateIf } from '../aws/conditions.ts';
import { shardKey } from '../aws/shards.ts';
import type { Logger } from '../runtime/logger.ts';
import { foldName } from '../text/names.ts';
import { projectPartition } from './project.keys.ts';
import type { Project } from './project.ts';
import { listKeys, nameSort } from './project-item.ts';
import type { ProjectFacts, ProjectSummary } from './project-summary.ts';
import type { SharedEntries } from './shared-entries.store.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  shared: Pick<SharedEntries, 'follow'>;
  logger: Logger;
  now: () => Date;
}

export const summaryKey = (projectId: string) => ({ pk: projectPartition(projectId), sk: 'SUMMARY' });
/** Who it is shared with is read from the project alone. */
const copyOf = ({ members: _, ...project }: Project) => project;
const nameKey = (projectId: string) => ({ pk: projectPartition(projectId), sk: 'NAME' });

/** Changes within this time are derived once. */
const debounceMs = 5000;
/** By then a project that was being created exists, or its creation failed. */
const createdWithinMs = 60_000;

export function createProjectSummaries({ documents, table, shared, logger, now }: Dependencies) {
  function nameItem(project: Project) {
    return {
      ...nameKey(project.id),
      id: project.id,
      folded: foldName(project.name),
      ownerKey: listKeys.ownedBy('name', project.ownerId),
      ownerSort: nameSort(project),
      kindKey: shardKey(listKeys.allOf('name', project.organisationId), project.id),
      kindSort: nameSort(project),
    };
  }

  function summaryItem(project: Project, changedAt: string) {
    return {
      ...summaryKey(project.id),
      id: project.id,
      projectCopy: copyOf(project),
      folded: foldName(project.name),
      changedAt,
      ownerKey: listKeys.ownedBy('changed', project.ownerId),
      ownerSort: `${changedAt}#${project.id}`,
      kindKey: shardKey(listKeys.allOf('changed', project.organisationId), project.id),
      kindSort: `${changedAt}#${project.id}`,
    };
  }

  async function find(projectId: string): Promise<ProjectSummary | undefined> {
    const { Item } = await documents.get({
      TableName: table,
      Key: summaryKey(projectId),
      ConsistentRead: true,
    });
    return Item as ProjectSummary | undefined;
  }

  return {
    find,

    /** Written before the project, as stale: lists skip it, and the sweeper removes it, when the project is missing. */
    async create(project: Project) {
      const at = now().getTime();
      const summary = {
        ...summaryItem(project, project.createdAt),
        stale: makeUlid(at),
        dueKey: shardKey('SUMMARY', project.id),
        dueAt: new Date(at + createdWithinMs).toISOString(),
      };
      const items = [summary, nameItem(project)];
      await Promise.all(items.map((Item) => documents.put({ TableName: table, Item })));
    },

    /** Takes a project that is deleted, or was never created, off the lists. */
    async remove(projectId: string) {
      const keys = [summaryKey(projectId), nameKey(projectId)];
      await Promise.all(keys.map((Key) => documents.delete({ TableName: table, Key })));
    },

    /**
     * Marks the project's facts as stale. A failure here does not undo the change: the next view of the project
     * corrects the summary.
     */
    async touch(projectId: string) {
      const at = now();
      const changedAt = at.toISOString();
      const stillThere = 'attribute_exists(pk)';
      try {
        await updateIf(documents, {
          TableName: table,
          Key: summaryKey(projectId),
          UpdateExpression:
            'SET changedAt = :at, ownerSort = :sort, kindSort = :sort, stale = :stale, dueKey = :due, dueAt = :dueAt',
          ConditionExpression: stillThere,
          ExpressionAttributeValues: {
            ':at': changedAt,
            ':sort': `${changedAt}#${projectId}`,
            ':stale': makeUlid(at.getTime()),
            ':due': shardKey('SUMMARY', projectId),
            ':dueAt': new Date(at.getTime() + debounceMs).toISOString(),
          },
        });
      } catch (error) {
        logger.warn({ err: error, projectId }, 'could not mark a project summary as stale');
      }
    },

    /**
     * Writes facts that were derived after `seen` was read. `false`: the project has changed since, so they are dropped, and
     * derived again.
     */
    async derive(project: Project, facts: ProjectFacts, seen: ProjectSummary | undefined): Promise<boolean> {
      await documents.put({ TableName: table, Item: nameItem(project) });
      if (project.members) await shared.follow(project, seen?.changedAt ?? project.createdAt);
      if (!seen) {
        return putIf(documents, {
          TableName: table,
          Item: { ...summaryItem(project, project.createdAt), facts },
          ConditionExpression: 'attribute_not_exists(pk)', // no other request was faster
        });
      }
      const noChangeSince = seen.stale
        ? 'stale = :seen'
        : 'attribute_exists(pk) AND attribute_not_exists(stale)';
      const derived = await updateIf(documents, {
        TableName: table,
        Key: summaryKey(project.id),
        UpdateExpression:
          'SET facts = :facts, projectCopy = :project, folded = :folded, ownerKey = :owner REMOVE stale, dueKey, dueAt',
        ConditionExpression: noChangeSince,
        ExpressionAttributeValues: {
          ':facts': facts,
          ':owner': listKeys.ownedBy('changed', project.ownerId),
          ':project': copyOf(project),
          ':folded': foldName(project.name),
          ...(seen.stale ? { ':seen': seen.stale } : {}),
        },
      });
      return derived !== undefined;
    },

    /** Called when the project has changed, or its owner. */
    async copy(project: Project) {
      await documents.put({ TableName: table, Item: nameItem(project) });
      await updateIf(documents, {
        TableName: table,
        Key: summaryKey(project.id),
        UpdateExpression: 'SET projectCopy = :project, folded = :folded, ownerKey = :owner',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: {
          ':project': copyOf(project),
          ':folded': foldName(project.name),
          ':owner': listKeys.ownedBy('changed', project.ownerId),
        },
      });
    },

    /** Adds the copy to a summary that was written before there were copies. */
    async addCopy(project: Project) {
      const nobodyDid = 'attribute_exists(pk) AND attribute_not_exists(projectCopy) AND folded = :folded';
      await updateIf(documents, {
        TableName: table,
        Key: summaryKey(project.id),
        UpdateExpression: 'SET projectCopy = :project',
        ConditionExpression: nobodyDid,
        ExpressionAttributeValues: { ':project': copyOf(project), ':folded': foldName(project.name) },
      });
    },
  };
}

export type ProjectSummaries = ReturnType<typeof createProjectSummaries>;
