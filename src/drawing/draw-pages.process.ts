// Draws the pages of one file in a process of its own, so that a malicious or damaged file harms nothing else. The
// process has no credentials, and ends with the worker that started it.
import { flushCompileCache } from 'node:module';
import { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import { type Drawable, DrawingError } from './drawable.ts';
import { type DrawingAnswer, type DrawingRequest, tooLargeSignal } from './drawing.messages.ts';

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

async function answer(request: DrawingRequest): Promise<DrawingAnswer> {
  if (request.do === 'draw') {
    if (!file) throw new Error('No file was opened');
    return { outcome: 'drawn', ...(await file.draw(request.number, request.path, request.use)) };
  }
  if (request.do === 'takeText') {
    if (!file) throw new Error('No file was opened');
    return { outcome: 'text', isReal: await file.takeText(request.number, request.path) };
  }
  if (request.do === 'copyPages') {
    if (!file) throw new Error('No file was opened');
    await file.copyPages(request.numbers, request.path);
    return { outcome: 'copied' };
  }
  const load = openers[request.type];
  if (!load) throw new Error(`Unsupported type ${request.type}`);
  const open = await load();
  flushCompileCache(); // the worker kills the process in the end, and Node writes its cache only when it exits
  file = await open(request.path);
  if (file.pageCount < 1) throw new DrawingError('no-pages', 'the file has no pages');
  return { outcome: 'opened', pageCount: file.pageCount };
}

process.on('message', (request: DrawingRequest) => {
  answer(request)
    .catch((error): DrawingAnswer => {
      if (!(error instanceof DrawingError)) throw error;
      return { outcome: 'refused', fault: error.fault, detail: error.message };
    })
    .then((said) => process.send?.(said));
});
process.on('disconnect', () => {}); // the thread sees to the end
