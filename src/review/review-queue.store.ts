// The pages of a queue as they are now, with their projects: one consistent read of both, by which each entry is checked.
import { readBatches } from '../aws/batches.ts';
import type { Documents } from '../aws/clients.ts';
import { isDeleted } from '../pages/deleted-pages.ts';
import type { PageSummary } from '../pages/page.ts';
import { fromStoredPage } from '../pages/page-item.ts';
import { projectPartition } from '../projects/project.keys.ts';
import type { Project } from '../projects/project.ts';
import { projectKey, toProject } from '../projects/project-item.ts';
import type { PageInProject } from './queued-page.ts';

interface Dependencies {
  documents: Documents;
  table: string;
}

interface Address {
  projectId: string;
  pageId: string;
}

const pageKey = ({ projectId, pageId }: Address) => ({
  pk: projectPartition(projectId),
  sk: `PAGE#${pageId}`,
});

/** With their projects at most as many keys as one request takes. */
export const maxPagesRead = 50;

export function createReviewQueueStore({ documents, table }: Dependencies) {
  async function read(wanted: Address[]) {
    const projectIds = [...new Set(wanted.map(({ projectId }) => projectId))];
    const keys = [...projectIds.map(projectKey), ...wanted.map(pageKey)];
    const items = keys.length > 0 ? await readBatches({ documents, table }, keys) : [];
    const found = new Map(items.map((item) => [`${item.pk} ${item.sk}`, item]));
    const itemAt = ({ pk, sk }: { pk: string; sk: string }) => found.get(`${pk} ${sk}`);
    return { itemAt };
  }

  function toPage(item: Record<string, unknown> | undefined): PageSummary | undefined {
    const page = item && fromStoredPage<PageSummary>(item);
    return page && !isDeleted(page) ? page : undefined;
  }

  return {
    /** In the order of the addresses. Leaves out what is gone. */
    async readPages(wanted: Address[]): Promise<(PageInProject & { at: number })[]> {
      const { itemAt } = await read(wanted);
      return wanted.flatMap(({ projectId, pageId }, at) => {
        const item = itemAt(projectKey(projectId));
        const page = toPage(itemAt(pageKey({ projectId, pageId })));
        return item && !item.deletedAt && page ? [{ project: toProject(item), page, at }] : [];
      });
    },

    /** The same for one page, which may be missing in its project. */
    async readPage(address: Address): Promise<{ project?: Project; page?: PageSummary }> {
      const { itemAt } = await read([address]);
      const item = itemAt(projectKey(address.projectId));
      const page = toPage(itemAt(pageKey(address)));
      return {
        ...(item && !item.deletedAt ? { project: toProject(item) } : {}),
        ...(page ? { page } : {}),
      };
    },
  };
}

export type ReviewQueueStore = ReturnType<typeof createReviewQueueStore>;
