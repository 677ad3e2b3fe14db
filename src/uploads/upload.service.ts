// Makes pages and imports of files that were received: first the records, then the messages. A page whose message could not be
// sent is found by the sweeper, so that what was accepted is never lost.
import type { AuditService } from '../audit/audit.service.ts';
import type { BlobStore } from '../aws/blob-store.ts';
import { notFound } from '../errors.ts';
import { isDocument } from '../files/file-types.ts';
import type { EnqueueImport } from '../imports/import.queue.ts';
import type { ImportStore } from '../imports/import.store.ts';
import type { Import } from '../imports/import.ts';
import type { OrganisationUsage } from '../pages/organisation-usage.store.ts';
import { changedSince } from '../pages/page.errors.ts';
import type { EnqueuePage } from '../pages/page.queue.ts';
import type { PageStore } from '../pages/page.store.ts';
import type { Page } from '../pages/page.ts';
import type { PageAllowance, Taken } from '../pages/page-allowance.store.ts';
import type { Person } from '../people/person.ts';
import { aboutProject, type ProjectService } from '../projects/project.service.ts';
import type { Project } from '../projects/project.ts';
import type { ProjectRoom } from '../projects/project-room.ts';
import { type Accepted, describeAccepted } from './accepted.ts';
import type { Destination, FileReceiver, StoredFile } from './file-receiver.ts';
import { type NamedUpload, pageIdOf } from './named-upload.ts';

interface Dependencies {
  projects: ProjectService;
  pages: PageStore;
  imports: ImportStore;
  audit: Pick<AuditService, 'recordChange'>;
  blobs: BlobStore;
  enqueuePage: EnqueuePage;
  enqueueImport: EnqueueImport;
  files: Pick<FileReceiver, 'discard'>;
  allowance: PageAllowance;
  usage: Pick<OrganisationUsage, 'assertStorage'>;
  room: ProjectRoom;
  now: () => Date;
}

/** A person's permission to add pages to a project. */
export interface Reservation extends Destination {
  person: Person;
  project: Project;
  /** Uploads keep the order in which they began, whatever order they end in. */
  orderedAt?: Date;
}

