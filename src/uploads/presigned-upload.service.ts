// Uploads that do not pass through the server: the browser stores a file in S3 through a presigned URL, then reports
// it. The server checks it like any upload while it copies it under a key for which no URL was signed. So originals
// cannot be changed afterwards, and only checked bytes become originals.
import { ulid as makeUlid } from 'ulid';
import type { BlobStore } from '../aws/blob-store.ts';
import type { PresignedPut, Presigner } from '../aws/presigned.ts';
import { notFound } from '../errors.ts';
import { readFileName } from '../files/file-name.ts';
import { meantType } from '../files/file-types.ts';
import type { ImportStore } from '../imports/import.store.ts';
import type { PageStore } from '../pages/page.store.ts';
import type { Person } from '../people/person.ts';
import { uploadsPrefix } from '../projects/project.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Accepted } from './accepted.ts';
import type { FileReceiver, StoredFile } from './file-receiver.ts';
import { beingCompleted, notAsAnnounced, nothingUploaded, typeNotTaken } from './presigned-upload.errors.ts';
import type { PresignedUpload, PresignedUploadStore } from './presigned-upload.store.ts';
import type { Reservation, UploadService } from './upload.service.ts';
import { isFileError, toRefusal } from './upload-refusals.ts';
import { UploadRefusedError } from './upload-refused.error.ts';

interface Dependencies {
  uploads: UploadService;
  files: FileReceiver;
  pages: PageStore;
  imports: ImportStore;
  presignedUploads: PresignedUploadStore;
  presigner: Presigner;
  blobs: BlobStore;
  logger: Logger;
  now: () => Date;
}

/** What a sender announces about a file before uploading it. */
export interface AnnouncedFile {
  fileName: string;
  contentType: string;
  sizeBytes: number;
  /** Set when the file replaces this page's image. */
  pageId?: string;
}

/** The maximum duration of a completion. A claim on an upload lasts longer. */
const takeMs = 4 * 60_000;
const claimMs = 5 * 60_000;

export function createPresignedUploadService(dependencies: Dependencies) {
  const { uploads, files, pages, imports, presignedUploads, presigner, blobs, logger, now } = dependencies;

  async function forget(upload: PresignedUpload) {
    await blobs.removeAll([upload.key]);
    await presignedUploads.remove(upload);
  }

  /** Checks the uploaded file like any upload while copying it to the original's key. */
  async function take(person: Person, upload: PresignedUpload): Promise<StoredFile> {
    const found = await blobs.head(upload.key);
    if (!found) throw nothingUploaded();
    const { fileName, declaredType, sizeBytes, projectId, pageId, replaces } = upload;
    if (found.sizeBytes !== sizeBytes || found.contentType !== declaredType)
      throw notAsAnnounced(upload, found);
    const open = async () => (await blobs.open(upload.key)).body;
    return files.store(
      { projectId, person, pageId, replaces },
      { fileName, declaredType, body: open },
      AbortSignal.timeout(takeMs),
    );
  }

  async function make(
    reservation: Reservation,
    upload: PresignedUpload,
    file: StoredFile,
  ): Promise<Accepted> {
    const { projectId, pageId } = upload;
    if (upload.replaces) {
      const page = await uploads.replace(reservation.person, { projectId, pageId }, file);
      return { pages: [page], imports: [] };
    }
    return uploads.accept({ ...reservation, orderedAt: new Date(upload.createdAt) }, [file]);
  }

  async function finish(upload: PresignedUpload) {
    await presignedUploads.complete(upload);
    await blobs
      .removeAll([upload.key])
      .catch((error) => logger.warn({ err: error, key: upload.key }, 'could not remove a completed upload'));
  }

  /** The page or import that the upload became, if any. */
  async function findMade({ projectId, pageId }: PresignedUpload): Promise<Accepted | undefined> {
    const page = await pages.find(projectId, pageId);
    if (page) return { pages: [page], imports: [] };
    const item = await imports.find(projectId, pageId);
    return item && { pages: [], imports: [item] };
  }

  async function madeOf(upload: PresignedUpload): Promise<Accepted> {
    const made = await findMade(upload);
    if (!made) throw notFound('page'); // deleted since
    return made;
  }

  return {
    /**
     * A URL for one file of exactly this type and length. Throws a PaperliftError for a file that no upload may be.
     */
    async begin(
      person: Person,
      projectId: string,
      file: AnnouncedFile,
    ): Promise<{ upload: PresignedUpload; put: PresignedPut }> {
      await uploads.reserve(person, projectId, { addsPage: file.pageId === undefined });
      if (file.pageId && !(await pages.find(projectId, file.pageId))) throw notFound('page');
      const type = meantType(file.contentType);
      if (!type) throw typeNotTaken(file.pageId !== undefined);
      files.assertTaken(type === 'unknown' ? undefined : type, file.sizeBytes, file.pageId !== undefined);
      const id = makeUlid(now().getTime());
      const upload: PresignedUpload = {
        id,
        projectId,
        personId: person.id,
        key: `${uploadsPrefix(projectId)}${id}`,
        fileName: readFileName(file.fileName),
        declaredType: file.contentType,
        sizeBytes: file.sizeBytes,
        pageId: file.pageId ?? makeUlid(now().getTime()),
        replaces: file.pageId !== undefined,
        createdAt: now().toISOString(),
      };
      const put = await presigner.signPut(upload.key, file);
      await presignedUploads.create(upload);
      return { upload, put };
    },

    /**
     * Turns the uploaded file into a page or an import. Repeating it returns the same. A rejected file is deleted
     * together with its permission to upload. Before the file has arrived, and while another request completes it,
     * nothing changes.
     */
    async complete(person: Person, projectId: string, id: string): Promise<Accepted> {
      const reservation = await uploads.resume(person, projectId);
      const upload = await presignedUploads.find(projectId, id);
      if (!upload || upload.personId !== person.id) throw notFound('upload');
      if (upload.completedAt) return madeOf(upload);
      if (!(await presignedUploads.claim(upload, claimMs))) throw beingCompleted();
      try {
        // an attempt that died after it had created the page left only this to do
        const already = upload.replaces ? undefined : await findMade(upload);
        const made = already ?? (await make(reservation, upload, await take(person, upload)));
        await finish(upload);
        return made;
      } catch (error) {
        if (isFileError(error)) {
          await forget(upload);
          throw new UploadRefusedError([toRefusal(upload.fileName, error)]);
        }
        await presignedUploads.release(upload).catch(() => {}); // else the claim expires
        throw error;
      }
    },

    /** For the sweeper: deletes what was never completed. */
    async expire(upload: PresignedUpload) {
      if (!(await presignedUploads.claim(upload, claimMs))) return;
      await forget(upload);
    },
  };
}

export type PresignedUploadService = ReturnType<typeof createPresignedUploadService>;
