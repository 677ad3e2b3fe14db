// Receives files: each streams to S3 while it is counted, hashed and inspected; then the page items are written, then
// the messages are sent. If a message cannot be sent, the sweeper finds its page, so that nothing accepted is lost.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { ulid as makeUlid } from 'ulid';
import type { AuditService } from '../audit/audit.service.ts';
import type { BlobStore } from '../aws/blob-store.ts';
import { isPaperliftError, notFound, PaperliftError, unavailable } from '../errors.ts';
import { createFileInspector } from '../files/file-inspector.ts';
import { type FileType, imageTypeNames, isDocument } from '../files/file-types.ts';
import type { EnqueueImport } from '../imports/import.queue.ts';
import type { ImportStore } from '../imports/import.store.ts';
import type { Import } from '../imports/import.ts';
import { changedSince } from '../pages/page.errors.ts';
import { pageKeys } from '../pages/page.keys.ts';
import type { EnqueuePage } from '../pages/page.queue.ts';
import type { PageStore } from '../pages/page.store.ts';
import type { Page } from '../pages/page.ts';
import type { PageAllowance, Taken } from '../pages/page-allowance.store.ts';
import type { Person } from '../people/person.ts';
import { aboutProject, type ProjectService } from '../projects/project.service.ts';
import type { Project } from '../projects/project.ts';
import { type NamedUpload, pageIdOf } from './named-upload.ts';
import { readFromSender, type SenderLimits, senderLimits } from './paced-sender.ts';
import type { UploadSlot, UploadSlots } from './upload-slots.ts';

interface Dependencies {
  projects: ProjectService;
  pages: PageStore;
  imports: ImportStore;
  audit: Pick<AuditService, 'recordChange'>;
  blobs: BlobStore;
  enqueuePage: EnqueuePage;
  enqueueImport: EnqueueImport;
  slots: UploadSlots;
  allowance: PageAllowance;
  /** For an image, and for a document of many pages. */
  limits: { maxFileBytes: number; maxDocumentBytes: number };
  pace?: SenderLimits;
  now: () => Date;
}

export interface IncomingFile {
  fileName: string;
  declaredType: string;
  /**
   * The bytes, or a function that opens them in the file's turn: S3 does not wait, so a body from S3 is opened only
   * when it can be read at once. It is destroyed when the upload is given up.
   */
  body: Readable | (() => Promise<Readable>);
}

/** A file in S3, complete and inspected, that is not a page yet. A document's id becomes its import's. */
export interface StoredFile {
  pageId: string;
  fileName: string;
  originalKey: string;
  contentType: FileType;
  sizeBytes: number;
  sha256: string;
}

/** Where a file goes: into a project as a new page, or into a page as its new image. */
export interface Destination {
  projectId: string;
  /** The uploader, whose turn it takes. */
  person: Pick<Person, 'id'>;
  /** Set when the page exists, or its id is already known. */
  pageId?: string;
  /** Whether the file replaces that page's image. */
  replaces?: boolean;
}