export function createUploadService(dependencies: Dependencies) {
  const {
    projects,
    pages,
    imports,
    enqueuePage,
    enqueueImport,
    audit,
    blobs,
    files,
    allowance,
    usage,
    room,
    now,
  } = dependencies;
  const { discard } = files;

  /** The page, if this file is its image; recognises a write whose answer was lost. */
  async function findTaken(
    projectId: string,
    pageId: string,
    file: Pick<StoredFile, 'originalKey'>,
  ): Promise<Page | undefined> {
    const page = await pages.find(projectId, pageId);
    return page?.originalKey === file.originalKey ? page : undefined;
  }

  /** What the same upload created before, if its sender missed the answer and sent it again. */
  async function findRepeated(
    { projectId, pageId }: Reservation,
    stored: StoredFile[],
  ): Promise<Accepted | undefined> {
    if (pageId === undefined) return undefined;
    const page = await pages.findEvenDeleted(projectId, pageId);
    if (page && !(await pages.find(projectId, pageId))) throw notFound('page'); // deleted since
    const item = page ? undefined : await imports.find(projectId, pageId);
    const key = page?.originalKey ?? item?.originalKey;
    if (!key) return undefined;
    await blobs.removeAll(stored.map((file) => file.originalKey).filter((other) => other !== key));
    return { pages: page ? [page] : [], imports: item ? [item] : [] };
  }

  /**
   * Deletes what an upload created, but not what another upload created with the same id. Returns what was deleted.
   */
  async function removeAgain(made: Accepted, created: (Page | Import)[]): Promise<(Page | Import)[]> {
    const removals = [
      ...made.pages.map(async (page) => {
        const isOurs = created.includes(page) || (await findTaken(page.projectId, page.id, page));
        if (isOurs) await pages.remove(page.projectId, page.id);
      }),
      ...made.imports.map(async (item) => {
        const found = await imports.find(item.projectId, item.id);
        if (found?.originalKey === item.originalKey) await imports.remove(item.projectId, item.id);
      }),
    ];
    const outcomes = await Promise.allSettled(removals);
    return [...made.pages, ...made.imports].filter((_, index) => outcomes[index]?.status === 'fulfilled');
  }

  /**
   * Called before the body is read: may this person add to this project? A named upload is of one file, and may be
   * repeated.
   */
  async function reserve(
    person: Person,
    projectId: string,
    { named, addsPage = true }: { named?: NamedUpload | undefined; addsPage?: boolean } = {},
  ): Promise<Reservation> {
    const [project, left] = await Promise.all([
      projects.open(person, projectId),
      allowance.view(person.id),
      usage.assertStorage(person.organisationId),
    ]);
    const pageId = named && pageIdOf(named, person.id, projectId);
    const reservation = {
      projectId,
      person,
      project,
      ...(named ? { pageId, orderedAt: named.begunAt } : {}),
    };
    // a repeated upload may be the one that took the last page
    const isRepeated = async () => (await findRepeated(reservation, [])) !== undefined;
    if (left?.pagesLeft === 0 && !(await isRepeated())) await allowance.take(person, 1);
    if (addsPage)
      await room.assertRoom(projectId).catch(async (error) => {
        if (!(await isRepeated())) throw error;
      });
    return reservation;
  }

  return {
    reserve,

    /** For an upload that began earlier. It is counted when it becomes a page. */
    async resume(person: Person, projectId: string): Promise<Reservation> {
      return { projectId, person, project: await projects.open(person, projectId) };
    },

    /** Called before the body of a new image is read. Throws unless the person may replace that page's image. */
    async reserveReplacement(person: Person, projectId: string, pageId: string): Promise<Destination> {
      await reserve(person, projectId, { addsPage: false });
      if (!(await pages.find(projectId, pageId))) throw notFound('page');
      return { projectId, person, pageId, replaces: true };
    },

    /**
     * Makes pages of stored images and imports of stored documents, in order, after the pages that the project had
     * when the upload began.
     */
    async accept(reservation: Reservation, stored: StoredFile[]): Promise<Accepted> {
      const { projectId, person, project, orderedAt = now() } = reservation;
      const taken = await findRepeated(reservation, stored).catch(async (error) => {
        await discard(stored).catch(() => {});
        throw error;
      });
      if (taken) return taken;
      const at = now().toISOString();
      const made: Accepted = { pages: [], imports: [] };
      for (const [index, file] of stored.entries()) {
        const { pageId: id, contentType, ...facts } = file;
        const position = orderedAt.getTime() * 1000 + index;
        const record = {
          id,
          projectId,
          personId: person.id,
          position,
          ...facts,
          createdAt: at,
          updatedAt: at,
        };
        if (isDocument(contentType))
          made.imports.push({
            ...record,
            organisationId: person.organisationId,
            contentType,
            status: 'queued',
            pagesDone: 0,
            pagesWithText: 0,
          });
        else made.pages.push({ ...record, contentType, status: 'uploaded', revision: 1, rotation: 0 });
      }
      const count = async () => {
        if (made.pages.length > 1) await room.assertRoom(projectId, made.pages.length);
        return allowance.take(person, made.pages.length);
      };
      const counted = await count().catch(async (error) => {
        await discard(stored).catch(() => {});
        throw error;
      });
      const created: (Page | Import)[] = [];
      try {
        await audit.recordChange(
          { ...aboutProject(person, project), action: 'pages.added', ...describeAccepted(made) },
          async () => {
            for (const page of made.pages) {
              await pages.create(page);
              created.push(page);
            }
            for (const item of made.imports) {
              await imports.create(item);
              created.push(item);
            }
            if (!(await projects.exists(projectId))) throw notFound('project');
          },
        );
      } catch (error) {
        const gone = await removeAgain(made, created);
        const pagesGone = gone.filter((record) => made.pages.includes(record as Page)).length;
        // the first error is the one to report
        await allowance.giveBack(person, counted, pagesGone).catch(() => {});
        await blobs.removeAll(gone.map((record) => record.originalKey)); // an item that stays keeps its original
        // the same upload was sent twice at once, and the other request was faster
        const other = created.length === 0 ? await findRepeated(reservation, []) : undefined;
        if (other) return other;
        throw error;
      }
      await Promise.all([...made.pages.map(enqueuePage), ...made.imports.map(enqueueImport)]);
      return made;
    },

    /**
     * Replaces a page's image with a stored file, as a new revision. The old image stays until the project is deleted.
     * The new one is deleted at once when the page did not take it.
     */
    async replace(
      person: Person,
      { projectId, pageId = '' }: Pick<Destination, 'projectId' | 'pageId'>,
      file: StoredFile,
    ): Promise<Page> {
      const { pageId: _, ...facts } = file;
      let counted: Taken | undefined;
      try {
        const project = await projects.open(person, projectId);
        const page = await pages.find(projectId, pageId);
        if (!page) throw notFound('page');
        counted = await allowance.take(person, 1);
        const revised = await audit.recordChange(
          { ...aboutProject(person, project), action: 'page.replaced', pageId, fileName: page.fileName },
          async () => {
            const taken =
              (await pages.reviseImage(page, { ...facts, personId: person.id, rotation: 0 })) ??
              (await findTaken(projectId, pageId, file));
            if (!taken) throw changedSince();
            return taken;
          },
        );
        await enqueuePage(revised);
        return revised;
      } catch (error) {
        // not when it is unknown whether the page took it: an unused object is better than a missing one
        if (!(await findTaken(projectId, pageId, file))) {
          await blobs.removeAll([file.originalKey]);
          if (counted) await allowance.giveBack(person, counted, counted.pages).catch(() => {});
        }
        throw error;
      }
    },
  };
}

export type UploadService = ReturnType<typeof createUploadService>;
