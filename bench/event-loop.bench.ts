// Measures how long requests delay each other: the event loop's delay during the most expensive requests that the
// limits allow, on pages with the maximum of corrections.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Page } from '../src/pages/page.ts';
import { addPage, addProject } from '../test/search/stage.ts';
import { type Paperlift, startPaperlift } from '../test/support/paperlift.ts';
import type { Load, LoadResult } from './load.process.ts';
import { createRow, type Row } from './row.ts';
import type { EventLoopDelay } from './site.process.ts';

const seconds = 4;
const pageCount = 60;

/** Words of one to three letters, which are the most expensive to align for their length. */
function wordsFor(letters: number, seed: number): string {
  const words: string[] = [];
  for (let at = seed; words.join(' ').length < letters; at += 1) {
    words.push('abcdefghij'.slice(at % 7, (at % 7) + 1 + (at % 3)) || 'k');
  }
  return words.join(' ');
}

/** A correction with the same number of words needs no alignment, so each has one more. */
const correctionsOf = (lines: string[]) =>
  Object.fromEntries(lines.map((line, at) => [`l${at + 1}`, `x ${line.split(' ').toReversed().join(' ')}`]));

interface Kind {
  id: string;
  what: string;
  lines: string[];
}

const kinds: Kind[] = [
  {
    id: 'many',
    what: '110 corrected lines (41 KB)',
    lines: Array.from({ length: 110 }, (_, at) => wordsFor(190, at)),
  },
  {
    id: 'long',
    what: '15 corrected lines of 2 000 letters',
    lines: Array.from({ length: 15 }, (_, at) => wordsFor(1990, at)),
  },
  {
    id: 'dense',
    what: '800 lines of 10 words',
    lines: Array.from({ length: 800 }, (_, at) => wordsFor(30, at)),
  },
];

/** Written as they were before alignments were stored with them. */
async function addPages(paperlift: Paperlift, projectId: string, { lines }: Kind, count: number) {
  const ids: string[] = [];
  const corrections = lines.length > 200 ? {} : correctionsOf(lines);
  const text = Object.values(corrections).join('\n');
  for (let at = 0; at < count; at += 1) {
    const pageId = await addPage(paperlift, projectId, lines);
    const { stores } = paperlift.services;
    const page = (await stores.pages.find(projectId, pageId)) as Page;
    if (text) {
      const facts = { text, wordCount: 1, doubtfulCount: 0, alignments: undefined as never };
      await stores.pages.correct(page, { corrections, accepted: {}, added: {}, steps: [] }, facts);
    }
    ids.push(pageId);
  }
  return ids;
}

export async function measureEventLoop(): Promise<Row[]> {
  const paperlift = await startPaperlift({ env: { LOG_LEVEL: 'warn' } });
  let site: ChildProcess | undefined;
  try {
    const projectId = await addProject(paperlift, 'alice@example.com', 'Worst pages');
    const [many = [], long = [], dense = []] = await Promise.all(
      kinds.map((kind, at) => addPages(paperlift, projectId, kind, at === 0 ? pageCount : 2)),
    );
    const { agent } = await paperlift.signIn('alice@example.com');
    const cookie = agent.jar
      .getCookies({ domain: 'localhost', path: '/', secure: false, script: false })
      .toValueString();
    const page = (id = '') => `/projects/${projectId}/pages/${id}`;
    const env = { ...process.env, ...paperlift.standIns.env, LOG_LEVEL: 'warn' };
    site = fork(new URL('./site.process.ts', import.meta.url), { env });
    const [url] = (await once(site, 'message')) as [string];
    const phrase = encodeURIComponent('"ab bc cde d ef fgh g"');
    const requests: [string, string, string[]][] = [
      ['idle', 'Nothing', []],
      ['first', `${kinds[0]?.what}, three at once, JSON`, many.slice(1, 4).map((id) => `/api/v1${page(id)}`)],
      ['many', `${kinds[0]?.what}, JSON`, [`/api/v1${page(many[0])}`]],
      ['long', `${kinds[1]?.what}, JSON`, [`/api/v1${page(long[0])}`]],
      ['dense', `${kinds[2]?.what}, JSON`, [`/api/v1${page(dense[0])}`]],
      ['many-review', `${kinds[0]?.what}, review page`, [page(many[0])]],
      ['long-review', `${kinds[1]?.what}, review page`, [page(long[0])]],
      ['dense-review', `${kinds[2]?.what}, review page`, [page(dense[0])]],
      ['found-review', `${kinds[1]?.what}, with what was searched for`, [`${page(long[0])}?q=${phrase}`]],
      ['search', `Search over ${pageCount} pages of 41 KB`, [`/search?q=${phrase}`]],
      ['project', `Project of ${pageCount + 4} pages`, [`/projects/${projectId}`]],
    ];
    const rows: Row[] = [];
    let idle: number | undefined;
    for (const [id, what, paths] of requests) {
      const measured = await measure({ site, url, cookie }, paths);
      idle ??= measured.p99;
      rows.push(
        createRow({
          id: `event-loop-${id}`,
          what: `Event loop: ${what}, p99`,
          value: measured.p99,
          unit: 'ms',
          beside: { what: 'idle', value: idle, unit: 'ms' },
          target: { of: 'value', atMost: 50 },
          note: `longest ${measured.longest.toFixed(0)} ms; /health/live p99 ${measured.health.p99Ms} ms; ${measured.answers} answers in ${seconds} s, two at once for each of ${Math.max(paths.length, 1)} addresses`,
        }),
      );
    }
    return rows;
  } finally {
    site?.kill();
    await paperlift.stop();
  }
}

async function measure(
  { site, url, cookie }: { site: ChildProcess; url: string; cookie: string },
  paths: string[],
) {
  for (const path of paths) await fetch(url + path, { headers: { cookie } }); // loads what is loaded on use
  site.send('begin');
  const health = load({ url: `${url}/health/live`, headers: {}, connections: 1, seconds });
  const results = await Promise.all(
    paths.map((path) => load({ url: url + path, headers: { cookie }, connections: 2, seconds })),
  );
  const failures = results.reduce((sum, result) => sum + result.failures, 0);
  if (failures > 0) throw new Error(`${paths[0]}: ${failures} failures`);
  const healthy = await health;
  site.send('end');
  const [held] = (await once(site, 'message')) as [EventLoopDelay];
  const answers = results.reduce((sum, result) => sum + result.requestsPerSecond * seconds, 0);
  return { ...held, health: healthy, answers: Math.round(answers) };
}

async function load(what: Load): Promise<LoadResult> {
  const process = fork(new URL('./load.process.ts', import.meta.url));
  process.send(what);
  const [result] = (await once(process, 'message')) as [LoadResult];
  process.kill();
  return result;
}
