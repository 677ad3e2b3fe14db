// Every page's image with its text beside it, and the whole text, as one ZIP that is made while it is sent to S3: at no
// time is more of it in memory than a piece of one image.
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

/** Stores the ZIP. Returns its size in bytes; throws what S3 throws, and leaves nothing then. */
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
      // JPEGs do not get smaller; each is opened when its turn comes
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
    current?.destroy(); // given up with the ZIP; one that was read to its end is destroyed already
  }
}

/** `007 receipt`: sorted by name they are in the project's order. */
function entryName({ page, number }: PageDetail, count: number): string {
  const digits = Math.max(3, String(count).length);
  const given = safeFileName(page.fileName.replace(/\.[^.]{1,5}$/, ''), 'page');
  return `${String(number).padStart(digits, '0')} ${given}`;
}
