// Measures the site at scale: 5,000 projects of one person, one of them with 500 pages. Production's stores write
// projects, pages and search index; text detection is left out.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pMap from 'p-map';
import { lookedUp, readQuery } from '../src/search/words.ts';
import { addPage, addProject } from '../test/search/stage.ts';
import { localPersonId } from '../test/support/local-people.ts';
import { type Paperlift, startPaperlift } from '../test/support/paperlift.ts';
import { createRow, type Row } from './row.ts';
import { measureSqliteSearch } from './sqlite-search.peer.ts';

const projectCount = 5000;
const pageCount = 500;
const rounds = 15;
/** Typed letter by letter: every prefix is searched. */
const typed = ['subtotal', 'lim seng tho', '03-6258 7191', 'w1234x', 'invoice 24'];

/** Milliseconds from the request to the whole answer, on loopback; `nth` of 100. */
function quantile(values: number[], nth: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * nth) / 100) - 1)] ?? Number.NaN;
}

const vocabulary = [
  'Invoice',
  'Subtotal',
  'Total',
  'Cashier',
  'Lim',
  'Seng',
  'Tho',
  'Hardware',
  'Trading',
  'Batu',
];

function linesOf(number: number): string[] {
  return Array.from({ length: 30 }, (_, line) => {
    const word = vocabulary[(number + line) % vocabulary.length];
    return line === 0
      ? `LIM SENG THO HARDWARE w${number}x`
      : `${word} No. ${number * 7 + line} 03-6258 ${7000 + ((number * line) % 900)} RM${line}.${number % 90}`;
  });
}

export async function measureLargeSite(options = { projectCount, pageCount }): Promise<Row[]> {
  const paperlift = await startPaperlift({ env: { LOG_LEVEL: 'warn' } });
  try {
    const email = 'alice@example.com';
    await pMap(
      Array(options.projectCount - 1).keys(),
      (at) => addProject(paperlift, email, `Receipts of store ${at}`),
      { concurrency: 16 },
    );
    const projectId = await addProject(paperlift, email, 'The large one');
    const pageIds: string[] = [];
    await pMap(
      Array(options.pageCount).keys(),
      async (at) => {
        pageIds[at] = await addPage(paperlift, projectId, linesOf(at));
      },
      { concurrency: 4 },
    );
    const { agent } = await paperlift.signIn(email);
    const cookie = agent.jar
      .getCookies({ domain: 'localhost', path: '/', secure: false, script: false })
      .toValueString();
    const time = async (path: string) => {
      const startedAt = performance.now();
      const response = await fetch(paperlift.url + path, { headers: { cookie } });
      await response.text();
      if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
      return performance.now() - startedAt;
    };
    const begun = typed.flatMap((text) => [...text].map((_, at) => text.slice(0, at + 1)));
    for (const q of begun) await time(`/search?${new URLSearchParams({ q, part: 'list' })}`);
    const searches: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      for (const q of begun) searches.push(await time(`/search?${new URLSearchParams({ q, part: 'list' })}`));
    }
    const rows = [
      createRow({
        id: 'search-as-typed-p95',
        what: 'Search as one types, p95',
        value: quantile(searches, 95),
        unit: 'ms',
        target: { of: 'value', atMost: 100 },
        note: `${options.projectCount} projects, ${options.pageCount} pages, ${searches.length} searches of 1 to 12 letters; median ${quantile(searches, 50).toFixed(0)} ms`,
      }),
      ...(await measureIndex(paperlift, begun, options.pageCount)),
    ];
    const pages: [string, string, string][] = [
      ['large-list', 'Projects list of 5 000', '/'],
      ['large-list-name', 'Projects list, by name', '/?sort=name'],
      ['large-list-newest', 'Projects list, newest first', '/?sort=newest'],
      ['large-list-found', 'Projects list, searched by name', '/?q=store+4321'],
      ['large-project', 'Project with 500 pages', `/projects/${projectId}`],
      ['large-status', 'What changes on its page', `/projects/${projectId}/status`],
      ['large-exports', 'Its exports page', `/projects/${projectId}/exports`],
      ['large-page', 'Page of a project with 500', `/projects/${projectId}/pages/${pageIds[0]}`],
      ['large-search', 'Search page', '/search?q=subtotal'],
    ];
    for (const [id, what, path] of pages) {
      const times: number[] = [];
      for (let round = 0; round < rounds + 3; round += 1) times.push(await time(path));
      rows.push(
        createRow({
          id,
          what,
          value: quantile(times.slice(3), 95),
          unit: 'ms',
          target: { of: 'value', atMost: 150 },
          note: `p95 of ${rounds}, one after the other; median ${quantile(times.slice(3), 50).toFixed(0)} ms`,
        }),
      );
    }
    return rows;
  } finally {
    await paperlift.stop();
  }
}

/** The index alone, without comparing and presenting, beside SQLite's (docs/decisions/0032). */
async function measureIndex(paperlift: Paperlift, begun: string[], count: number): Promise<Row[]> {
  const ownerId = localPersonId(paperlift, 'alice@example.com');
  const { textIndex } = paperlift.services.stores;
  const looks: number[] = [];
  for (const typed of begun) {
    const startedAt = performance.now();
    await Promise.all(
      lookedUp(readQuery(typed))
        .flatMap(({ keys, short }) => [...keys, ...(short ? [short] : [])])
        .map((word) => textIndex.look('default', ownerId, word, 300)),
    );
    looks.push(performance.now() - startedAt);
  }
  const folder = await mkdtemp(join(tmpdir(), 'paperlift-bench-search-'));
  const texts = Array.from({ length: count }, (_, at) => linesOf(at).join('\n'));
  const sqlite = measureSqliteSearch(texts, begun, folder);
  await rm(folder, { recursive: true });
  return [
    createRow({
      id: 'search-index-p95',
      what: 'Pages proposed by the search index, p95',
      value: quantile(looks, 95),
      unit: 'ms',
      beside: { what: 'SQLite FTS5 in the process', value: quantile(sqlite.askMs, 95), unit: 'ms' },
      note: `${count} pages; SQLite opens its file in ${sqlite.openMs.toFixed(0)} ms and writes ${Math.round(sqlite.fileBytes / 1024)} KB for each page that changes (${quantile(sqlite.changeMs, 50).toFixed(1)} ms)`,
    }),
  ];
}
