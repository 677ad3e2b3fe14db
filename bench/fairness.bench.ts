// Measures how long a person's page takes while another person has a thousand pages and 42 slow uploads in flight,
// beside the same without them.
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createRow, median, type Row } from './row.ts';
import type { Scan } from './scans.ts';
import type { Visitor } from './visitor.ts';

const pagesOfOther = 1000;
const pagesInForm = 100;
const slowUploads = 42;
const slowBytesPerSecond = 5000;
const sliceMs = 200;
const rounds = 5;
/** A page that takes longer counts as this long. */
const maxSeconds = 60;
const pollMs = 50;

interface Waits {
  ready: number;
  begun: number;
}

export async function measureFairness(given: {
  visitor: Visitor;
  other: Visitor;
  scans: Scan[];
}): Promise<Row[]> {
  const { visitor, other, scans } = given;
  const projectId = await visitor.createProject('One page at a time');
  let pages = 0;

  /** Seconds until the page is ready, and until a worker has started on it. */
  async function timePage(): Promise<Waits> {
    const startedAt = performance.now();
    await visitor.upload(projectId, [scans[0] as Scan]);
    pages += 1;
    let begun = 0;
    for (;;) {
      const { items } = await visitor.call('GET', `/projects/${projectId}/pages`);
      const seconds = (performance.now() - startedAt) / 1000;
      const { status, failure } = items[pages - 1] as { status: string; failure?: unknown };
      if (status === 'failed') throw new Error(`A page failed: ${JSON.stringify(failure)}`);
      if (status !== 'uploaded' && begun === 0) begun = seconds;
      if (status === 'ready' || seconds > maxSeconds) return { ready: seconds, begun: begun || seconds };
      await delay(pollMs);
    }
  }

  async function timePages(): Promise<{ ready: number[]; begun: number[] }> {
    const waits: Waits[] = [];
    while (waits.length < rounds) waits.push(await timePage());
    return { ready: waits.map(({ ready }) => ready), begun: waits.map(({ begun }) => begun) };
  }

  await timePage(); // what is loaded on use is loaded
  const alone = await timePages();
  const othersProject = await other.createProject('A thousand pages');
  const slow: SlowUpload[] = [];
  try {
    for (let count = 0; count < pagesOfOther; count += pagesInForm) {
      const form = Array.from({ length: pagesInForm }, (_, at) => scans[(count + at) % scans.length] as Scan);
      await other.upload(othersProject, form);
    }
    slow.push(
      ...(await Promise.all(
        Array.from({ length: slowUploads }, () => startSlowUpload(other, othersProject)),
      )),
    );
    const besideOther = await timePages();
    const left = await countUnfinished(other, othersProject);
    const open = slow.filter((upload) => upload.isOpen()).length;
    return [
      createRow({
        id: 'fairness',
        what: `One page, another’s ${pagesOfOther} and ${slowUploads} slow uploads`,
        value: median(besideOther.ready),
        unit: 's',
        beside: { what: 'without them', value: median(alone.ready), unit: 's' },
        target: { of: 'ratio', atMost: 3 },
        note: `upload to ready, median of ${rounds}; begun after ${median(besideOther.begun).toFixed(1)} s (without: ${median(alone.begun).toFixed(1)} s); afterwards ${left} of the ${pagesOfOther} pages and ${open} slow uploads were still in flight`,
      }),
    ];
  } finally {
    for (const upload of slow) upload.end();
    await other.removeProject(othersProject);
    await visitor.removeProject(projectId);
  }
}

interface SlowUpload {
  isOpen(): boolean;
  end(): void;
}

/** A form sent at 5 KB/s. Resolves when its first bytes are on their way. */
function startSlowUpload(visitor: Visitor, projectId: string): Promise<SlowUpload> {
  const boundary = 'paperlift-benchmark';
  const sending = request(`${visitor.url}/api/v1/projects/${projectId}/pages`, {
    method: 'POST',
    agent: false,
    headers: { ...visitor.headers, 'content-type': `multipart/form-data; boundary=${boundary}` },
  });
  let isOpen = true;
  const timer = setInterval(
    () => sending.write(Buffer.alloc((slowBytesPerSecond * sliceMs) / 1000)),
    sliceMs,
  );
  const end = () => {
    isOpen = false;
    clearInterval(timer);
    sending.destroy();
  };
  sending.on('error', end).on('response', end);
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="files"; filename="slow.jpg"\r\nContent-Type: image/jpeg\r\n\r\n`;
  return new Promise((resolve) => {
    sending.write(Buffer.concat([Buffer.from(head), startOfJpeg]), () =>
      resolve({ isOpen: () => isOpen, end }),
    );
  });
}

/** The start of a JPEG, up to a very long comment that nothing inspects. */
const startOfJpeg = Buffer.from([
  0xff,
  0xd8,
  0xff,
  0xe0,
  0x00,
  0x10,
  ...Buffer.from('JFIF\0'),
  1,
  1,
  0,
  0,
  1,
  0,
  1,
  0,
  0,
]);

async function countUnfinished(visitor: Visitor, projectId: string): Promise<number> {
  const { items } = await visitor.call('GET', `/projects/${projectId}/pages`);
  return items.filter(({ status }: { status: string }) => status !== 'ready' && status !== 'failed').length;
}
