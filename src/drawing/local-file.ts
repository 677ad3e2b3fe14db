import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { BlobStore } from '../aws/blob-store.ts';
import { makeTemporaryFolder } from '../runtime/temporary-folders.ts';

/** Copies an object to a file in a folder of its own for the duration of the work. */
export async function withLocalFile<T>(
  { blobs, key, signal }: { blobs: BlobStore; key: string; signal: AbortSignal },
  work: (file: { path: string; folder: string }) => Promise<T>,
): Promise<T> {
  const folder = await makeTemporaryFolder('file');
  try {
    const path = join(folder, 'original');
    await pipeline((await blobs.open(key)).body, createWriteStream(path), { signal });
    return await work({ path, folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
