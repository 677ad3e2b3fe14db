import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from '../aws/blob-store.ts';
import type { Page } from '../pages/page.ts';
import { withLocalFile } from './local-file.ts';
import type { PageDrawer } from './page-drawer.ts';

/**
 * Draws a page whose original cannot be opened directly (a HEIC or AVIF image, or a page of a PDF or TIFF) as a JPEG.
 * Where its own text is wanted and real, `ownText` is that, as JSON.
 */
export async function drawSinglePage(
  { blobs, drawer }: { blobs: BlobStore; drawer: PageDrawer },
  page: Pick<Page, 'originalKey' | 'contentType' | 'source' | 'textSource'>,
  signal: AbortSignal,
): Promise<{ image: Buffer; ownText?: Buffer }> {
  return withLocalFile({ blobs, key: page.originalKey, signal }, async ({ path, folder }) => {
    const file = await drawer.open(path, page.contentType, { folder, signal });
    try {
      const drawn = join(folder, 'drawn.jpg');
      const number = page.source?.page ?? 1;
      const textPath = join(folder, 'text.json');
      const hasOwnText = page.textSource === 'pdf-text' && (await file.takeText(number, textPath));
      await file.draw(number, drawn, hasOwnText ? 'looking' : 'reading');
      const image = await readFile(drawn);
      return hasOwnText ? { image, ownText: await readFile(textPath) } : { image };
    } finally {
      await file.close();
    }
  });
}
