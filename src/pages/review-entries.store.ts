// The entries of the queue "To review": one for each page that waits for the person or team it is assigned to. They are
// derived from the items of the project and the page, which alone decide; who reads the queue checks each against these.
import { writeBatches } from '../aws/batches.ts';
import type { Documents } from '../aws/clients.ts';
import { queryAll } from '../aws/query-all.ts';
import { assignmentOf } from '../projects/assignment.ts';
import { projectPartition } from '../projects/project.keys.ts';
import type { Assignment, Project } from '../projects/project.ts';
import { projectKey, toProject } from '../projects/project-item.ts';
import type { PageSummary } from './page.ts';

interface Dependencies {
  documents: Documents;
  table: string;
}

/** A page's place in a queue. */
export interface ReviewEntry {
  projectId: string;
  pageId: string;
  /** When it began to wait, then its project and its place there: oldest first, a project's pages in their order. */
  sort: string;
  /** As of when the entry was written. Missing on a page that was read a moment ago. */
  number?: number;
}

/** Beyond what a project's page shows (`shownKeys`). */
const prefix = 'TO-REVIEW#';

type Waiting = Pick<
  PageSummary,
  'id' | 'projectId' | 'status' | 'reviewedAt' | 'assignment' | 'position' | 'createdAt'
>;

/** Whom a page that is not deleted waits for; `undefined` when it does not wait. */
export function waitingFor(project: Project, page: Waiting): Assignment | undefined {
  return page.status === 'ready' && !page.reviewedAt ? assignmentOf(project, page) : undefined;
}

/** Positions may be negative. */
const digitsOf = (position: number) => String(Math.max(0, Math.round(position) + 1e15)).padStart(16, '0');

export function sortOf({ since }: Assignment, page: Waiting): string {
  const waitsSince = since > page.createdAt ? since : page.createdAt;
  return [waitsSince, page.projectId, digitsOf(page.position), page.id].join('#');
}

export function createReviewEntries({ documents, table }: Dependencies) {
  const keyOf = (projectId: string, pageId: string) => ({
    pk: projectPartition(projectId),
    sk: `${prefix}${pageId}`,
  });
  const queueOf = (assigneeId: string) => `${prefix}${assigneeId}`;

  const remove = (projectId: string, pageId: string) =>
    documents.delete({ TableName: table, Key: keyOf(projectId, pageId) });

  function toItem(assignment: Assignment, page: Waiting, number?: number) {
    return {
      ...keyOf(page.projectId, page.id),
      projectId: page.projectId,
      pageId: page.id,
      ownerKey: queueOf(assignment.id),
      ownerSort: sortOf(assignment, page),
      ...(number ? { number } : {}),
    };
  }

  return {
    remove,

    /** Enters a page that began to wait, if it is assigned. Its number follows with the project's summary. */
    async enter(page: Waiting) {
      const { Item } = await documents.get({
        TableName: table,
        Key: projectKey(page.projectId),
        ConsistentRead: true,
      });
      const assignment = Item && !Item.deletedAt ? waitingFor(toProject(Item), page) : undefined;
      if (assignment) await documents.put({ TableName: table, Item: toItem(assignment, page) });
    },

    /** Makes the entries of a project what it and its pages, given in their order, say. Returns how many entries were wrong. */
    async follow(project: Project, pages: PageSummary[]): Promise<number> {
      const found = await queryAll(documents, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': projectPartition(project.id), ':prefix': prefix },
        ConsistentRead: true,
      });
      const entries = new Map(found.map((item) => [String(item.sk), item]));
      const wanted = pages.flatMap((page, at) => {
        const assignment = waitingFor(project, page);
        return assignment ? [toItem(assignment, page, at + 1)] : [];
      });
      const isThere = (item: ReturnType<typeof toItem>) => {
        const entry = entries.get(item.sk);
        return (
          entry?.ownerKey === item.ownerKey &&
          entry.ownerSort === item.ownerSort &&
          entry.number === item.number
        );
      };
      const wantedKeys = new Set(wanted.map(({ sk }) => sk));
      const requests = [
        ...wanted.filter((item) => !isThere(item)).map((Item) => ({ PutRequest: { Item } })),
        ...found
          .filter(({ sk }) => !wantedKeys.has(String(sk)))
          .map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } })),
      ];
      await writeBatches({ documents, table }, requests);
      return requests.length;
    },

    /** The first entries after `after` of any of these people and teams, oldest first: one query each, side by side. */
    async list(
      assigneeIds: string[],
      { after, limit }: { after?: string | undefined; limit: number },
    ): Promise<{ entries: ReviewEntry[]; isCut: boolean }> {
      const found = await Promise.all(
        assigneeIds.map((id) =>
          queryAll(
            documents,
            {
              TableName: table,
              IndexName: 'byOwner',
              KeyConditionExpression: `ownerKey = :key${after ? ' AND ownerSort > :after' : ''}`,
              ExpressionAttributeValues: { ':key': queueOf(id), ...(after ? { ':after': after } : {}) },
              Limit: limit + 1,
            },
            limit + 1,
          ),
        ),
      );
      const entries = found.flat().map(({ projectId, pageId, ownerSort, number }) => ({
        projectId: String(projectId),
        pageId: String(pageId),
        sort: String(ownerSort),
        ...(typeof number === 'number' ? { number } : {}),
      }));
      entries.sort((one, other) => (one.sort < other.sort ? -1 : 1));
      return { entries: entries.slice(0, limit), isCut: entries.length > limit };
    },
  };
}

export type ReviewEntries = ReturnType<typeof createReviewEntries>;
