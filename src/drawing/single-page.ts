import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from '../aws/blob-store.ts';
import type { Page } from '../pages/page.ts';
import { withLocalFile } from './local-file.ts';
import type { PageDrawer } from './page-drawer.ts';

/** Draws the one page whose original is no image that is opened as it is: a HEIC or AVIF, or a page of a file of many. A JPEG. */
export async function drawSinglePage(
  { blobs, drawer }: { blobs: BlobStore; drawer: PageDrawer },
  page: Pick<Page, 'originalKey' | 'contentType' | 'source'>,
  signal: AbortSignal,
): Promise<Buffer> {
  return withLocalFile({ blobs, key: page.originalKey, signal }, async ({ path, folder }) => {
    const file = await drawer.open(path, page.contentType, { folder, signal });
    try {
      const drawn = join(folder, 'drawn.jpg');
      await file.draw(page.source?.page ?? 1, drawn);
      return await readFile(drawn);
    } finally {
      await file.close();
    }
  });
}
