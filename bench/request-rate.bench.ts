// Measures the web's requests a second beside an Express route that answers the same bytes.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { BareAnswer } from './bare-express.process.ts';
import type { Load, LoadResult } from './load.process.ts';
import { createRow, median } from './row.ts';
import type { Visitor } from './visitor.ts';

const connections = 50;
const rounds = 3;
const secondsEach = 4;
const warmUpSeconds = 3;
/** Headers that Node and Express write themselves. */
const automaticHeaders = ['connection', 'content-length', 'date', 'etag', 'keep-alive', 'transfer-encoding'];

export async function measureRequestRate(given: { visitor: Visitor; projectId: string }) {
  const { visitor, projectId } = given;
  const { cookie } = visitor.headers;
  const pages = [
    { id: 'project-page', what: 'Project page', path: `/projects/${projectId}`, target: 0.22 },
    { id: 'project-list', what: 'GET /api/v1/projects', path: '/api/v1/projects', target: 0.15 },
  ];
  const answers = await Promise.all(pages.map(({ path }) => readAnswer(visitor.url, path, cookie)));
  const bare = await startBareExpress(answers);
  const found = pages.map((page) => ({ page, ours: [] as LoadResult[], theirs: [] as LoadResult[] }));
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const seconds = round === 0 ? warmUpSeconds : secondsEach;
      for (const { page, ours, theirs } of found) {
        const load = { headers: { cookie }, connections, seconds };
        const our = await measure({ ...load, url: visitor.url + page.path });
        const their = await measure({ ...load, url: bare.url + page.path });
        if (round === 0) continue;
        ours.push(our);
        theirs.push(their);
      }
    }
  } finally {
    bare.stop();
  }
  return found.flatMap(({ page, ours, theirs }, index) => {
    const middle = (results: LoadResult[], of: keyof LoadResult) => median(results.map((one) => one[of]));
    const beside = (of: keyof LoadResult, unit: string) => ({
      what: 'bare Express route',
      value: middle(theirs, of),
      unit,
    });
    return [
      createRow({
        id: page.id,
        what: page.what,
        value: middle(ours, 'requestsPerSecond'),
        unit: 'requests/s',
        beside: beside('requestsPerSecond', 'requests/s'),
        target: { of: 'ratio', atLeast: page.target },
        note: `${answers[index]?.body.length} bytes, ${connections} connections, ${rounds} rounds in turns of ${secondsEach} s`,
      }),
      createRow({
        id: `${page.id}-p99`,
        what: `${page.what}, p99`,
        value: middle(ours, 'p99Ms'),
        unit: 'ms',
        beside: beside('p99Ms', 'ms'),
      }),
    ];
  });
}

async function readAnswer(url: string, path: string, cookie: string): Promise<BareAnswer> {
  const response = await fetch(url + path, { headers: { cookie } });
  if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
  const headers = [...response.headers].filter(([name]) => !automaticHeaders.includes(name));
  return { path, headers: Object.fromEntries(headers), body: await response.text() };
}

async function startBareExpress(answers: BareAnswer[]) {
  const child = fork(new URL('./bare-express.process.ts', import.meta.url));
  child.send(answers);
  const [address] = (await once(child, 'message')) as [AddressInfo];
  return { url: `http://127.0.0.1:${address.port}`, stop: () => child.disconnect() };
}

export async function measure(load: Load): Promise<LoadResult> {
  const child = fork(new URL('./load.process.ts', import.meta.url));
  child.send(load);
  const [result] = (await once(child, 'message')) as [LoadResult];
  if (result.failures > 0) throw new Error(`${load.url}: ${result.failures} requests failed`);
  return result;
}
