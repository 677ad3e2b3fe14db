// Imports of files with many pages: list, retry, delete. The worker does the splitting.
import pMap from 'p-map';
import type { AuditService } from '../audit/audit.service.ts';
import type { BlobStore } from '../aws/blob-store.ts';
import { notFound, PaperliftError } from '../errors.ts';
import { pageKeys } from '../pages/page.keys.ts';
import type { PageStore } from '../pages/page.store.ts';
import type { PageSummary } from '../pages/page.ts';
import { isRetryable, retryIsFutile } from '../pages/retryable.ts';
import type { Person } from '../people/person.ts';
import { aboutProject, type ProjectService } from '../projects/project.service.ts';
import type { EnqueueImport } from './import.queue.ts';
import type { ImportStore } from './import.store.ts';
import type { Import } from './import.ts';

interface Dependencies {
  projects: ProjectService;
  pages: PageStore;
  imports: ImportStore;
  audit: Pick<AuditService, 'recordChange'>;
  blobs: BlobStore;
  enqueue: EnqueueImport;
}

const removedAtOnce = 8;

export function createImportService({ projects, pages, imports, audit, blobs, enqueue }: Dependencies) {
  async function find(projectId: string, importId: string): Promise<Import> {
    const item = await imports.find(projectId, importId);
    if (!item) throw notFound('import');
    return item;
  }

  async function removePage({ projectId, id }: PageSummary) {
    await pages.remove(projectId, id);
    await blobs.removeBelow(pageKeys.all({ projectId, id }));
  }

  /** Deletes the record first: a worker that is splitting the file notices and deletes the page that it just made. */
  async function erase(item: Import) {
    const { projectId, id } = item;
    await imports.remove(projectId, id);
    const made = (await pages.listEvenDeleted(projectId)).filter((page) => page.source?.importId === id);
    await pMap(made, removePage, { concurrency: removedAtOnce });
    await blobs.removeBelow(pageKeys.all(item));
  }

  return {
    async list(person: Person, projectId: string): Promise<Import[]> {
      const { contents } = await projects.viewContents(person, projectId);
      return imports.listIn(contents);
    },

    async read(person: Person, projectId: string, importId: string): Promise<Import> {
      await projects.view(person, projectId);
      return find(projectId, importId);
    },

    /** Retries after a failure, starting at the first missing page. */
    async retry(person: Person, projectId: string, importId: string): Promise<Import> {
      const project = await projects.open(person, projectId);
      const item = await find(projectId, importId);
      if (item.status !== 'failed') throw notFailed();
      if (!isRetryable(item)) throw retryIsFutile(item);
      const retried = await audit.recordChange(
        {
          ...aboutProject(person, project),
          action: 'import.retried',
          fileName: item.fileName,
          detail: importId,
        },
        async () => {
          const queued = await imports.retry(item);
          if (!queued) throw notFailed();
          return queued;
        },
      );
      await enqueue(retried);
      return retried;
    },

    /** Deletes an import that is not complete, with the pages made from it. */
    async remove(person: Person, projectId: string, importId: string) {
      const project = await projects.open(person, projectId);
      const item = await find(projectId, importId);
      if (item.status === 'done') throw isDone();
      await audit.recordChange(
        {
          ...aboutProject(person, project),
          action: 'import.removed',
          fileName: item.fileName,
          detail: importId,
        },
        () => erase(item),
      );
    },

    /** The PDF of an import, as its pages are drawn from it. The caller has checked the person's access. */
    async findPdf(projectId: string, importId: string) {
      const item = await imports.find(projectId, importId);
      if (item?.contentType !== 'application/pdf') return undefined;
      const { originalKey, contentType, sizeBytes, sha256 } = item;
      return { originalKey, contentType, sizeBytes, sha256 };
    },

    /** Called after a page was deleted: deletes the original file when its last page is gone. */
    async forgetEmpty(projectId: string, importId: string) {
      const item = await imports.find(projectId, importId);
      if (item?.status !== 'done') return;
      const all = await pages.listEvenDeleted(projectId); // a deleted page may be restored
      const isNeeded = all.some((page) => page.source?.importId === importId);
      if (!isNeeded) await erase(item);
    },
  };
}

export type ImportService = ReturnType<typeof createImportService>;

function notFailed() {
  return new PaperliftError('conflict', {
    code: 'import-not-failed',
    message: 'Only a file that couldn’t be split can be retried.',
    hint: 'Check the project: the file’s pages are there or being added.',
  });
}

function isDone() {
  return new PaperliftError('conflict', {
    code: 'import-done',
    message: 'All pages of this file have already been added to the project.',
    hint: 'Delete the pages you don’t want. The file is deleted with the last one.',
  });
}
