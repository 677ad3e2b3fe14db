// Deleted pages: restored on request, or erased after an hour. Until then their items stay, hidden from every list and
// read.
import { shardKey } from '../aws/shards.ts';
import type { createLeasedStore } from '../jobs/leased-store.ts';
import type { ProjectSummaries } from '../projects/project-summary.store.ts';
import { type DeletedPage, isFinal, type Page, type PageSummary } from './page.ts';

interface Dependencies {
  items: Pick<ReturnType<typeof createLeasedStore<Page>>, 'find' | 'updateIf' | 'waiting'>;
  /** All pages of a project that are not erased, including deleted ones. */
  listAll: (projectId: string) => Promise<PageSummary[]>;
  summaries: Pick<ProjectSummaries, 'touch'>;
  now: () => Date;
}

type Address = Pick<Page, 'projectId' | 'id'>;

/** How long a deleted page can be restored. Then the sweeper erases it. */
const keptMs = 60 * 60_000;

const deletionAttributes = ['deletedAt', 'deletionId', 'deletedNumber', 'deletedBy'];

export function isDeleted(page: PageSummary): page is DeletedPage {
  return (page as Partial<DeletedPage>).deletedAt !== undefined;
}

export function createDeletedPages({ items, listAll, summaries, now }: Dependencies) {
  return {
    /** Deleted pages that can still be restored. */
    async listDeleted(projectId: string): Promise<DeletedPage[]> {
      return (await listAll(projectId)).filter(isDeleted);
    },

    /**
     * Hides the page from every list and read. A worker that holds it is fenced off. `false`: already deleted, or
     * gone.
     */
    async markDeleted(
      page: Address,
      { deletionId, number, by }: { deletionId: string; number: number; by: string },
    ): Promise<boolean> {
      const marked = await items.updateIf(page, 'attribute_exists(pk) AND attribute_not_exists(deletedAt)', {
        UpdateExpression:
          'SET deletedAt = :at, deletionId = :deletion, deletedNumber = :number, deletedBy = :by, dueKey = :kind, dueAt = :dueAt REMOVE leaseOwner, leaseUntil, lastOwner ADD attempt :one',
        ExpressionAttributeValues: {
          ':at': now().toISOString(),
          ':deletion': deletionId,
          ':number': number,
          ':by': by,
          ':kind': shardKey('DELETED_PAGE', page.id),
          ':dueAt': new Date(now().getTime() + keptMs).toISOString(),
          ':one': 1,
        },
      });
      if (marked) await summaries.touch(page.projectId);
      const found = marked ?? (await items.find(page.projectId, page.id)); // already deleted by this deletion
      return (found as Partial<DeletedPage> | undefined)?.deletionId === deletionId;
    },

    /** Restores a deleted page. One that was not final is queued again. `undefined`: erased, or already restored. */
    async restore(page: PageSummary): Promise<Page | undefined> {
      const isOver = isFinal(page);
      const gone = [...deletionAttributes, ...(isOver ? ['dueKey', 'dueAt'] : [])].join(', ');
      const due = items.waiting(page);
      const restored = await items.updateIf(
        page,
        'attribute_exists(deletedAt) AND attribute_not_exists(erasing)',
        isOver
          ? { UpdateExpression: `REMOVE ${gone}` }
          : {
              UpdateExpression: `SET #status = :waiting, tries = :none, dueKey = :kind, dueAt = :dueAt REMOVE ${gone}`,
              ExpressionAttributeNames: { '#status': 'status' },
              ExpressionAttributeValues: {
                ':waiting': 'uploaded',
                ':none': 0,
                ':kind': due.dueKey,
                ':dueAt': due.dueAt,
              },
            },
      );
      if (restored) await summaries.touch(page.projectId);
      return restored;
    },

    /** From here on the page cannot be restored. `false`: it was restored, or is gone. */
    async beginErasing(page: Address): Promise<boolean> {
      const begun = await items.updateIf(page, 'attribute_exists(deletedAt)', {
        UpdateExpression: 'SET erasing = :yes',
        ExpressionAttributeValues: { ':yes': true },
      });
      return begun !== undefined;
    },
  };
}
