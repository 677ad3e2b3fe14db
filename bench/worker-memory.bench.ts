// Measures the worker's memory for the most expensive images, one after another and all at once.
import { setTimeout as delay } from 'node:timers/promises';
import { findChildren, readResident } from './process-memory.ts';
import { createRow, type Row } from './row.ts';
import type { RunningStack } from './running-stack.ts';
import type { Visitor } from './visitor.ts';
import { makeWorstImages, type WorstImage } from './worst-images.ts';

const sampleMs = 20;
const pollMs = 200;
const timeoutMs = 15 * 60_000;

export async function measureWorkerMemory(given: { stack: RunningStack; visitor: Visitor }): Promise<Row[]> {
  const { stack } = given;
  const images = await makeWorstImages();
  const idle = readTotalMemory(stack.workerPid);
  const single: { fileName: string; peak: number }[] = [];
  for (const image of images)
    single.push({ fileName: image.fileName, peak: await processImages(given, [image]) });
  const together = await processImages(given, images);
  const most = Math.max(...single.map(({ peak }) => peak));
  const row = (id: string, what: string, value: number, note: string) =>
    createRow({ id, what, value, unit: 'MB', target: { of: 'value', atMost: 1000 }, note });
  return [
    row(
      'worker-memory-each',
      `Worker memory, ${images.length} worst images one after the other`,
      most,
      `with its processes, ${Math.round(idle)} MB idle; ${single.map(({ fileName, peak }) => `${fileName} ${Math.round(peak)}`).join(', ')}`,
    ),
    row(
      'worker-memory-together',
      `Worker memory, ${images.length} worst images at once`,
      together,
      'with its processes',
    ),
  ];
}

/** Uploads the images and waits until their pages are ready; the peak in MB. */
async function processImages(
  { stack, visitor }: { stack: RunningStack; visitor: Visitor },
  images: WorstImage[],
): Promise<number> {
  const projectId = await visitor.createProject('Worst images');
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, readTotalMemory(stack.workerPid));
  }, sampleMs);
  try {
    await Promise.all(images.map((image) => upload(visitor, projectId, image)));
    const until = performance.now() + timeoutMs;
    for (;;) {
      const { items } = (await visitor.call('GET', `/projects/${projectId}/pages`)) as {
        items: { status: string; fileName: string; failure?: { message: string } }[];
      };
      const failed = items.find(({ status }) => status === 'failed');
      if (failed) throw new Error(`${failed.fileName}: ${failed.failure?.message}`);
      if (items.filter(({ status }) => status === 'ready').length === images.length) break;
      if (performance.now() > until) throw new Error(`Not ready: ${JSON.stringify(items)}`);
      await delay(pollMs);
    }
  } finally {
    clearInterval(timer);
  }
  await visitor.removeProject(projectId);
  return peak;
}

async function upload(visitor: Visitor, projectId: string, { file, fileName, contentType }: WorstImage) {
  const form = new FormData();
  form.append('files', new Blob([new Uint8Array(file)], { type: contentType }), fileName);
  const path = `${visitor.url}/api/v1/projects/${projectId}/pages`;
  const response = await fetch(path, { method: 'POST', headers: visitor.headers, body: form });
  if (response.status !== 201) throw new Error(`${fileName}: ${response.status} ${await response.text()}`);
}

/** Of the worker and the processes that it started, in MB (10^6 bytes). */
function readTotalMemory(pid: number): number {
  return [pid, ...findChildren(pid)].reduce((sum, each) => sum + readResident(each), 0) * 1.048_576;
}
