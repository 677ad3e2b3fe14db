// Both engines on the same pages and judged queries (judged-pages.ts), by the search service itself. Texts are kept in memory
// here: reading them from DynamoDB costs both engines the same.
import { randomUUID } from 'node:crypto';
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import pMap from 'p-map';
import { writeBatches } from '../src/aws/batches.ts';
import { createEmbeddedEngine } from '../src/search/embedded.engine.ts';
import { createBulkWrites } from '../src/search/opensearch/bulk-writes.ts';
import { buildDocument } from '../src/search/opensearch/document.ts';
import { createIndexes } from '../src/search/opensearch/indexes.ts';
import { createOpenSearchClient } from '../src/search/opensearch/opensearch.client.ts';
import { createOpenSearchEngine } from '../src/search/opensearch/opensearch.engine.ts';
import { createPosting, type Indexed } from '../src/search/posting.ts';
import { createSearchService } from '../src/search/search.service.ts';
import type { SearchEngine } from '../src/search/search-engine.ts';
import { createTextIndex } from '../src/search/text-index.store.ts';
import { keysOf } from '../src/search/words.ts';
import { startPaperlift } from '../test/support/paperlift.ts';
import { type JudgedQuery, type JudgedSet, makeJudgedSet } from './judged-pages.ts';
import { createRow, type Row } from './row.ts';

type Propose = Pick<SearchEngine, 'propose'>;

const searchesPerSecond = 20;
/** Until Java has compiled what a search runs. */
const warmUpRounds = 3;
/** Pages of one owner whose postings are written into dynalite, which takes some 2 000 items a second. */
const pagesInDynalite = 1000;
/** On-demand price of a million write units, and of a month of the two smallest nodes that Amazon recommends for production. */
const price = { writeUnits: 0.625, nodesPerMonth: 107 };

export async function measureSearchEngines({
  url = process.env.OPENSEARCH_TEST_URL,
  pageCount = 50_000,
  report = (_what: string) => {},
} = {}): Promise<Row[]> {
  if (!url) {
    report(
      'OPENSEARCH_TEST_URL is not set: `npm run search:check` starts OpenSearch and compares the engines',
    );
    return [];
  }
  const judged = makeJudgedSet(pageCount);
  const client = createOpenSearchClient({ nodes: url.split(','), auth: { kind: 'none' }, region: '' });
  const alias = `bench-${randomUUID()}`;
  const options = { shards: 1, replicas: 1, isServerless: false };
  const indexes = createIndexes({ client, alias, options });
  try {
    report(`Indexing ${pageCount} pages in OpenSearch`);
    const startedAt = performance.now();
    await indexes.ensure();
    await load(judged, createBulkWrites({ client, indexes }));
    await client.call({ method: 'POST', path: `/${alias}/_refresh`, timeoutMs: 60_000 });
    const indexSeconds = (performance.now() - startedAt) / 1000;
    const stats = await client.call<{ _all: { primaries: { store: { size_in_bytes: number } } } }>({
      method: 'GET',
      path: `/${alias}/_stats/store`,
    });
    const openSearch = createOpenSearchEngine({ client, indexes, alias });
    const embedded = createEmbeddedEngine({ index: indexInMemory(judged) });
    report('Asking the embedded index');
    const ofEmbedded = await judge(judged, embedded);
    report('Asking OpenSearch');
    const ofOpenSearch = await judge(judged, openSearch);
    report(`Asking OpenSearch ${searchesPerSecond} times a second`);
    const times = await time(judged, openSearch, judged.queries);
    const [waiting = 0] = loadavg();
    report('Asking the embedded index in dynalite');
    const embeddedTimes = await timeInDynalite(judged);
    return [
      ...qualityRows(ofOpenSearch, ofEmbedded, judged),
      createRow({
        id: 'engines-p95',
        what: `OpenSearch at ${searchesPerSecond} searches a second, p95`,
        value: quantile(times, 95),
        unit: 'ms',
        beside: {
          what: `embedded, ${pagesInDynalite} pages in dynalite`,
          value: quantile(embeddedTimes, 95),
          unit: 'ms',
        },
        target: { of: 'value', atMost: 60 },
        note: `${pageCount} pages, ${times.length} searches; medians ${quantile(times, 50).toFixed(0)} and ${quantile(embeddedTimes, 50).toFixed(0)} ms; ${waiting.toFixed(0)} processes wanted ${availableParallelism()} cores`,
      }),
      costRow(judged, stats._all.primaries.store.size_in_bytes, indexSeconds),
    ];
  } finally {
    await client.call({ method: 'DELETE', path: `/${alias}-1` }).catch(() => {});
    client.destroy();
  }
}

