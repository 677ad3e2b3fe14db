// A thread of the pool: decodes a document's image and reads it, one job at a time.
// Tesseract runs in a thread below this one; when either dies the pool sees this one die, and starts another.
import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import type { RgbImage } from './engine/image.ts';
import { createReaderSet } from './engine/reader-set.ts';
import type { ThreadAnswer, ThreadJob, ThreadSettings } from './reader-pool.ts';

sharp.concurrency(1);
sharp.cache(false);

const readers = await createReaderSet(workerData as ThreadSettings);

parentPort?.on('message', async (job: ThreadJob) => {
  parentPort?.postMessage(await answer(job));
});
parentPort?.postMessage({ kind: 'ready' } satisfies ThreadAnswer);

async function answer({ document, languages }: ThreadJob): Promise<ThreadAnswer> {
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
