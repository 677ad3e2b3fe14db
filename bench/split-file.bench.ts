// Measures a PDF of 300 scans: when its pages are ready, and the memory it takes. Pages must appear in order, and
// progress must not decrease.
import { setTimeout as delay } from 'node:timers/promises';
import { buildPdf } from '../test/support/documents.ts';
import { findChildren, readResident } from './process-memory.ts';
import { createRow, type Row } from './row.ts';
import type { RunningStack } from './running-stack.ts';
import type { Scan } from './scans.ts';
import type { Visitor } from './visitor.ts';

const pageCount = 300;
const pollMs = 500;
const sampleMs = 100;

interface Progress {
  pagesDone: number;
  readPages: number;
}

export async function measureSplitFile(given: { stack: RunningStack; visitor: Visitor; scans: Scan[] }) {
  const { stack, visitor, scans } = given;
  const pages = Array.from({ length: pageCount }, (_, index) => ({
    image: scans[index % scans.length]?.image as Buffer,
    width: 595,
    height: 842,
  }));
  const projectId = await visitor.createProject('A file of 300 pages');
  const memory = watchMemory(stack);
  const startedAt = performance.now();
  const secondsSince = () => (performance.now() - startedAt) / 1000;
  await upload(visitor, projectId, await buildPdf(pages));
  const uploaded = secondsSince();

  let [first, split, steps] = [0, 0, 0];
  let last: Progress = { pagesDone: 0, readPages: 0 };
  while (last.readPages < pageCount) {
    await delay(pollMs);
    const { items } = await visitor.call('GET', `/projects/${projectId}/imports`);
    const [item] = items as { status: string; pagesDone: number; failure?: unknown }[];
    if (!item || item.failure) throw new Error(`The file was not split: ${JSON.stringify(item)}`);
    const read = await countRead(visitor, projectId);
    if (item.pagesDone < last.pagesDone || read < last.readPages) steps += 1;
    last = { pagesDone: item.pagesDone, readPages: read };
    if (read > 0 && first === 0) first = secondsSince();
    if (item.status === 'done' && split === 0) split = secondsSince();
  }
  const all = secondsSince();
  const peaks = memory.stop();
  await visitor.removeProject(projectId);

  const row = (id: string, what: string, value: number, unit: string, rest: Partial<Row> = {}) =>
    createRow({ id: `split-${id}`, what: `PDF of ${pageCount} scans: ${what}`, value, unit, ...rest });
  const under600 = { of: 'value', atMost: 600 } as const;
  return [
    row('first-page', 'first page to read', first, 's', {
      beside: { what: 'all of them', value: all, unit: 's' },
      target: { of: 'ratio', atMost: 0.2 },
      note: `uploaded in ${uploaded.toFixed(1)} s, split after ${split.toFixed(0)} s`,
    }),
    row('steps-back', 'progress that went back', steps, 'times', { target: { of: 'value', atMost: 0 } }),
    row('web-memory', 'the web’s memory', peaks.web, 'MB', { target: under600 }),
    row('worker-memory', 'the worker’s memory', peaks.worker, 'MB', {
      target: under600,
      note: `the process that draws the pages: ${Math.round(peaks.drawing)} MB at most`,
    }),
  ];
}

async function upload(visitor: Visitor, projectId: string, pdf: Buffer) {
  const form = new FormData();
  form.append('files', new Blob([new Uint8Array(pdf)], { type: 'application/pdf' }), 'scans.pdf');
  const path = `${visitor.url}/api/v1/projects/${projectId}/pages`;
  const response = await fetch(path, { method: 'POST', headers: visitor.headers, body: form });
  if (response.status !== 201) throw new Error(`Upload: ${response.status} ${await response.text()}`);
}

/** Ready pages. Throws when they are not in the file's order, or one failed. */
async function countRead(visitor: Visitor, projectId: string): Promise<number> {
  const { items } = await visitor.call('GET', `/projects/${projectId}/pages`);
  let ready = 0;
  for (const [index, page] of items.entries()) {
    if (page.source.page !== index + 1) throw new Error(`Page ${page.source.page} is at place ${index + 1}`);
    if (page.status === 'failed') throw new Error(`A page failed: ${JSON.stringify(page.failure)}`);
    if (page.status === 'ready') ready += 1;
  }
  return ready;
}

/** The peak memory of web, worker and the worker's child processes, in MB of resident memory (proc(5)). */
function watchMemory({ webPid, workerPid }: RunningStack) {
  const peaks = { web: 0, worker: 0, drawing: 0 };
  const timer = setInterval(() => {
    peaks.web = Math.max(peaks.web, readResident(webPid));
    peaks.worker = Math.max(peaks.worker, readResident(workerPid));
    for (const child of findChildren(workerPid)) peaks.drawing = Math.max(peaks.drawing, readResident(child));
  }, sampleMs);
  return {
    stop() {
      clearInterval(timer);
      return peaks;
    },
  };
}