const projectOf = (projectId: string, ownerId: string) => ({
  id: projectId,
  name: 'Papers',
  organisationId: 'default',
  ownerId,
  ownerName: ownerId,
  createdAt: '',
});
const pageOf = ({ id, projectId, text }: JudgedSet['pages'][number]) => ({
  id,
  projectId,
  text,
  status: 'ready',
  textId: id,
  language: 'en',
  fileName: 'page.jpg',
  revision: 1,
  rotation: 0,
});

async function load({ pages }: JudgedSet, writeAll: ReturnType<typeof createBulkWrites>) {
  const batches = Array.from({ length: Math.ceil(pages.length / 500) }, (_, at) =>
    pages.slice(at * 500, (at + 1) * 500),
  );
  await pMap(
    batches,
    async (some) => {
      const writes = await pMap(some, async (page) => {
        const { id, projectId, ownerId, text } = page;
        const found = { text, page: pageOf(page) as never };
        return {
          id,
          version: 1,
          document: await buildDocument({ projectId, pageId: id }, projectOf(projectId, ownerId), found, []),
        };
      });
      await writeAll(writes);
    },
    { concurrency: 2 },
  );
}

/** What the embedded index holds, in memory: it answers as the one in DynamoDB does. */
function indexInMemory({ pages }: JudgedSet) {
  const byOwner = new Map<string, Map<string, Indexed[]>>();
  for (const { id, projectId, ownerId, text } of pages.toReversed()) {
    const words = byOwner.get(ownerId) ?? new Map<string, Indexed[]>();
    byOwner.set(ownerId, words);
    const what = { projectId, pageId: id };
    for (const word of keysOf(text)) {
      const there = words.get(word);
      if (there) there.push(what);
      else words.set(word, [what]);
    }
  }
  const sorted = new Map(
    [...byOwner].map(([ownerId, words]) => [
      ownerId,
      [...words].sort(([one], [other]) => (one < other ? -1 : 1)),
    ]),
  );
  return {
    look: async (_organisationId: string, ownerId: string | undefined, word: string, limit: number) => {
      const found = (sorted.get(ownerId ?? '') ?? [])
        .filter(([each]) => `${each} `.startsWith(word))
        .flatMap(([, ids]) => ids);
      return { found: found.slice(0, limit), isCut: found.length > limit };
    },
  };
}

function serviceOf({ pages, sharedWith }: JudgedSet, engine: Propose) {
  const items = new Map<string, Record<string, unknown>>();
  for (const page of pages) {
    items.set(page.id, pageOf(page));
    items.set(page.projectId, projectOf(page.projectId, page.ownerId));
  }
  const owners = new Map(pages.map(({ projectId, ownerId }) => [projectId, ownerId]));
  return createSearchService({
    engine,
    indexed: {
      readAll: async (keys) =>
        new Map(
          keys.map(({ projectId, pageId }) => [pageId ?? projectId, items.get(pageId ?? projectId) as never]),
        ),
    },
    sharedWith: async ([id = '']) => sharedWith.get(id) ?? [],
    numbers: { read: async () => new Map() },
    policies: {
      mayInProject: (person: { id: string }, _what: string, { id }: { id: string }) =>
        owners.get(id) === person.id || sharedWith.get(person.id)?.some(({ projectId }) => projectId === id),
      takesPart: () => true,
    } as never,
    audit: { recordRead: async () => {} },
    defaultLanguages: [],
  });
}

const personOf = (id: string) => ({
  id,
  name: id,
  email: '',
  groups: [],
  organisationId: 'default',
  teams: [],
});

interface Judgement {
  query: JudgedQuery;
  recall: number;
  forbidden: number;
  ndcg: number;
}

/** Leads through all results of each query. */
async function judge(judged: JudgedSet, engine: Propose): Promise<Judgement[]> {
  const service = serviceOf(judged, engine);
  return pMap(
    judged.queries,
    async (query) => {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const result = await service.search(personOf(query.personId), {
          q: query.q,
          scope: 'mine',
          limit: 50,
          cursor,
        });
        ids.push(...result.items.map(({ page }) => page?.id ?? ''));
        cursor = result.cursor;
      } while (cursor);
      const wanted = [...query.grades.keys()];
      return {
        query,
        recall: wanted.filter((id) => ids.includes(id)).length / wanted.length,
        forbidden: ids.filter((id) => query.forbidden.has(id)).length,
        ndcg: ndcgOf(
          ids.slice(0, 10).map((id) => query.grades.get(id) ?? 0),
          [...query.grades.values()],
        ),
      };
    },
    { concurrency: 2 },
  );
}

/** https://en.wikipedia.org/wiki/Discounted_cumulative_gain, with exponential gains. */
function ndcgOf(found: number[], all: number[]): number {
  const gain = (grades: number[]) =>
    grades.reduce((sum, grade, rank) => sum + (2 ** grade - 1) / Math.log2(rank + 2), 0);
  return gain(found) / gain(all.toSorted((one, other) => other - one).slice(0, 10));
}

