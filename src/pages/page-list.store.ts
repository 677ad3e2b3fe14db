// Lists a project's pages in their order: read for themselves, or out of the contents that were read with the project.
import type { Documents } from '../aws/clients.ts';
import { queryAll } from '../aws/query-all.ts';
import { shareReads } from '../aws/shared-reads.ts';
import type { ProjectContents } from '../projects/project-contents.store.ts';
import { isDeleted } from './deleted-pages.ts';
import type { PageSummary } from './page.ts';
import { fromStoredPage } from './page-item.ts';
import { withShownSize } from './turning.ts';

interface Dependencies {
  documents: Documents;
  table: string;
  keyOf: (address: { projectId: string; id: string }) => { pk: string };
}

export function createPageList({ documents, table, keyOf }: Dependencies) {
  const listAll = shareReads(async (projectId: string): Promise<PageSummary[]> => {
    const items = await queryAll(documents, {
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :page)',
      ExpressionAttributeValues: { ':pk': keyOf({ projectId, id: '' }).pk, ':page': 'PAGE#' },
      ConsistentRead: true,
    });
    return inOrder(items);
  });

  /** What the contents hold is put in order once, however many requests share them. */
  const ordered = new WeakMap<ProjectContents, PageSummary[]>();
  function listAllIn(contents: ProjectContents): PageSummary[] {
    const pages = ordered.get(contents) ?? inOrder(contents.items('PAGE#'));
    ordered.set(contents, pages);
    return pages;
  }

  async function list(projectId: string): Promise<PageSummary[]> {
    return (await listAll(projectId)).filter((page) => !isDeleted(page));
  }

  return {
    listAll,
    list,
    listIn: (contents: ProjectContents) => listAllIn(contents).filter((page) => !isDeleted(page)),
    listDeletedIn: (contents: ProjectContents) => listAllIn(contents).filter(isDeleted),
  };
}

function inOrder(items: Record<string, unknown>[]): PageSummary[] {
  return items
    .map((item) => withShownSize(fromStoredPage<PageSummary>(item)))
    .sort((one, other) => one.position - other.position || (one.id < other.id ? -1 : 1));
}
