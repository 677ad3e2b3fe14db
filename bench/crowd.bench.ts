// Pages a minute and the time of a request against the number of people at work, on the local stack: as far as this machine
// carries. Beyond it, load.bench.ts simulates.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { signIn } from '../test/support/paperlift.ts';
import type { Crowd, CrowdResult } from './crowd.process.ts';
import { createRow, median, type Row } from './row.ts';
import type { RunningStack } from './running-stack.ts';
import type { Scan } from './scans.ts';

const crowds = [5, 15, 45, 90];
const seconds = 40;
const pauseMs = 4000;
const emails = ['alice@example.com', 'bob@example.com', 'carol@example.com'];

export async function measureCrowds({
  stack,
  scans,
}: {
  stack: RunningStack;
  scans: Scan[];
}): Promise<Row[]> {
  const sessions = await Promise.all(emails.map((email) => openSession(stack.url, email)));
  const image = (scans[0] as Scan).image.toString('base64');
  const rows: Row[] = [];
  for (const people of crowds) {
    const child = fork(new URL('./crowd.process.ts', import.meta.url));
    child.send({ url: stack.url, sessions, people, seconds, pauseMs, image } satisfies Crowd);
    const [{ pages, failures, requestMs, readyMs }] = (await once(child, 'message')) as [CrowdResult];
    const p95 =
      requestMs.toSorted((one, other) => one - other)[Math.floor(requestMs.length * 0.95)] ?? Number.NaN;
    rows.push(
      createRow({
        id: `crowd-${people}`,
        what: `${people} people at work: p95 of a request`,
        value: p95,
        unit: 'ms',
        note: `${((pages * 60) / seconds).toFixed(0)} pages a minute, ${readyMs.length > 0 ? (median(readyMs) / 1000).toFixed(1) : '-'} s to the text, ${((requestMs.length * 60) / seconds).toFixed(0)} requests a minute, ${failures} failures; web, worker, text server and database on this machine`,
      }),
    );
  }
  return rows;
}

async function openSession(url: string, email: string) {
  const { agent, csrfToken } = await signIn(url, email);
  const access = { domain: 'localhost', path: '/', secure: false, script: false };
  return { cookie: agent.jar.getCookies(access).toValueString(), csrfToken };
}
