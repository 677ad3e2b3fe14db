// Against a real cluster: `npm run search:check` starts one. Each part makes an index of its own.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { composeWorker } from '../../src/compose-worker.ts';
import { createBulkWrites } from '../../src/search/opensearch/bulk-writes.ts';
import { createIndexes } from '../../src/search/opensearch/indexes.ts';
import { createOpenSearchClient } from '../../src/search/opensearch/opensearch.client.ts';
import type { Language } from '../../src/text/languages.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { waitFor } from '../support/wait.ts';
import { describeEngine } from './engine-contract.ts';
import { openSearchEnv, openSearchUrl, searcher } from './opensearch-stage.ts';
import { addPage, addProject } from './stage.ts';

const skip = openSearchUrl ? false : 'OPENSEARCH_TEST_URL is not set; npm run search:check starts a cluster';

if (openSearchUrl) describeEngine('OpenSearch', openSearchEnv());

/** A page in each language, and what finds it besides its own words: another form of one of them. */
const forms: [Language, string, string][] = [
  ['en', 'The companies were delivering goods', 'delivered company'],
  ['de', 'Die Rechnungen der Häuser wurden bezahlt', 'Rechnung Haus'],
  ['fr', 'Les factures mensuelles sont payées', 'facture mensuelle'],
  ['es', 'Las facturas fueron pagadas por los trabajadores', 'trabajador pagado'],
  ['it', 'Le fatture sono state pagate dai lavoratori', 'fattura lavoratore'],
  ['nl', 'De rekeningen zijn betaald door de werkgevers', 'rekening werkgever'],
  ['pt', 'As faturas foram pagas pelos trabalhadores', 'fatura trabalhador'],
  ['pl', 'Zapłacono fakturami wystawionymi klientom', 'faktura klient'],
  ['zh', '本公司的增值税发票已经寄出', '发票'],
  ['ja', '御社への請求書を送付いたします', '請求書'],
  ['ko', '세금계산서를 발행했습니다', '계산서'],
  ['ar', 'تم دفع الفواتير من المهندسين', 'المهندسون'],
  ['he', 'החשבונית נשלחה ללקוח', 'חשבונית לקוח'],
  ['hi', 'सभी लड़कियों को किताबें भेजी गईं', 'लड़की किताब'],
];

describe('OpenSearch', { skip }, () => {
  let paperlift: Paperlift;
  let find: ReturnType<typeof searcher>['find'];
  let finds: ReturnType<typeof searcher>['finds'];
  const email = 'alice@example.com';

  before(async () => {
    paperlift = await startPaperlift({ env: openSearchEnv() });
    ({ find, finds } = searcher(await paperlift.signIn(email)));
  });
  after(() => paperlift?.stop());

  test('shows the page first that is most about what is asked, and one with a typing error last', async () => {
    const projectId = await addProject(paperlift, email, 'Ranked');
    const fill = Array.from({ length: 12 }, (_, at) => `line ${at} of other things`);
    await addPage(paperlift, projectId, ['Turbine turbine service', 'turbine check']);
    await addPage(paperlift, projectId, ['One turbine', ...fill]);
    await addPage(paperlift, projectId, ['A turbime is misspelt', 'here']);
    await finds('turbine', ['[Turbine] [turbine] service', 'One [turbine]', 'A [turbime] is misspelt']);
    const misspelt = (await find('turbien')).toSorted();
    assert.deepEqual(misspelt, ['One [turbine]', '[Turbine] [turbine] service']);
  });

  test('takes a number for no other number, and a short word for no other word', async () => {
    const projectId = await addProject(paperlift, email, 'Exact');
    await addPage(paperlift, projectId, ['Order 4711 for pax']);
    await finds('4711', ['Order [4711] for pax']);
    assert.deepEqual(await find('4712'), []);
    assert.deepEqual(await find('pay'), []);
  });

  for (const [language, text, query] of forms)
    test(`finds other forms of a word: ${language}`, async () => {
      const projectId = await addProject(paperlift, email, `In ${language}`);
      await addPage(paperlift, projectId, [text], undefined, { language, languages: [language] });
      const found = await waitFor(query, async () => (await find(query))[0], 20_000);
      assert.equal(found.replace(/[[\]]/g, ''), text);
      assert.ok(found.includes('['), found);
    });

  test('an index is rebuilt while the site runs: nothing is missing meanwhile, and changes are in the new one', async () => {
    const ids: string[] = [];
    const projectId = await addProject(paperlift, email, 'Rebuilt');
    for (let at = 0; at < 30; at += 1) ids.push(await addPage(paperlift, projectId, [`quokka number${at}`]));
    await waitFor('all', async () => (await find('quokka number29')).length === 1 || undefined);
    const { rebuildSearchIndex, searchEngine, stores, clients, config } = paperlift.services;
    const table = config.aws.dynamodb.table;
    let listed = 0;
    const source = {
      organisations: ['default'],
      listProjects: async () => {
        const list = await stores.projects.list({
          whose: { organisationId: 'default' },
          order: 'newest',
          limit: 100,
        });
        return { ids: list.items.map(({ project }) => project.id) };
      },
      listPages: async (id: string) => {
        if (id === projectId) {
          // a page is deleted, and another one comes, after the rebuild has begun
          listed += 1;
          const key = { pk: `PROJECT#${projectId}`, sk: `PAGE#${ids[0]}` };
          await searchEngine.following({ projectId, pageId: ids[0] as string }, () =>
            clients.documents.delete({ TableName: table, Key: key }),
          );
          await addPage(paperlift, projectId, ['quokka latecomer']);
          assert.equal((await find('quokka number7')).length, 1, 'the old index answers');
        }
        return id === projectId ? ids : [];
      },
    };
    const count = await rebuildSearchIndex(source);
    assert.ok(count >= 30 && listed === 1);
    assert.equal((await find('quokka number7')).length, 1);
    await waitFor('the new page', async () => (await find('quokka latecomer')).length === 1 || undefined);
    assert.deepEqual(await find('quokka number0'), ['quokka [number0]'].slice(1));
  });
});

