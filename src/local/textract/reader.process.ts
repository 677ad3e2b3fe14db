// A process of the pool: decodes a document's image and reads it, one job at a time. Tesseract runs in a thread below. When either
// dies the pool sees this one end, and starts another; when the pool's own process dies, this one ends.
import sharp from 'sharp';
import type { RgbImage } from './engine/image.ts';
import { createReaderSet } from './engine/reader-set.ts';
import type { ReaderAnswer, ReaderJob } from './reader-pool.ts';

sharp.concurrency(1);
sharp.cache(false);

process.once('disconnect', () => process.exit());
// The pool decides when its processes end: a signal to the whole group must not cut off a document.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {});

const readers = await createReaderSet(JSON.parse(process.argv[2] ?? '{}'));

// What loading the models left over is as much as the models.
globalThis.gc?.();

process.on('message', async (job: ReaderJob) => {
  process.send?.(await answer(job));
});
process.send?.({ kind: 'ready' } satisfies ReaderAnswer);

async function answer({ document, languages }: ReaderJob): Promise<ReaderAnswer> {
  let page: RgbImage;
  try {
    page = await readers.decode(document);
  } catch (error) {
    return { kind: 'unreadable', reason: String(error) };
  }
  try {
    return { kind: 'read', lines: await readers.read(page, languages) };
  } catch (error) {
    return { kind: 'failed', reason: String(error) };
  }
}
