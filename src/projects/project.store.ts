import { readBatches, writeBatches } from '../aws/batches.ts';
import type { Documents } from '../aws/clients.ts';
import { putIf, updateIf } from '../aws/conditions.ts';
import { queryAll } from '../aws/query-all.ts';
import { queryShards, shardKey } from '../aws/shards.ts';
import { shareReads } from '../aws/shared-reads.ts';
import { projectPartition } from './project.keys.ts';
import type { Project, ProjectChange, ProjectOrder } from './project.ts';
import type { ProjectContents } from './project-contents.store.ts';
import { foldName, searchWords } from './project-name.ts';
import {
  orderKeys,
  type ProjectSummaries,
  type ProjectSummary,
  summaryKey,
} from './project-summary.store.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  summaries: Pick<ProjectSummaries, 'create' | 'copy' | 'addCopy' | 'touch' | 'remove'>;
  /** Keeps the search index in step with project names. */
  following: <T>(what: { projectId: string }, change: () => Promise<T>) => Promise<T>;
}

export interface ProjectQuery {
  /** The owner; all projects when missing. */
  ownerId?: string;
  order: ProjectOrder;
  /** Words that the name must contain. */
  search?: string;
  limit: number;
  /** The `cursor` of another list, after which this one begins. */
  cursor?: string;
}

/** A project with its summary. */
export interface ListedProject {
  project: Project;
  summary: ProjectSummary | undefined;
}

export interface ProjectList {
  items: ListedProject[];
  /** Where the next page begins. In the newest-first order it is the id of this page's last project. */
  cursor?: string;
}

/** An entry of an index. Those in the order of the last change hold all that a list shows. */
interface Entry {
  id: string;
  sort: string;
  listed: ListedProject | undefined;
}

type StoredSummary = ProjectSummary & { folded: string };

/** The key of a project's item. Its pages and exports are in the same partition. */
const projectKey = (projectId: string) => ({ pk: projectPartition(projectId), sk: 'PROJECT' });

/** All projects have one key of the index `byKind`, sharded; a person's own one of `byOwner`. ULIDs sort by time. */
const allProjects = 'PROJECT';
const ownedBy = (personId: string) => `PROJECTS#${personId}`;

export function createProjectStore({ documents, table, summaries, following }: Dependencies) {
  const find = shareReads(async (projectId: string): Promise<Project | undefined> => {
    const { Item } = await documents.get({
      TableName: table,
      Key: projectKey(projectId),
      ConsistentRead: true,
    });
    return Item && !Item.deletedAt ? toProject(Item) : undefined;
  });

  /** Entries of an index in its order, filtered by the words in the name. */
  const findEntries = shareReads(
    async (
      index: 'byOwner' | 'byKind',
      partition: string,
      isRising: number,
      limit: number,
      search: string | undefined,
      cursor: string | undefined,
    ): Promise<Entry[]> => {
      const [hash, range] =
        index === 'byOwner' ? (['ownerKey', 'ownerSort'] as const) : (['kindKey', 'kindSort'] as const);
      const words = searchWords(search ?? '');
      const condition = cursor ? `${range} ${isRising ? '>' : '<'} :cursor` : undefined;
      const query = {
        TableName: table,
        IndexName: index,
        ...(words.length > 0 && {
          FilterExpression: words.map((_, at) => `contains(folded, :word${at})`).join(' AND '),
        }),
        ExpressionAttributeValues: {
          ...(cursor ? { ':cursor': cursor } : {}),
          ...Object.fromEntries(words.map((word, at) => [`:word${at}`, word])),
        },
        ProjectionExpression: `id, folded, projectCopy, changedAt, stale, facts, ${range}`,
        ScanIndexForward: isRising === 1,
      };
      const found =
        index === 'byKind'
          ? (
              await queryShards(documents, {
                ...query,
                hash,
                range,
                key: partition,
                condition,
                atMost: limit + 1,
              })
            ).items
          : await queryAll(
              documents,
              {
                ...query,
                ...(words.length === 0 && { Limit: limit + 1 }),
                KeyConditionExpression: `${hash} = :key${condition ? ` AND ${condition}` : ''}`,
                ExpressionAttributeValues: { ...query.ExpressionAttributeValues, ':key': partition },
              },
              limit + 1,
            );
      return found.map((item) => ({
        id: String(item.id),
        sort: String(item[range]),
        listed: readCopy(item as unknown as StoredSummary),
      }));
    },
  );

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

  /** Projects in the order of the entries: the copy in the entry, or what a consistent read finds. */
  async function readEntries(entries: Entry[], order: ProjectOrder): Promise<ListedProject[]> {
    const read = await findMany(entries.flatMap(({ id, listed }) => (listed ? [] : [id])));
    if (order === 'changed') {
      const old = read.filter(({ summary }) => summary && !summary.projectCopy);
      await Promise.all(old.map(({ project }) => summaries.addCopy(project)));
    }
    const byId = new Map(read.map((each) => [each.project.id, each]));
    return entries.flatMap(({ id, listed }) => listed ?? byId.get(id) ?? []);
  }

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
            ownerKey: ownedBy(project.ownerId),
            ownerSort: project.id,
            kindKey: shardKey(allProjects, project.id),
            kindSort: project.id,
          },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
      if (!isCreated) throw new Error(`The project ${project.id} already exists`);
    },

    async list({ ownerId, order, search, limit, cursor }: ProjectQuery): Promise<ProjectList> {
      const partitions = order === 'newest' ? { of: ownedBy, all: allProjects } : orderKeys[order];
      const entries = await findEntries(
        ownerId === undefined ? 'byKind' : 'byOwner',
        ownerId === undefined ? partitions.all : partitions.of(ownerId),
        order === 'name' ? 1 : 0,
        limit,
        search,
        cursor,
      );
      const shown = entries.slice(0, limit);
      const items = await readEntries(shown, order);
      const last = shown.at(-1);
      return entries.length > limit && last ? { items, cursor: last.sort } : { items };
    },

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

export type ProjectStore = ReturnType<typeof createProjectStore>;

/** The project as its summary has it; `undefined` when a version without copies has written or renamed it. */
function readCopy(summary: StoredSummary): ListedProject | undefined {
  const { projectCopy, folded } = summary;
  if (!projectCopy || foldName(projectCopy.name) !== folded) return undefined;
  return { project: toProject({ ...projectCopy }), summary };
}

function toProject(item: Record<string, unknown>): Project {
  const { id, name, ownerId, ownerName, createdAt, languages } = item as unknown as Project;
  return { id, name, ownerId, ownerName, createdAt, ...(languages?.length ? { languages } : {}) };
}
