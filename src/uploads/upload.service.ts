// Takes files in: each streams to S3 while it is counted, hashed and inspected; then come the page records, then the
// messages. A page whose message could not be sent is found by the sweeper, so that what was accepted is never lost.
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
  /** Of an image, and of a document of many pages. */
  limits: { maxFileBytes: number; maxDocumentBytes: number };
  pace?: SenderLimits;
  now: () => Date;
}

export interface IncomingFile {
  fileName: string;
  declaredType: string;
  /**
   * The bytes, or what opens them when the file's turn comes: a body that S3 sends waits for nobody, so what is opened so
   * is read at once, and destroyed when it is given up.
   */
  body: Readable | (() => Promise<Readable>);
}

/** A file that lies in S3, whole and inspected, but is no page yet. A document's id will be its import's. */
export interface StoredFile {
  pageId: string;
  fileName: string;
  originalKey: string;
  contentType: FileType;
  sizeBytes: number;
  sha256: string;
}

/** Where a file is going: into a project as a new page, or into a page in the place of its image. */
export interface Destination {
  projectId: string;
  /** Whose upload it is: people take turns. */
  person: Pick<Person, 'id'>;
  /** Given when the page is there, or its id is known already. */
  pageId?: string;
  /** Whether the file is to take the place of that page's image. */
  replaces?: boolean;
}

/** What an upload became. */
export interface Accepted {
  pages: Page[];
  imports: Import[];
}

/** Leave to add pages to a project, and whose. */
export interface Reservation extends Destination {
  person: Person;
  project: Project;
  /** Uploads that end in any order keep the one in which they were begun. */
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

  /** The page, when this file is its image: also after a write whose answer was lost. */
  async function findTaken(
    projectId: string,
    pageId: string,
    file: Pick<StoredFile, 'originalKey'>,
  ): Promise<Page | undefined> {
    const page = await pages.find(projectId, pageId);
    return page?.originalKey === file.originalKey ? page : undefined;
  }

  /** Throws unless a file of this type and size may go there. */
  function assertTaken(type: FileType | undefined, sizeBytes: number, replaces = false) {
    if (type && replaces && isDocument(type)) throw severalPages();
    const most = !type || isDocument(type) ? limits.maxDocumentBytes : limits.maxFileBytes;
    if (sizeBytes > most) throw tooLarge(most);
  }

  /** Drops files that were stored but are not to become pages. */
  async function discard(files: StoredFile[]) {
    await blobs.removeAll(files.map((file) => file.originalKey));
  }

  /** What the same upload became before: its sender heard no answer, and sent it again. */
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

  /** Takes back what an upload has made; not what another upload made with the same id. Returns what is gone. */
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

  /** Inspects the bytes on their way. The first refusal ends the copy; the rest of the body is read and dropped. */
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
   * To be asked before any of a body is read: may this person add to this project? An upload with a name is of one
   * file, and may be repeated.
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
    // an upload that is repeated may be the one that took the last page
    if (left?.pagesLeft === 0 && !(await findRepeated(reservation, []))) await allowance.take(person.id, 1);
    return reservation;
  }

  return {
    reserve,

    /** For an upload that was begun before: it is counted when it becomes a page. */
    async resume(person: Person, projectId: string): Promise<Reservation> {
      return { projectId, person, project: await projects.open(person, projectId) };
    },

    /**
     * Streams a file to S3. Throws a PaperliftError when the file is refused, and leaves nothing in S3 then, nor when
     * `signal` aborts because the sender went away.
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
        // a body that Paperlift opened itself is the storage's, not a sender's
        throw opened.isOurs && !isPaperliftError(error) ? unavailable('storage', error) : error;
      } finally {
        if (opened.isOurs) opened.body.destroy();
        slot.release();
      }
    },

    /** To be asked before the body of a new image is read. Throws unless the person may replace that page's image. */
    async reserveReplacement(person: Person, projectId: string, pageId: string): Promise<Destination> {
      await reserve(person, projectId);
      if (!(await pages.find(projectId, pageId))) throw notFound('page');
      return { projectId, person, pageId, replaces: true };
    },

    discard,

    /**
     * Makes pages of stored images and imports of stored documents, in their order, at the end of the project as it was when
     * the upload began.
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
        await allowance.giveBack(person.id, counted, pagesGone).catch(() => {}); // the error that counts is the first
        await blobs.removeAll(gone.map((record) => record.originalKey)); // a record that stays keeps its original
        // the same upload, sent twice at once: the other one was faster
        const other = created.length === 0 ? await findRepeated(reservation, []) : undefined;
        if (other) return other;
        throw error;
      }
      await Promise.all([...made.pages.map(enqueuePage), ...made.imports.map(enqueueImport)]);
      return made;
    },

    /**
     * Puts a stored file in the place of a page's image: a new revision. The old image stays until the project goes. The
     * new one goes at once when the page did not take it.
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
        // Not when nobody can say whether the page has taken it: an object too many is the smaller evil.
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
