// Measures the web process's memory and speed for many large concurrent uploads.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import sharp from 'sharp';
import { createRow, median } from './row.ts';
import type { RunningStack } from './running-stack.ts';
import { putBySdk } from './sdk-upload.peer.ts';
import type { Visitor } from './visitor.ts';

const uploads = 40;
const uploadMegabytes = 9;
const rounds = 2;
const megabyte = 1024 * 1024;

export async function measureUploadMemory({ stack, visitor }: { stack: RunningStack; visitor: Visitor }) {
  const jpeg = await makeJpeg();
  const bytes = (uploads * jpeg.length) / megabyte;
  const ours: number[] = [];
  const theirs: number[] = [];
  // the pages are deleted before the next step, because detecting them would take the processor
  process.kill(stack.workerPid, 'SIGSTOP');
  try {
    const idle = readMemory(stack.webPid, 'VmRSS');
    resetPeakMemory(stack.webPid);
    for (let round = 1; round <= rounds; round += 1) {
      const projectId = await visitor.createProject(`Large uploads ${round}`);
      ours.push(bytes / (await timeAll(() => upload(visitor, projectId, jpeg))));
      await visitor.removeProject(projectId);
      theirs.push(bytes / (await putBySdk({ ...stack.s3, count: uploads, body: jpeg, timeAll })));
    }
    const peak = readMemory(stack.webPid, 'VmHWM');
    return [
      createRow({
        id: 'upload-memory',
        what: `Web memory, ${uploads} uploads at once`,
        value: peak - idle,
        unit: 'MB',
        target: { of: 'value', atMost: 150 },
        note: `growth of the resident size from ${idle.toFixed(0)} to ${peak.toFixed(0)} MB at most; ${uploads} JPEGs of ${(jpeg.length / megabyte).toFixed(1)} MB; the worker pauses`,
      }),
      createRow({
        id: 'upload-rate',
        what: `Upload rate, ${uploads} at once`,
        value: median(ours),
        unit: 'MB/s',
        beside: { what: 'PutObject by the SDK alone', value: median(theirs), unit: 'MB/s' },
        note: `${rounds} rounds in turns`,
      }),
    ];
  } finally {
    process.kill(stack.workerPid, 'SIGCONT');
  }
}

/** Runs it `uploads` times at once; seconds. */
async function timeAll(once: (index: number) => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: uploads }, (_, index) => once(index)));
  return (performance.now() - startedAt) / 1000;
}

/** Noise, which does not compress. */
async function makeJpeg(): Promise<Buffer> {
  const side = 3050;
  const noise = sharp(randomBytes(side * side), { raw: { width: side, height: side, channels: 1 } });
  for (let quality = 60; quality <= 100; quality += 4) {
    const jpeg = await noise.jpeg({ quality }).toBuffer();
    if (jpeg.length >= uploadMegabytes * megabyte) return jpeg;
  }
  throw new Error('The JPEG stays below the wanted size');
}

/** In a separate request, without a copy of the image. */
async function upload(visitor: Visitor, projectId: string, jpeg: Buffer): Promise<void> {
  const boundary = 'paperlift-benchmark';
  const head = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="files"; filename="noise.jpg"\r\nContent-Type: image/jpeg\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const sending = request(`${visitor.url}/api/v1/projects/${projectId}/pages`, {
    method: 'POST',
    agent: false,
    headers: {
      ...visitor.headers,
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': head.length + jpeg.length + tail.length,
    },
  });
  sending.once('error', reject);
  sending.once('response', async (response) => {
    const body = await text(response);
    if (response.statusCode === 201) resolve();
    else reject(new Error(`Upload: ${response.statusCode} ${body}`));
  });
  for (const part of [head, jpeg, tail]) sending.write(part);
  sending.end();
  return promise;
}

/** In MB, of the process (proc(5)). */
function readMemory(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
}

/** Resets VmHWM, the peak. */
function resetPeakMemory(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
