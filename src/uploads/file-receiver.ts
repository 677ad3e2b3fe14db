// Receives files: each streams to S3 while it is counted, hashed and inspected.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { ulid as makeUlid } from 'ulid';
import type { BlobStore } from '../aws/blob-store.ts';
import { isPaperliftError, PaperliftError, unavailable } from '../errors.ts';
import { createFileInspector } from '../files/file-inspector.ts';
import { type FileType, imageTypeNames, isDocument } from '../files/file-types.ts';
import { pageKeys } from '../pages/page.keys.ts';
import type { Person } from '../people/person.ts';
import { readFromSender, type SenderLimits, senderLimits } from './paced-sender.ts';
import type { UploadSlot, UploadSlots } from './upload-slots.ts';

interface Dependencies {
  blobs: Pick<BlobStore, 'putStream' | 'removeAll'>;
  slots: UploadSlots;
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

export function createFileReceiver({ blobs, slots, limits, pace = senderLimits, now }: Dependencies) {
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

  return {
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

    discard,
    assertTaken,
  };
}

export type FileReceiver = ReturnType<typeof createFileReceiver>;

async function openBody(body: IncomingFile['body']): Promise<{ body: Readable; isOurs: boolean }> {
  if (typeof body !== 'function') return { body, isOurs: false };
  const opened = await body();
  opened.on('error', () => {}); // heard where the body is read; it may be given up before
  return { body: opened, isOurs: true };
}

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
