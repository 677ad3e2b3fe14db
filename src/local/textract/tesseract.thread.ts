// A thread of the pool: prepares a document's image and reads it, one job at a time.
// Tesseract runs in a thread below this one; when either dies the pool sees this one die, and starts another.
import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { createWorker, type Worker as Tesseract } from 'tesseract.js';
import { type PreparedPage, preparePage, toPgm } from './page-preparation.ts';
import { readLines } from './page-text.ts';
import type { ThreadAnswer, ThreadJob, ThreadSettings } from './tesseract-pool.ts';

const lstmOnly = 1;
const oneBlockOfText = '6';
const findColumns = '3';

const { languages, dataPath } = workerData as ThreadSettings;
sharp.concurrency(1);
sharp.cache(false);

const tesseract: Tesseract = await createWorker(
  languages,
  lstmOnly,
  { langPath: dataPath, cacheMethod: 'none', gzip: true, errorHandler: () => {} },
  {},
);
// Lines below the threshold are read again as white on black.
await tesseract.setParameters({ debug_file: '/dev/null', invert_threshold: '0.5' });

parentPort?.on('message', async (job: ThreadJob) => {
  parentPort?.postMessage(await answer(job));
});
parentPort?.postMessage({ kind: 'ready' } satisfies ThreadAnswer);

async function answer({ document }: ThreadJob): Promise<ThreadAnswer> {
  let page: PreparedPage;
  try {
    page = await preparePage(document);
  } catch (error) {
    return { kind: 'unreadable', reason: String(error) };
  }
  try {
    const layout = { tessedit_pageseg_mode: page.inColumns ? findColumns : oneBlockOfText } as object;
    const { data } = await tesseract.recognize(toPgm(page), layout, { text: false, blocks: true });
    return { kind: 'read', lines: readLines(data.blocks, page.toPage) };
  } catch (error) {
    return { kind: 'failed', reason: String(error) };
  }
}
