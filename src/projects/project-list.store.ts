// Lists of projects, in the order of an index. By last change, the index holds all that a list shows.
import type { Documents } from '../aws/clients.ts';
import { queryAll } from '../aws/query-all.ts';
import { queryShards } from '../aws/shards.ts';
import { shareReads } from '../aws/shared-reads.ts';
import { foldName, searchSpellings, searchWords } from '../text/names.ts';
import type { ProjectOrder } from './project.ts';
import { toProject } from './project-item.ts';
import { type Index, type ListedWhose, placesOf } from './project-list-places.ts';
import type { ProjectSummaries } from './project-summary.store.ts';
import type { ListedProject, ProjectSummary } from './project-summary.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  /** Reads projects with their summaries consistently. */
  findMany: (ids: string[]) => Promise<ListedProject[]>;
  summaries: Pick<ProjectSummaries, 'addCopy'>;
}

export interface ProjectQuery {
  whose: ListedWhose;
  order: ProjectOrder;
  /** Words that the name must contain. */
  search?: string;
  limit: number;
  /** The `cursor` of another list, after which this one begins. */
  cursor?: string;
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

const attributesOf = {
  byOwner: { hash: 'ownerKey', range: 'ownerSort' },
  byKind: { hash: 'kindKey', range: 'kindSort' },
};

/** How many matches of a name are read one by one. */
const maxFew = 100;

export function createProjectList({ documents, table, findMany, summaries }: Dependencies) {
  /** The first entries of a partition in its order, one more than `limit`, filtered by the words in the name. */
  const findEntries = shareReads(
    async (
      index: Index,
      partition: string,
      isSharded: number,
      isRising: number,
      limit: number,
      search: string | undefined,
      cursor: string | undefined,
    ): Promise<Entry[]> => {
      const { hash, range } = attributesOf[index];
      const words = searchSpellings(search ?? '');
      const condition = cursor ? `${range} ${isRising ? '>' : '<'} :cursor` : undefined;
      const query = {
        TableName: table,
        IndexName: index,
        ...(words.length > 0 && {
          FilterExpression: words
            .map((spellings, at) => spellings.map((_, which) => `contains(folded, :word${at}x${which})`))
            .map((conditions) => (conditions.length > 1 ? `(${conditions.join(' OR ')})` : conditions.join()))
            .join(' AND '),
        }),
        ExpressionAttributeValues: {
          ...(cursor ? { ':cursor': cursor } : {}),
          ...Object.fromEntries(
            words.flatMap((spellings, at) => spellings.map((word, which) => [`:word${at}x${which}`, word])),
          ),
        },
        ProjectionExpression: `id, folded, projectCopy, changedAt, stale, facts, ${range}`,
        ScanIndexForward: isRising === 1,
      };
      const found = isSharded
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

  /**
   * The few projects whose names match, in another order than by name: their entries by name are the smallest, and only the
   * matching ones are read. `undefined`: too many match, so that going through the wanted order finds a page of them soon.
   */
  async function listFew({
    whose,
    order,
    search,
    limit,
    cursor,
  }: ProjectQuery): Promise<ProjectList | undefined> {
    const { index, partitions, isSharded } = placesOf(whose, 'name');
    const found = await Promise.all(
      partitions.map((partition) =>
        findEntries(index, partition, isSharded ? 1 : 0, 1, maxFew, search, undefined),
      ),
    );
    const ids = [...new Set(found.flat().map(({ id }) => id))];
    if (ids.length > maxFew) return undefined;
    const sorted = (await findMany(ids))
      .map((listed) => ({ listed, sort: sortOf(listed, order) }))
      .filter(({ sort }) => cursor === undefined || sort < cursor)
      .toSorted((one, other) => (one.sort < other.sort ? 1 : -1));
    const shown = sorted.slice(0, limit);
    const items = shown.map(({ listed }) => listed);
    const last = shown.at(-1);
    return sorted.length > limit && last ? { items, cursor: last.sort } : { items };
  }

  return async function listProjects(query: ProjectQuery): Promise<ProjectList> {
    const { whose, order, search, limit, cursor } = query;
    const few = order !== 'name' && searchWords(search ?? '').length > 0 ? await listFew(query) : undefined;
    if (few) return few;
    const { index, partitions, isSharded } = placesOf(whose, order);
    const isRising = order === 'name';
    const found = await Promise.all(
      partitions.map((partition) =>
        findEntries(index, partition, isSharded ? 1 : 0, isRising ? 1 : 0, limit, search, cursor),
      ),
    );
    const entries = partitions.length === 1 ? (found[0] ?? []) : merge(found.flat(), isRising);
    const shown = entries.slice(0, limit);
    const items = await readEntries(shown, order);
    const last = shown.at(-1);
    return entries.length > limit && last ? { items, cursor: last.sort } : { items };
  };
}

/** Where a project stands in a list, newest or last changed first. */
const sortOf = ({ project, summary }: ListedProject, order: ProjectOrder): string =>
  order === 'newest' ? project.id : `${summary?.changedAt ?? project.createdAt}#${project.id}`;

/** Entries of several partitions in one order. What is shared both with a person and their team is one entry. */
function merge(entries: Entry[], isRising: boolean): Entry[] {
  const sign = isRising ? 1 : -1;
  const sorted = entries.toSorted(
    (one, other) => sign * Buffer.compare(Buffer.from(one.sort), Buffer.from(other.sort)), // as DynamoDB does
  );
  const seen = new Set<string>();
  return sorted.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** The project as its summary has it; `undefined` when a version without copies has written or renamed it. */
function readCopy(summary: StoredSummary): ListedProject | undefined {
  const { projectCopy, folded } = summary;
  if (!projectCopy || foldName(projectCopy.name) !== folded) return undefined;
  const { assignment } = projectCopy; // checked when it was copied: the copy has no members to check it by
  return { project: { ...toProject({ ...projectCopy }), ...(assignment ? { assignment } : {}) }, summary };
}