/** Begins so many searches a second, whether earlier ones are answered or not. */
async function time(judged: JudgedSet, engine: Propose, queries: JudgedQuery[]): Promise<number[]> {
  const service = serviceOf(judged, engine);
  const ask = async ({ q, personId }: JudgedQuery) => {
    const startedAt = performance.now();
    await service.search(personOf(personId), { q, scope: 'mine', limit: 20 });
    return performance.now() - startedAt;
  };
  for (let round = 0; round < warmUpRounds; round += 1) for (const query of queries) await ask(query);
  const times: Promise<number>[] = [];
  for (const query of [...queries, ...queries]) {
    times.push(ask(query));
    await delay(1000 / searchesPerSecond);
  }
  return Promise.all(times);
}

/** Of one person's pages: postings are written as they are, without following each text. */
async function timeInDynalite(judged: JudgedSet): Promise<number[]> {
  const paperlift = await startPaperlift({ env: { LOG_LEVEL: 'warn' } });
  try {
    const { documents } = paperlift.services.clients;
    const { table } = paperlift.config.aws.dynamodb;
    const [first] = judged.pages;
    const ownerId = first?.ownerId ?? '';
    const pages = judged.pages.filter((page) => page.ownerId === ownerId).slice(0, pagesInDynalite);
    await pMap(
      pages,
      async ({ id, projectId, text }) => {
        const items = [...keysOf(text)].map((word) =>
          createPosting({ organisationId: 'default', ownerId }, { projectId, pageId: id }, word),
        );
        await writeBatches(
          { documents, table },
          items.map((Item) => ({ PutRequest: { Item } })),
        );
      },
      { concurrency: 4 },
    );
    const index = createTextIndex({ documents, table, indexed: paperlift.services.stores.indexedTexts });
    const own = judged.queries.map((query) => ({ ...query, personId: ownerId }));
    return await time({ ...judged, sharedWith: new Map() }, createEmbeddedEngine({ index }), own);
  } finally {
    await paperlift.stop();
  }
}

function qualityRows(ofOpenSearch: Judgement[], ofEmbedded: Judgement[], { queries }: JudgedSet): Row[] {
  const isOtherwise = ({ query }: Judgement) => ['typing error', 'other form'].includes(query.kind);
  const beside = (value: number, unit: string) => ({ what: 'embedded', value, unit });
  const mean = (all: Judgement[], of: 'recall' | 'ndcg') =>
    all.reduce((sum, each) => sum + each[of], 0) / all.length;
  const groups = [
    { id: 'as-written', what: 'as they are written', isIn: (each: Judgement) => !isOtherwise(each) },
    { id: 'otherwise', what: 'with typing errors and in other forms', isIn: isOtherwise },
  ];
  const forbidden = (all: Judgement[]) => all.reduce((sum, each) => sum + each.forbidden, 0);
  return [
    ...groups.flatMap(({ id, what, isIn }) => {
      const [here, there] = [ofOpenSearch.filter(isIn), ofEmbedded.filter(isIn)];
      return [
        createRow({
          id: `engines-recall-${id}`,
          what: `Recall of words ${what}`,
          value: mean(here, 'recall'),
          unit: '',
          beside: beside(mean(there, 'recall'), ''),
          target: { of: 'value', atLeast: 1 },
          note: `${here.length} queries`,
        }),
        createRow({
          id: `engines-ndcg-${id}`,
          what: `nDCG@10 of words ${what}`,
          value: mean(here, 'ndcg'),
          unit: '',
          beside: beside(mean(there, 'ndcg'), ''),
        }),
      ];
    }),
    createRow({
      id: 'engines-forbidden',
      what: 'Pages found that one may not read',
      value: forbidden(ofOpenSearch),
      unit: 'pages',
      beside: beside(forbidden(ofEmbedded), 'pages'),
      target: { of: 'value', atMost: 0 },
      note: `${queries.length} queries, each with ${queries[0]?.forbidden.size} such pages`,
    }),
  ];
}

/** Of what is written: DynamoDB is paid by the write, OpenSearch by the month. */
function costRow({ pages }: JudgedSet, bytes: number, indexSeconds: number): Row {
  const words = pages.slice(0, 1000).reduce((sum, { text }) => sum + keysOf(text).size, 0) / 1000;
  const perPage = ((2 * words + 10) * price.writeUnits) / 1e6;
  return createRow({
    id: 'engines-cost',
    what: 'Pages a day at which two nodes of OpenSearch cost as much as the embedded index',
    value: price.nodesPerMonth / 30 / perPage,
    unit: 'pages',
    note: `${words.toFixed(0)} words a page; OpenSearch: ${(bytes / pages.length / 1000).toFixed(1)} KB a page without copies, indexed in ${indexSeconds.toFixed(0)} s`,
  });
}

function quantile(values: number[], nth: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * nth) / 100) - 1)] ?? Number.NaN;
}
