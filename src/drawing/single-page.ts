import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from '../aws/blob-store.ts';
import type { Page } from '../pages/page.ts';
import { withLocalFile } from './local-file.ts';
import type { PageDrawer } from './page-drawer.ts';

/**
 * Draws a page whose original cannot be opened directly (a HEIC or AVIF image, or a page of a PDF or TIFF) as a JPEG.
 */
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
