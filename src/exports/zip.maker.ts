// Every page's image and text, and the whole text, as one ZIP that streams to S3: only a part of one image is in
// memory at a time.
import { Readable, Transform } from 'node:stream';
import { ZipFile } from 'yazl';
import type { BlobStore } from '../aws/blob-store.ts';
import type { PageImages } from '../pages/page-images.ts';
import type { PageDetail } from '../pages/page-reader.ts';
import { safeFileName } from './file-names.ts';
import { renderTxt } from './text.renderers.ts';

interface Options {
  blobs: Pick<BlobStore, 'putStream'>;
  images: Pick<PageImages, 'open'>;
  fileKey: string;
  pages: PageDetail[];
  madeAt: Date;
  onPage: (pagesDone: number) => void;
  signal: AbortSignal;
}

/** Stores the ZIP. Returns its size in bytes. Throws errors of S3, and leaves nothing in S3 then. */
export async function makeZip({
  blobs,
  images,
  fileKey,
  pages,
  madeAt,
  onPage,
  signal,
}: Options): Promise<number> {
  const zip = new ZipFile();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  zip.on('error', (error) => failure.reject(error));
  let current = undefined as Readable | undefined;

  pages.forEach((detail, index) => {
    const { page } = detail;
    const name = entryName(detail, pages.length);
    const mtime = new Date(page.updatedAt);
    if (page.imageKey) {
      // JPEGs are not compressed further; each is opened in its turn
      zip.addReadStreamLazy(`${name}.jpg`, { mtime, compress: false }, (open) => {
        onPage(index);
        images.open(page, 'image').then(
          ({ body }) => {
            current = body;
            open(null, body);
          },
          (error) => open(error, Readable.from([])),
        );
      });
    }
    zip.addBuffer(Buffer.from(`${detail.text}\n`), `${name}.txt`, { mtime });
  });
  zip.addBuffer(Buffer.from(renderTxt(pages)), 'all pages.txt', { mtime: madeAt });
  zip.end();

  let sizeBytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length;
      done(null, chunk);
    },
  });
  failure.promise.catch((error) => counted.destroy(error));
  zip.outputStream.on('error', (error) => counted.destroy(error)).pipe(counted);
  try {
    await Promise.race([blobs.putStream(fileKey, counted, 'application/zip', signal), failure.promise]);
    return sizeBytes;
  } finally {
    current?.destroy(); // the ZIP failed; an image that was read to its end is already destroyed
  }
}

/** `007 receipt`: sorting by name keeps the project's order. */
function entryName({ page, number }: PageDetail, count: number): string {
  const digits = Math.max(3, String(count).length);
  const given = safeFileName(page.fileName.replace(/\.[^.]{1,5}$/, ''), 'page');
  return `${String(number).padStart(digits, '0')} ${given}`;
}
