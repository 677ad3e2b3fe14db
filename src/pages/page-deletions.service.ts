// Deletes pages, restores them within an hour, and erases them after that.
import { ulid as makeUlid } from 'ulid';
import type { AuditService } from '../audit/audit.service.ts';
import type { BlobStore } from '../aws/blob-store.ts';
import { notFound, PaperliftError } from '../errors.ts';
import type { Person } from '../people/person.ts';
import type { ProjectService } from '../projects/project.service.ts';
import type { Project } from '../projects/project.ts';
import { actOnEach } from './act-on-each.ts';
import type { PageChoice } from './chosen-pages.ts';
import { pageKeys } from './page.keys.ts';
import type { EnqueuePage } from './page.queue.ts';
import type { PageStore } from './page.store.ts';
import { type DeletedPage, isFinal, type Page, type PageSummary } from './page.ts';

interface Dependencies {
  projects: Pick<ProjectService, 'open'>;
  pages: PageStore;
  choice: PageChoice;
  /** Deletes an import when its last page is gone. */
  forgetEmptyImport: (projectId: string, importId: string) => Promise<void>;
  audit: Pick<AuditService, 'record'>;
  blobs: Pick<BlobStore, 'removeBelow'>;
  enqueue: EnqueuePage;
  now: () => Date;
}

export function createPageDeletions(dependencies: Dependencies) {
  const { projects, pages, choice, forgetEmptyImport, audit, blobs, enqueue, now } = dependencies;

  async function deletedWith(projectId: string, isMeant: (page: DeletedPage) => boolean) {
    const found = (await pages.listDeleted(projectId)).filter(isMeant);
    if (found.length === 0) throw nothingToRestore();
    return found;
  }

  async function restorePages(person: Person, project: Project, deleted: DeletedPage[]): Promise<Page[]> {
    const restored = await choice.recordChange(
      person,
      { project, chosen: deleted },
      { action: 'page.restored' },
      async () => {
        const back = await actOnEach(
          deleted,
          // also after a write whose answer was lost
          async (page) => (await pages.restore(page)) ?? (await pages.find(page.projectId, page.id)),
        );
        const found = back.filter((page) => page !== undefined);
        if (found.length === 0) throw nothingToRestore();
        return found;
      },
    );
    for (const page of restored) if (!isFinal(page)) await enqueue(page);
    return restored;
  }

  return {
    /**
     * Deletes pages; for an hour they can be restored. Returns the id of this deletion, which restores all of them
     * together.
     */
    async remove(person: Person, projectId: string, pageIds: string[]): Promise<string> {
      const found = await choice.choose(person, projectId, pageIds);
      const deletionId = makeUlid(now().getTime());
      await choice.recordChange(person, found, { action: 'page.deleted' }, async () => {
        const deleted = await actOnEach(found.chosen, (page) =>
          pages.markDeleted(page, { deletionId, number: found.all.indexOf(page) + 1, by: person.name }),
        );
        if (!deleted.some(Boolean)) throw notFound('page');
      });
      return deletionId;
    },

    /** What can be restored, by deletion, newest first. The caller has checked the person's access. */
    listDeleted: (projectId: string): Promise<DeletedPage[]> => pages.listDeleted(projectId),

    /** Restores the pages of a deletion to their positions, with text and corrections. */
    async restoreDeletion(person: Person, projectId: string, deletionId: string): Promise<Page[]> {
      const project = await projects.open(person, projectId);
      const deleted = await deletedWith(projectId, (page) => page.deletionId === deletionId);
      return restorePages(person, project, deleted);
    },

    /** Restores one deleted page. */
    async restorePage(person: Person, projectId: string, pageId: string) {
      const project = await projects.open(person, projectId);
      const deleted = await deletedWith(projectId, (page) => page.id === pageId).catch(() => {
        throw notFound('page');
      });
      await restorePages(person, project, deleted);
    },

    /** For the sweeper: erases a page that was not restored in time, its objects first. */
    async erase(page: PageSummary) {
      if (!(await pages.beginErasing(page))) return;
      const { projectId, id } = page;
      await blobs.removeBelow(pageKeys.all(page));
      await audit.record({
        actor: 'system',
        action: 'page.erased',
        projectId,
        pageId: id,
        fileName: page.fileName,
      });
      await pages.remove(projectId, id);
      if (page.source) await forgetEmptyImport(projectId, page.source.importId);
    },
  };
}

function nothingToRestore() {
  return new PaperliftError('conflict', {
    code: 'nothing-to-restore',
    message: 'Nothing to restore: the pages were already restored, or more than an hour has passed.',
    hint: 'Check the pages of the project.',
  });
}
