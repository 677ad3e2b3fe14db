import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';

export interface Blob {
  body: Readable;
  sizeBytes: number;
}

/** Objects in one S3 bucket. Keys are made by the server, never by people. */
export function createBlobStore({ s3, bucket }: { s3: S3Client; bucket: string }) {
  async function open(key: string): Promise<Blob> {
    const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return { body: answer.Body as Readable, sizeBytes: answer.ContentLength ?? 0 };
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
    bucket,
    open,

    /** The whole object in memory: for what the server made itself and knows to be bounded. */
    async read(key: string): Promise<Buffer> {
      return buffer((await open(key)).body);
    },

    async put(key: string, body: Buffer | string, contentType: string) {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType }));
    },

    /**
     * Stores a stream of unknown length, holding at most one part (5 MB, S3's least) at a time. Leaves nothing behind
     * when the stream fails or `signal` aborts: a multipart upload is aborted.
     */
    async putStream(key: string, body: Readable, contentType: string, signal?: AbortSignal) {
      const abortController = new AbortController();
      const abort = () => abortController.abort();
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) abort();
      try {
        await new Upload({
          client: s3,
          params: { Bucket: bucket, Key: key, Body: body, ContentType: contentType },
          queueSize: 1,
          abortController,
        }).done();
      } finally {
        signal?.removeEventListener('abort', abort);
      }
    },

    removeAll,

    /** Deletes everything below a prefix that ends in `/`, so that a neighbour whose name begins alike keeps its own. */
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
