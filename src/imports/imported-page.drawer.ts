// Draws one page of a file, and stores its image and its own text.
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from '../aws/blob-store.ts';
import { failureOf } from '../drawing/failures.ts';
import { DrawingEndedError, type OpenedFile } from '../drawing/page-drawer.ts';
import type { Lease } from '../jobs/leased-items.ts';
import { pageKeys } from '../pages/page.keys.ts';
import type { Logger } from '../runtime/logger.ts';
import { type Import, importedPageId } from './import.ts';
import type { PageOutcome } from './page-outcome.ts';

export function createImportedPageDrawer({ blobs, logger }: { blobs: BlobStore; logger: Logger }) {
  return async function draw(item: Import, lease: Lease, number: number, file: OpenedFile, folder: string) {
    const { projectId, id: importId } = item;
    const address = { projectId, id: importedPageId(importId, number) };
    const path = join(folder, `${number}.jpg`);
    const textPath = join(folder, `${number}.json`);
    const { originalKey, contentType, sizeBytes, sha256 } = item;
    try {
      const hasOwnText = await file.takeText(number, textPath);
      const { hadText } = await file.draw(number, path, hasOwnText ? 'looking' : 'reading');
      const image = await readFile(path);
      const name = `${importId}-${lease.attempt}`;
      const key = pageKeys.original(address, name);
      await blobs.put(key, image, 'image/jpeg');
      const ownTextKey = hasOwnText ? pageKeys.ownText(address, name) : undefined;
      if (ownTextKey) await blobs.put(ownTextKey, await readFile(textPath), 'application/json');
      const outcome: PageOutcome = {
        status: 'uploaded',
        originalKey: key,
        contentType: 'image/jpeg',
        sizeBytes: image.length,
        sha256: createHash('sha256').update(image).digest('hex'),
        hadText,
        ...(ownTextKey ? { textSource: 'pdf-text', hasOwnText, ownTextKey } : {}),
      };
      return outcome;
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      logger.warn({ err: error, projectId, importId, number }, 'could not draw a page');
      const outcome: PageOutcome = {
        status: 'failed',
        failure,
        originalKey,
        contentType,
        sizeBytes,
        sha256,
        hadText: false,
        isBroken: error instanceof DrawingEndedError,
      };
      return outcome;
    } finally {
      await Promise.all([path, textPath].map((file) => rm(file, { force: true })));
    }
  };
}