/** What an upload created. */
export interface Accepted {
  pages: Page[];
  imports: Import[];
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
    slots,
    allowance,
    limits,
    now,
  } = dependencies;
  const pace = dependencies.pace ?? senderLimits;

  /** The page, if this file is its image; recognises a write whose answer was lost. */
  async function findTaken(
    projectId: string,
    pageId: string,
    file: Pick<StoredFile, 'originalKey'>,
  ): Promise<Page | undefined> {
    const page = await pages.find(projectId, pageId);
    return page?.originalKey === file.originalKey ? page : undefined;
  }

  /** Throws unless a file of this type and size is allowed there. */
  function assertTaken(type: FileType | undefined, sizeBytes: number, replaces = false) {
    if (type && replaces && isDocument(type)) throw severalPages();
    const most = !type || isDocument(type) ? limits.maxDocumentBytes : limits.maxFileBytes;
    if (sizeBytes > most) throw tooLarge(most);
  }

  /** Deletes stored files that do not become pages. */
  async function discard(files: StoredFile[]) {
    await blobs.removeAll(files.map((file) => file.originalKey));
  }

  /** What the same upload created before, if its sender missed the answer and sent it again. */
  async function findRepeated(
    { projectId, pageId }: Reservation,
    files: StoredFile[],
  ): Promise<Accepted | undefined> {
    if (pageId === undefined) return undefined;
    const page = await pages.findEvenDeleted(projectId, pageId);
    if (page && !(await pages.find(projectId, pageId))) throw notFound('page'); // deleted since
    const item = page ? undefined : await imports.find(projectId, pageId);
    const key = page?.originalKey ?? item?.originalKey;
    if (!key) return undefined;
    await blobs.removeAll(files.map((file) => file.originalKey).filter((other) => other !== key));
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
   * Inspects the bytes while copying them. The first refusal ends the copy; the rest of the body is read and
   * discarded.
   */
  async function copy(
    declaredType: string,
    body: Readable,
    { into, replaces }: { into: PassThrough; replaces: boolean | undefined },
    slot: UploadSlot,
    signal: AbortSignal,
  ) {
    const hash = createHash('sha256');
    const inspector = createFileInspector(declaredType, { imagesOnly: replaces });
    let sizeBytes = 0;
    for await (const chunk of readFromSender(body, { signal, onSlow: slot.lend, limits: pace })) {
      sizeBytes += chunk.length;
      inspector.push(chunk);
      assertTaken(inspector.type(), sizeBytes, replaces);
      hash.update(chunk);
      if (!into.write(chunk)) await once(into, 'drain', { signal });
    }
    const { contentType } = inspector.finish();
    return { contentType, sizeBytes, sha256: hash.digest('hex') };
  }

  /**
   * Called before the body is read: may this person add to this project? A named upload is of one file, and may be
   * repeated.
   */
  async function reserve(person: Person, projectId: string, named?: NamedUpload): Promise<Reservation> {
    const [project, left] = await Promise.all([projects.open(person, projectId), allowance.view(person.id)]);
    const pageId = named && pageIdOf(named, person.id, projectId);
    const reservation = {
      projectId,
      person,
      project,
      ...(named ? { pageId, orderedAt: named.begunAt } : {}),
    };
    // a repeated upload may be the one that took the last page
    if (left?.pagesLeft === 0 && !(await findRepeated(reservation, []))) await allowance.take(person.id, 1);
    return reservation;
  }

  return {
    reserve,

    /** For an upload that began earlier. It is counted when it becomes a page. */
    async resume(person: Person, projectId: string): Promise<Reservation> {
      return { projectId, person, project: await projects.open(person, projectId) };
    },

    /**
     * Streams a file to S3. Throws a PaperliftError when the file is rejected. Then, and when `signal` aborts because
     * the sender disconnected, nothing is left in S3.
     */
    async store(
      { projectId, person, pageId = makeUlid(now().getTime()), replaces }: Destination,
      file: IncomingFile,
      signal: AbortSignal,
    ): Promise<StoredFile> {
      const slot = await slots.take(person.id, signal);
      const opened = await openBody(file.body).catch((error) => {
        slot.release();
        throw error;
      });
      const originalKey = pageKeys.original({ projectId, id: pageId }, makeUlid(now().getTime()));
      const giveUp = new AbortController();
      const ended = AbortSignal.any([signal, giveUp.signal, slot.signal]);
      const toS3 = new PassThrough({ highWaterMark: 256 * 1024 });
      const uploading = blobs.putStream(originalKey, toS3, 'application/octet-stream', ended);
      try {
        uploading.catch(() => giveUp.abort());
        const facts = await copy(file.declaredType, opened.body, { into: toS3, replaces }, slot, ended);
        toS3.end();
        await uploading;
        return { pageId, originalKey, fileName: file.fileName, ...facts };
      } catch (error) {
        giveUp.abort();
        const uploadError: unknown = await uploading.catch((failure) => failure);
        if (isPaperliftError(uploadError) && !isPaperliftError(error)) throw uploadError;
        // a body that Paperlift opened itself comes from the storage, not from a sender
        throw opened.isOurs && !isPaperliftError(error) ? unavailable('storage', error) : error;
      } finally {
        if (opened.isOurs) opened.body.destroy();
        slot.release();
      }
    },

    /** Called before the body of a new image is read. Throws unless the person may replace that page's image. */
    async reserveReplacement(person: Person, projectId: string, pageId: string): Promise<Destination> {
      await reserve(person, projectId);
      if (!(await pages.find(projectId, pageId))) throw notFound('page');
      return { projectId, person, pageId, replaces: true };
    },

    discard,

    /**
     * Makes pages of stored images and imports of stored documents, in order, after the pages that the project had
     * when the upload began.
     */
    async accept(reservation: Reservation, files: StoredFile[]): Promise<Accepted> {
      const { projectId, person, project, orderedAt = now() } = reservation;
      const taken = await findRepeated(reservation, files).catch(async (error) => {
        await discard(files).catch(() => {});
        throw error;
      });
      if (taken) return taken;
      const at = now().toISOString();
      const made: Accepted = { pages: [], imports: [] };
      for (const [index, file] of files.entries()) {
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
            contentType,
            status: 'queued',
            pagesDone: 0,
            pagesWithText: 0,
          });
        else made.pages.push({ ...record, contentType, status: 'uploaded', revision: 1, rotation: 0 });
      }
      const counted = await allowance.take(person.id, made.pages.length).catch(async (error) => {
        await discard(files).catch(() => {});
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
        await allowance.giveBack(person.id, counted, pagesGone).catch(() => {});
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
        counted = await allowance.take(person.id, 1);
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
          if (counted) await allowance.giveBack(person.id, counted, counted.pages).catch(() => {});
        }
        throw error;
      }
    },

    assertTaken,
  };
}

async function openBody(body: IncomingFile['body']): Promise<{ body: Readable; isOurs: boolean }> {
  if (typeof body !== 'function') return { body, isOurs: false };
  const opened = await body();
  opened.on('error', () => {}); // heard where the body is read; it may be given up before
  return { body: opened, isOurs: true };
}

function describeAccepted({ pages, imports }: Accepted): {
  pageId?: string;
  fileName?: string;
  detail?: string;
} {
  const [first] = pages;
  if (first && pages.length === 1 && imports.length === 0)
    return { pageId: first.id, fileName: first.fileName };
  const say = (noun: string, records: { id: string }[]) =>
    `${records.length} ${noun}${records.length === 1 ? '' : 's'}: ${records.map(({ id }) => id).join(' ')}`;
  const parts = [
    ...(pages.length > 0 ? [say('page', pages)] : []),
    ...(imports.length > 0 ? [say('file', imports)] : []),
  ];
  return { detail: parts.join('; ') };
}

export type UploadService = ReturnType<typeof createUploadService>;

function tooLarge(most: number) {
  return new PaperliftError('too-large', {
    code: 'file-too-large',
    message: `The file is too large. The limit is ${Math.floor(most / 1024 / 1024)} MB.`,
    hint: 'Make it smaller, then upload it again.',
  });
}

function severalPages() {
  return new PaperliftError('unsupported', {
    code: 'file-no-image',
    message: 'A PDF or TIFF file can have many pages, so it can’t replace a single page.',
    hint: `Use ${imageTypeNames}. Or add the file to the project and delete this page.`,
  });
}