test('OpenSearch keeps the newest text, whatever comes later', { skip }, async () => {
  const client = createOpenSearchClient({
    nodes: openSearchUrl?.split(',') ?? [],
    auth: { kind: 'none' },
    region: '',
  });
  const alias = `test-${randomUUID()}`;
  const options = { shards: 1, replicas: 0, isServerless: false };
  const writeAll = createBulkWrites({ client, indexes: createIndexes({ client, alias, options }) });
  const write = (version: number, words?: string) =>
    writeAll([{ id: 'page', version, document: words ? { id: 'page', words } : undefined }]);
  const isThere = () =>
    client.call({ method: 'GET', path: `/${alias}/_doc/page` }).then(
      ({ _version }) => _version,
      ({ status }) => status,
    );
  try {
    assert.equal((await write(7, 'new')).size, 0);
    assert.deepEqual([...(await write(6, 'old'))], ['page']);
    assert.equal(await isThere(), 7);
    assert.equal((await write(8)).size, 0);
    assert.deepEqual([...(await write(7, 'back again'))], ['page'], 'a deletion is remembered');
    assert.equal(await isThere(), 404);
  } finally {
    client.destroy();
  }
});

describe('OpenSearch that is down', { skip }, () => {
  test('is said so, the site works, and what was written meanwhile is found later', async () => {
    const proxy = await startFaultProxy(openSearchUrl?.split(',')[0] as string);
    let later = 0;
    const paperlift = await startPaperlift({
      env: { ...openSearchEnv(), OPENSEARCH_URL: proxy.url },
      now: () => new Date(Date.now() + later),
    });
    try {
      const client = await paperlift.signIn('alice@example.com');
      const { finds } = searcher(client);
      const projectId = await addProject(paperlift, 'alice@example.com', 'Through thick and thin');
      const pageId = await addPage(paperlift, projectId, ['before the outage']);
      await finds('outage', ['before the [outage]']);
      const undo = proxy.when(/./, { kind: 'reset' });
      const api = await client.agent.get('/api/v1/search?q=outage');
      assert.deepEqual([api.status, api.body.code], [503, 'search-unavailable']);
      const page = await client.agent.get('/search?q=outage');
      assert.equal(page.status, 503);
      assert.match(page.text, /Search is not available at present/);
      assert.match(page.text, /value="outage"/, 'the query stays in the box');
      const other = await addPage(paperlift, projectId, ['during the outage']);
      const corrected = await client.agent
        .patch(`/api/v1/projects/${projectId}/pages/${pageId}`)
        .set('x-csrf-token', client.csrfToken)
        .send({ lines: [{ id: 'l1', text: 'corrected while down' }] });
      assert.equal(corrected.status, 200);
      assert.equal((await client.agent.get(`/projects/${projectId}`)).status, 200);
      assert.equal((await client.agent.get('/health/ready')).status, 200);
      undo();
      later = 2 * 3_600_000;
      const worker = composeWorker(paperlift.services);
      const left = async () => (await paperlift.services.stores.dueItems.list('INDEX')).length;
      await waitFor('all to be written', async () => {
        await worker.sweeper.sweep();
        later += 3_600_000; // beyond what a failed one is put off by
        return (await left()) === 0 || undefined;
      });
      later = 0;
      await worker.stop(1000);
      await finds('outage', ['during the [outage]']);
      await finds('corrected', ['[corrected] while down']);
      assert.ok(other);
    } finally {
      await paperlift.stop();
      await proxy.stop();
    }
  });
});
