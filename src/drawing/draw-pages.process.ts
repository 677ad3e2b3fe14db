// Draws the pages of one file in a process of its own, so that a malicious or damaged file harms nothing else. The
// process has no credentials, and ends with the worker that started it.
import { flushCompileCache } from 'node:module';
import { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import { type Drawable, DrawingError } from './drawable.ts';
import {
  type DrawingAnswer,
  type DrawingOutcome,
  type DrawingRequest,
  type DrawingStep,
  type DrawingTask,
  tooLargeSignal,
} from './drawing.messages.ts';

/** A file may contain something other than its header says. Above this size the system ends the process. */
const maxResidentBytes = 800 * 1024 * 1024;

/** Enough for a page of 40 million pixels and the image on it. */
const maxWasmBytes = 512 * 1024 * 1024;

sharp.block({ operation: ['VipsForeignLoad'] });
// AVIF, and JPEG images in old TIFF files
sharp.unblock({ operation: ['VipsForeignLoadTiff', 'VipsForeignLoadHeif', 'VipsForeignLoadJpeg'] });
sharp.cache(false);
sharp.concurrency(1);

// when this throws, Emscripten reports to C that memory is exhausted
const grow = WebAssembly.Memory.prototype.grow;
WebAssembly.Memory.prototype.grow = function growWithin(pages: number) {
  if (this.buffer.byteLength + pages * 65_536 > maxWasmBytes)
    throw new RangeError('The file needs too much memory');
  return grow.call(this, pages);
};

// In a thread, because drawing blocks the event loop. A killed worker cannot remove its copy of the file; this does.
const watch = `
  const { readFileSync, rmSync } = require('node:fs');
  const { parent, folder, maxResidentBytes, tooLargeSignal } = require('node:worker_threads').workerData;
  const residentBytes = () => {
    try {
      return Number(/^VmRSS:\\s+(\\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) * 1024;
    } catch {
      return 0; // not Linux
    }
  };
  setInterval(() => {
    if (residentBytes() > maxResidentBytes) process.kill(process.pid, tooLargeSignal);
  }, 50);
  setInterval(() => {
    if (process.ppid === parent) return;
    if (folder) rmSync(folder, { recursive: true, force: true });
    process.kill(process.pid, 'SIGKILL');
  }, 500);`;
new Worker(watch, {
  eval: true,
  workerData: { parent: process.ppid, folder: process.argv[2], maxResidentBytes, tooLargeSignal },
});

/** Loaded by type, because loading them takes longer than drawing a page. */
const openers: Record<string, () => Promise<(path: string) => Promise<Drawable>>> = {
  'application/pdf': async () => (await import('./pdf.drawable.ts')).openPdf,
  'image/tiff': async () => (await import('./tiff.drawable.ts')).openTiff,
  'image/heic': async () => (await import('./heif.drawable.ts')).openHeif,
  'image/avif': async () => (await import('./heif.drawable.ts')).openHeif,
};

let file: Drawable | undefined;

type Timed = <T>(name: DrawingStep['name'], step: () => T | Promise<T>) => Promise<T>;

async function perform(task: DrawingTask, timed: Timed): Promise<DrawingOutcome> {
  if (task.do === 'open') return openFile(task, timed);
  if (!file) throw new Error('No file was opened');
  const opened = file;
  if (task.do === 'draw') {
    const drawn = await timed('draw', () => opened.draw(task.number, task.path, task.use));
    return { outcome: 'drawn', ...drawn };
  }
  if (task.do === 'takeText') {
    const isReal = await timed('take text', () => opened.takeText(task.number, task.path));
    return { outcome: 'text', isReal };
  }
  await timed('copy pages', () => opened.copyPages(task.numbers, task.path));
  return { outcome: 'copied' };
}

async function openFile({ type, path }: DrawingTask & { do: 'open' }, timed: Timed): Promise<DrawingOutcome> {
  const load = openers[type];
  if (!load) throw new Error(`Unsupported type ${type}`);
  const open = await timed('load', load);
  flushCompileCache(); // the worker kills the process in the end, and Node writes its cache only when it exits
  file = await timed('open', () => open(path));
  if (file.pageCount < 1) throw new DrawingError('no-pages', 'the file has no pages');
  return { outcome: 'opened', pageCount: file.pageCount };
}

async function answer({ traceparent, ...task }: DrawingRequest): Promise<DrawingAnswer> {
  const steps: DrawingStep[] = [];
  const timed: Timed = async (name, step) => {
    const startedAt = performance.timeOrigin + performance.now();
    try {
      return await step();
    } finally {
      steps.push({ name, startedAt, endedAt: performance.timeOrigin + performance.now() });
    }
  };
  const outcome = await perform(task, timed).catch((error): DrawingOutcome => {
    if (!(error instanceof DrawingError)) throw error;
    return { outcome: 'refused', fault: error.fault, detail: error.message };
  });
  return traceparent ? { ...outcome, steps } : outcome;
}

process.on('message', (request: DrawingRequest) => {
  answer(request).then((said) => process.send?.(said));
});
process.on('disconnect', () => {}); // the thread sees to the end
