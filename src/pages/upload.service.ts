// Takes files in: each streams to S3 while it is counted, hashed and inspected; then come the page records, then the
// messages. A page whose message could not be sent is found by the sweeper, so that what was accepted is never lost.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { ulid as makeUlid } from 'ulid';
import type { AuditService } from '../audit/audit.service.ts';
import type { Person } from '../auth/person.ts';
import type { BlobStore } from '../aws/blob-store.ts';
import type { JobQueue } from '../aws/job-queue.ts';
import { isPaperliftError, notFound, PaperliftError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { aboutProject, type ProjectService } from '../projects/project.service.ts';
import type { Project } from '../projects/project.ts';
import { createImageInspector, type ImageType } from './image-inspector.ts';
import { type NamedUpload, pageIdOf } from './named-upload.ts';
import { readFromSender, type SenderLimits, senderLimits } from './paced-sender.ts';
import { pageKeys } from './page.keys.ts';
import type { PageJob } from './page.queue.ts';
import type { PageStore } from './page.store.ts';
import type { Page } from './page.ts';
import type { UploadSlot, UploadSlots } from './upload-slots.ts';

interface Dependencies {
  projects: ProjectService;
  pages: PageStore;
  audit: Pick<AuditService, 'recordChange'>;
  blobs: BlobStore;
  queue: JobQueue<PageJob>;
  slots: UploadSlots;
  maxFileBytes: number;
  pace?: SenderLimits;
  logger: Logger;
  now: () => Date;
}

export interface IncomingFile {
  fileName: string;
  declaredType: string;
  body: Readable;
}

/** A file that lies in S3, whole and inspected, but is no page yet. */
export interface StoredFile {
  pageId: string;
  fileName: string;
  originalKey: string;
  contentType: ImageType;
  sizeBytes: number;
  sha256: string;
}

/** Where a file is going: into a project as a new page, or into a page in the place of its image. */
export interface Destination {
  projectId: string;
  /** Given when the file replaces a page's image. */
  pageId?: string;
}

/** Leave to add pages to a project, and whose. */
export interface Reservation extends Destination {
  person: Person;
  project: Project;
  /** Uploads that end in any order keep the one in which they were begun. */
  orderedAt?: Date;
}

export function createUploadService(dependencies: Dependencies) {
  const { projects, pages, audit, blobs, queue, slots, maxFileBytes, logger, now } = dependencies;
  const pace = dependencies.pace ?? senderLimits;

  async function announce(page: Page) {
    const { projectId, id: pageId, revision } = page;
    try {
      await queue.send({ projectId, pageId, revision });
    } catch (error) {
      logger.warn({ err: error, projectId, pageId }, 'the message was not sent; the sweeper will send it');
    }
  }

  /** The page, when this file is its image: also after a write whose answer was lost. */
  async function findTaken(
    projectId: string,
    pageId: string,
    file: Pick<StoredFile, 'originalKey'>,
  ): Promise<Page | undefined> {
    const page = await pages.find(projectId, pageId);
    return page?.originalKey === file.originalKey ? page : undefined;
  }

  function tooLarge() {
    return new PaperliftError('too-large', {
      code: 'file-too-large',
      message: `The file is too large: at most ${Math.floor(maxFileBytes / 1024 / 1024)} MB are taken.`,
      todo: 'Save it smaller, then upload it again.',
    });
  }

  /** The page that the same upload became before: its sender heard no answer, and sent it again. */
  async function findRepeated({ projectId, pageId }: Reservation, files: StoredFile[]) {
    const page = pageId === undefined ? undefined : await pages.find(projectId, pageId);
    if (!page) return undefined;
    await blobs.removeAll(files.map((file) => file.originalKey).filter((key) => key !== page.originalKey));
    return [page];
  }

  /** Takes back what an upload has made; not the page of another upload that has the same id. Returns what is gone. */
  async function removeAgain(accepted: Page[], created: Page[]): Promise<Page[]> {
    const outcomes = await Promise.allSettled(
      accepted.map(async (page) => {
        const isOurs = created.includes(page) || (await findTaken(page.projectId, page.id, page));
        if (isOurs) await pages.remove(page.projectId, page.id);
      }),
    );
    return accepted.filter((_, index) => outcomes[index]?.status === 'fulfilled');
  }

  /** Inspects the bytes on their way. The first refusal ends the copy; the rest of the body is read and dropped. */
  async function copy(file: IncomingFile, into: PassThrough, slot: UploadSlot, signal: AbortSignal) {
    const hash = createHash('sha256');
    const inspector = createImageInspector(file.declaredType);
    let sizeBytes = 0;
    for await (const chunk of readFromSender(file.body, { signal, onSlow: slot.lend, limits: pace })) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxFileBytes) throw tooLarge();
      inspector.push(chunk);
      hash.update(chunk);
      if (!into.write(chunk)) await once(into, 'drain', { signal });
    }
    const image = inspector.finish();
    return { contentType: image.contentType, sizeBytes, sha256: hash.digest('hex') };
  }

  return {
    /**
     * To be asked before any of a body is read: may this person add to this project? An upload with a name is of one
     * file, and may be repeated.
     */
    async reserve(person: Person, projectId: string, named?: NamedUpload): Promise<Reservation> {
      const project = await projects.open(person, projectId);
      if (!named) return { projectId, person, project };
      const pageId = pageIdOf(named, person.id, projectId);
      return { projectId, person, project, pageId, orderedAt: named.begunAt };
    },

    /**
     * Streams a file to S3. Throws a PaperliftError when the file is refused, and leaves nothing in S3 then, nor when
     * `signal` aborts because the sender went away.
     */
    async store(
      { projectId, pageId = makeUlid(now().getTime()) }: Destination,
      file: IncomingFile,
      signal: AbortSignal,
    ): Promise<StoredFile> {
      const slot = await slots.take(signal);
      const originalKey = pageKeys.original({ projectId, id: pageId }, makeUlid(now().getTime()));
      const giveUp = new AbortController();
      const ended = AbortSignal.any([signal, giveUp.signal]);
      const toS3 = new PassThrough({ highWaterMark: 256 * 1024 });
      const uploading = blobs.putStream(originalKey, toS3, 'application/octet-stream', ended);
      try {
        uploading.catch(() => giveUp.abort());
        const facts = await copy(file, toS3, slot, ended);
        toS3.end();
        await uploading;
        return { pageId, originalKey, fileName: file.fileName, ...facts };
      } catch (error) {
        giveUp.abort();
        const uploadError: unknown = await uploading.catch((failure) => failure);
        throw isPaperliftError(uploadError) && !isPaperliftError(error) ? uploadError : error;
      } finally {
        slot.release();
      }
    },

    /** Drops files that were stored but are not to become pages. */
    async discard(files: StoredFile[]) {
      await blobs.removeAll(files.map((file) => file.originalKey));
    },

    /** Makes pages of stored files, in their order, at the end of the project as it was when the upload began. */
    async accept(reservation: Reservation, files: StoredFile[]): Promise<Page[]> {
      const { projectId, person, project, orderedAt = now() } = reservation;
      const taken = await findRepeated(reservation, files);
      if (taken) return taken;
      const createdAt = now();
      const accepted = files.map((file, index): Page => {
        const { pageId, ...facts } = file;
        return {
          id: pageId,
          projectId,
          position: orderedAt.getTime() * 1000 + index,
          status: 'uploaded',
          revision: 1,
          rotation: 0,
          ...facts,
          createdAt: createdAt.toISOString(),
          updatedAt: createdAt.toISOString(),
        };
      });
      const created: Page[] = [];
      try {
        await audit.recordChange(
          { ...aboutProject(person, project), action: 'pages.added', ...sayPages(accepted) },
          async () => {
            for (const page of accepted) {
              await pages.create(page);
              created.push(page);
            }
            if (!(await projects.exists(projectId))) throw notFound('project');
          },
        );
      } catch (error) {
        const gone = await removeAgain(accepted, created);
        await blobs.removeAll(gone.map((page) => page.originalKey)); // a record that stays keeps its original
        throw error;
      }
      await Promise.all(accepted.map(announce));
      return accepted;
    },

    /**
     * Puts a stored file in the place of a page's image: a new revision. The old image stays until the project goes. The
     * new one goes at once when the page did not take it.
     */
    async replace(person: Person, { projectId, pageId = '' }: Destination, file: StoredFile): Promise<Page> {
      const { pageId: _, ...facts } = file;
      try {
        const project = await projects.open(person, projectId);
        const page = await pages.find(projectId, pageId);
        if (!page) throw notFound('page');
        const revised = await audit.recordChange(
          { ...aboutProject(person, project), action: 'page.replaced', pageId },
          async () => {
            const taken =
              (await pages.reviseImage(page, { ...facts, rotation: 0 })) ??
              (await findTaken(projectId, pageId, file));
            if (!taken) throw changedMeanwhile();
            return taken;
          },
        );
        await announce(revised);
        return revised;
      } catch (error) {
        // Not when nobody can say whether the page has taken it: an object too many is the smaller evil.
        if (!(await findTaken(projectId, pageId, file))) await blobs.removeAll([file.originalKey]);
        throw error;
      }
    },

    announce,
    tooLarge,
  };
}

function sayPages(pages: Page[]): { pageId?: string; detail?: string } {
  const [first] = pages;
  if (first && pages.length === 1) return { pageId: first.id };
  return { detail: `${pages.length} pages: ${pages.map(({ id }) => id).join(' ')}` };
}

export type UploadService = ReturnType<typeof createUploadService>;

export function changedMeanwhile() {
  return new PaperliftError('conflict', {
    code: 'page-changed',
    message: 'The page was changed by somebody else, or is just being read.',
    todo: 'Look at it again, then repeat what you wanted to do.',
  });
}
