import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { asOutage } from './outages.ts';
import { createStreamUpload } from './stream-upload.ts';

export interface Blob {
  key: string;
  body: Readable;
  sizeBytes: number;
}

export interface BlobFacts {
  sizeBytes: number;
  contentType: string;
  metadata: Record<string, string>;
}

/** Objects in one S3 bucket. Keys are made by the server, never by people. */
export function createBlobStore({ s3, bucket }: { s3: Pick<S3Client, 'send'>; bucket: string }) {
  const upload = createStreamUpload({ s3, bucket });

  async function open(key: string): Promise<Blob> {
    const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return { key, body: answer.Body as Readable, sizeBytes: answer.ContentLength ?? 0 };
  }

  /** The size, type and metadata of an object; `undefined` when it does not exist. */
  async function head(key: string): Promise<BlobFacts | undefined> {
    try {
      const answer = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      return {
        sizeBytes: answer.ContentLength ?? 0,
        contentType: answer.ContentType ?? '',
        metadata: answer.Metadata ?? {},
      };
    } catch (error) {
      if (['NotFound', 'NoSuchKey'].includes((error as Error).name)) return undefined;
      throw error;
    }
  }

  async function removeAll(keys: string[]) {
    for (let start = 0; start < keys.length; start += 1000) {
      const answer = await s3.send(
        new DeleteObjectsCommand({
          Bucket: bucket,
          Delete: { Objects: keys.slice(start, start + 1000).map((Key) => ({ Key })), Quiet: true },
        }),
      );
      const [first] = answer.Errors ?? [];
      if (first) throw new Error(`S3 kept ${answer.Errors?.length} objects: ${first.Code} ${first.Key}`);
    }
  }

  return {
    open,
    head,

    /** Reads a whole object into memory. Only for objects that the server made, whose size is bounded. */
    async read(key: string): Promise<Buffer> {
      const { body } = await open(key);
      try {
        return await buffer(body);
      } catch (error) {
        throw asOutage('storage', error);
      }
    },

    /** `metadata`: names in lower case, ASCII values; stored with the object (`x-amz-meta-…`). */
    async put(
      key: string,
      body: Buffer | string,
      contentType: string,
      metadata: Record<string, string> = {},
    ) {
      await s3.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: body,
          ContentType: contentType,
          Metadata: metadata,
        }),
      );
    },

    /**
     * Stores a stream of unknown length, holding at most one part (5 MB, S3's minimum) in memory. When the stream
     * fails or `signal` aborts, nothing is left in S3 by the time this rejects: a multipart upload is aborted, and an
     * object that was already complete is deleted. The SDK's own abort is not used because it rejects before that is
     * done.
     */
    async putStream(key: string, body: Readable, contentType: string, signal?: AbortSignal) {
      body.on('error', () => {}); // handled where the body is read, or it is no longer read
      const stop = () => body.destroy(new Error('The upload was aborted'));
      signal?.addEventListener('abort', stop, { once: true });
      try {
        signal?.throwIfAborted();
        await upload(key, body, contentType);
        signal?.throwIfAborted();
      } catch (error) {
        body.destroy();
        await removeAll([key]).catch(() => {}); // the upload's error is the one to report
        throw error;
      } finally {
        signal?.removeEventListener('abort', stop);
      }
    },

    removeAll,

    /** Deletes every object below a prefix. The prefix ends in `/`, so that `a/1/` does not match `a/10/`. */
    async removeBelow(prefix: string) {
      if (!prefix.endsWith('/')) throw new TypeError(`The prefix ${prefix} does not end in /`);
      for (;;) {
        const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
        const keys = (page.Contents ?? []).flatMap((object) => object.Key ?? []);
        await removeAll(keys);
        if (!page.IsTruncated) return;
      }
    },

    async check() {
      await s3.send(new HeadBucketCommand({ Bucket: bucket }));
    },
  };
}

export type BlobStore = ReturnType<typeof createBlobStore>;
