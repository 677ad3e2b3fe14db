// The list of projects and what it says of each: in every order, found by name, and right whatever happens to the pages.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { composeWorker } from '../../src/compose-worker.ts';
import { markWords, searchWords } from '../../src/text/names.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { addPile } from '../support/piles.ts';
import { browserOf, buildPerson } from '../support/session-of.ts';

let paperlift: Paperlift;
let moment = new Date();
type Client = Awaited<ReturnType<Paperlift['signIn']>>;
let alice: Client;
let carol: Client;
before(async () => {
  paperlift = await startPaperlift({ now: () => moment, databaseFaults: true });
  moment = new Date(); // sign-ins are checked against the provider's clock
  alice = await paperlift.signIn('alice@example.com');
  carol = await paperlift.signIn('carol@example.com');
  for (const [index, name] of ['Éclairs', 'apples', 'Zebra', 'Banana São Paulo'].entries()) {
    moment = new Date(moment.getTime() + 1000);
    await addPile(paperlift, 'alice@example.com', { name, count: index });
  }
  for (let number = 10; number < 40; number += 1) {
    moment = new Date(moment.getTime() + 1000);
    await addPile(paperlift, 'bob@example.com', { name: `Bob’s ${number}`, count: 0 });
  }
});
after(() => paperlift.stop());

const namesIn = (html: string) =>
  [...html.matchAll(/class="row-link"[^>]*><bdi>([\s\S]*?)<\/bdi>/g)].map(([, name = '']) =>
    name.replace(/<\/?mark>/g, ''),
  );
const listOf = async ({ agent }: Client, address = '/') => (await agent.get(address)).text;
const factsOf = async (projectId: string) => (await summaryOf(projectId))?.facts;
const summaryOf = async (projectId: string) =>
  (await paperlift.services.stores.projects.findMany([projectId]))[0]?.summary;
const tick = () => {
  moment = new Date(moment.getTime() + 1000);
};

describe('the list of projects', () => {
  test('is read from the database once for many who ask at the same time', async () => {
    await listOf(alice); // puts the summaries right
    paperlift.database.clear();
    const answers = await Promise.all(Array.from({ length: 20 }, () => alice.agent.get('/api/v1/projects')));
    for (const { body } of answers) assert.equal(body.items.length, 4);
    const reads = paperlift.database.calls.filter(({ body }) => body.includes('SUMMARY'));
    assert.ok(reads.length < 10, `${reads.length} reads of the listed projects`);
  });

  test('filtered by name has a cursor that goes on in its order, whether few or very many names match', async () => {
    const dora = await browserOf(paperlift, buildPerson('Dora Many', { organisationId: 'elsewhere' }));
    const create = async (name: string) => {
      tick();
      await dora.agent.post('/api/v1/projects').set('x-csrf-token', dora.csrfToken).send({ name });
    };
    for (let number = 1; number <= 104; number += 1) await create(`Receipts ${number}`);
    for (const name of ['Rare one', 'Rare two', 'Rare three']) await create(name);
    for (const [q, expected] of [
      ['rare', ['Rare three', 'Rare two', 'Rare one']],
      ['receipts', Array.from({ length: 104 }, (_, at) => `Receipts ${104 - at}`)],
    ] as const)
      for (const sort of ['changed', 'newest']) {
        const names: string[] = [];
        let cursor = '';
        do {
          const { body } = await dora.agent.get(
            `/api/v1/projects?q=${q}&sort=${sort}&limit=${q === 'rare' ? 2 : 40}${cursor}`,
          );
          names.push(...body.items.map(({ name }: { name: string }) => name));
          cursor = body.cursor ? `&cursor=${body.cursor}` : '';
        } while (cursor);
        assert.deepEqual(names, expected, `${q} by ${sort}`);
      }
  });

  test('comes by last change, by name without regard to case and accents, or newest first', async () => {
    assert.deepEqual(namesIn(await listOf(alice)), ['Banana São Paulo', 'Zebra', 'apples', 'Éclairs']);
    assert.deepEqual(namesIn(await listOf(alice, '/?sort=name')), [
      'apples',
      'Banana São Paulo',
      'Éclairs',
      'Zebra',
    ]);
    const { items } = (await alice.agent.get('/api/v1/projects?q=apples')).body;
    tick();
    await alice.agent
      .patch(`/api/v1/projects/${items[0].id}`)
      .set('x-csrf-token', alice.csrfToken)
      .send({ name: 'Pears' });
    assert.deepEqual(namesIn(await listOf(alice)), ['Pears', 'Banana São Paulo', 'Zebra', 'Éclairs']);
    assert.deepEqual(namesIn(await listOf(alice, '/?sort=newest')), [
      'Banana São Paulo',
      'Zebra',
      'Pears',
      'Éclairs',
    ]);
    assert.deepEqual(namesIn(await listOf(alice, '/?sort=name')).at(-2), 'Pears');
  });

  test('is gone through part by part in every order, each project once', async () => {
    for (const sort of ['changed', 'name', 'newest']) {
      const seen: string[] = [];
      let address: string | undefined = `/?scope=all&sort=${sort}`;
      while (address) {
        const html: string = await listOf(carol, address);
        seen.push(...namesIn(html));
        address = /href="([^"]*cursor=[^"]*)"[^>]*>More projects/.exec(html)?.[1]?.replaceAll('&amp;', '&');
      }
      assert.equal(seen.length, 34, sort);
      assert.equal(new Set(seen).size, 34, sort);
    }
  });

  test('is searched for words in names, one’s own only, or everybody’s by who may', async () => {
    for (const [q, expected] of [
      ['SAO', ['Banana São Paulo']],
      ['paulo ban', ['Banana São Paulo']],
      ['paulo x', []],
      ['bob', []],
      ['   ', ['Pears', 'Banana São Paulo', 'Zebra', 'Éclairs']],
    ] as const) {
      assert.deepEqual(namesIn(await listOf(alice, `/?q=${encodeURIComponent(q)}`)), expected, q);
    }
    const everybodys = await listOf(carol, '/?scope=all&q=bob');
    assert.equal(namesIn(everybodys).length, 20);
    assert.match(everybodys, /More than 20 projects/);
    assert.equal((await alice.agent.get('/?scope=all&q=bob')).status, 403);
    const api = await alice.agent.get('/api/v1/projects?sort=name&q=zebra');
    assert.deepEqual(
      api.body.items.map(({ name }: { name: string }) => name),
      ['Zebra'],
    );
  });
});

describe('what the list says of a project', () => {
  test('follows every change of its pages, though nobody counts', async () => {
    const { projectId, pageIds } = await addPile(paperlift, 'alice@example.com', {
      name: 'Counted',
      count: 4,
      overridesOf: (index) => (index === 0 ? { status: 'failed' } : { doubtfulCount: 2 }),
    });
    assert.match(await listOf(alice, '/?q=counted'), /4 pages[\s\S]*1 page failed/);
    assert.equal((await summaryOf(projectId))?.stale, undefined);
    await alice.agent
      .delete(`/api/v1/projects/${projectId}/pages/${pageIds[0]}`)
      .set('x-csrf-token', alice.csrfToken);
    assert.ok((await summaryOf(projectId))?.stale);
    assert.match(await listOf(alice, '/?q=counted'), /3 pages[\s\S]*6 words to check/);
    const { pages } = paperlift.services.stores;
    for (const id of pageIds.slice(1)) {
      const page = await pages.find(projectId, id);
      await pages.correct(page as never, {} as never, {
        text: 'x',
        wordCount: 1,
        doubtfulCount: 0,
        reviewedAt: moment.toISOString(),
        reviewedBy: 'Alice',
      });
    }
    assert.match(await listOf(alice, '/?q=counted'), /3 pages[\s\S]*reviewed/);
  });

  test('is derived by the sweeper when nobody looks, and a change meanwhile is not lost', async () => {
    const { projectId } = await addPile(paperlift, 'alice@example.com', { name: 'Swept', count: 2 });
    const seen = await summaryOf(projectId);
    tick();
    await addPageTo(projectId);
    const project = await paperlift.services.stores.projects.find(projectId);
    const { projectSummaries } = paperlift.services.stores;
    const old = {
      pageCount: 2,
      underWayCount: 0,
      failedCount: 0,
      doubtfulCount: 0,
      reviewedCount: 0,
      firstPages: [],
    };
    await projectSummaries.derive(project as never, old, seen);
    assert.ok((await summaryOf(projectId))?.stale, 'what was derived before the change is dropped');
    moment = new Date(moment.getTime() + 10_000);
    const worker = composeWorker(paperlift.services);
    await worker.sweeper.sweep();
    await worker.stop(0);
    assert.equal((await summaryOf(projectId))?.stale, undefined);
    assert.equal((await factsOf(projectId))?.pageCount, 3);
  });

  test('is put right by whoever looks at the project', async () => {
    const { projectId, path } = await addPile(paperlift, 'alice@example.com', { name: 'Repaired', count: 2 });
    const { services } = paperlift;
    const TableName = services.config.aws.dynamodb.table;
    await services.clients.documents.delete({
      TableName,
      Key: { pk: `PROJECT#${projectId}`, sk: 'SUMMARY' },
    });
    await alice.agent.get(path);
    assert.equal((await factsOf(projectId))?.pageCount, 2);
    assert.deepEqual(namesIn(await listOf(alice, '/?q=repaired')), ['Repaired']);
  });

  test('is gone with the project, everywhere', async () => {
    const { projectId } = await addPile(paperlift, 'alice@example.com', { name: 'Gone', count: 1 });
    await alice.agent.delete(`/api/v1/projects/${projectId}`).set('x-csrf-token', alice.csrfToken);
    await paperlift.services.summaries.refresh(projectId);
    for (const sort of ['changed', 'name', 'newest'])
      assert.deepEqual(namesIn(await listOf(alice, `/?q=gone&sort=${sort}`)), [], sort);
  });
});

async function addPageTo(projectId: string) {
  const [page] = await paperlift.services.stores.pages.list(projectId);
  await paperlift.services.stores.pages.create({ ...page, id: '01ARZ3NDEKTSV4RRFFQ69G5FAV' } as never);
}

test('a name with letters that have no accents to leave out is found by plain ones, also where it was stored before that', async () => {
  const ines = await browserOf(paperlift, buildPerson('Ines Letters', { organisationId: 'letters' }));
  const found = async (search: string) => {
    const { body } = await ines.agent.get('/api/v1/projects').query({ q: search });
    return (body.items as { name: string }[]).map(({ name }) => name);
  };
  const names = ['Straße', 'Łódź', 'Ørsted', '図書館ガイド'];
  const ids = new Map<string, string>();
  for (const name of names) {
    tick();
    const made = await ines.agent.post('/api/v1/projects').set('x-csrf-token', ines.csrfToken).send({ name });
    ids.set(name, made.body.id);
  }
  for (const [word, name] of [
    ['strasse', 'Straße'],
    ['STRAẞE', 'Straße'],
    ['lodz', 'Łódź'],
    ['orsted', 'Ørsted'],
    ['ガイド', '図書館ガイド'],
  ])
    assert.deepEqual(await found(word as string), [name], word);
  assert.deepEqual(await found('カイト'), [], 'other letters');
  assert.deepEqual(markWords('Hauptstraße 5', 'strasse')[1], { text: 'straße', isHit: true });

  const { documents } = paperlift.services.clients;
  for (const sk of ['NAME', 'SUMMARY', 'PROJECT'])
    await documents.update({
      TableName: paperlift.config.aws.dynamodb.table,
      Key: { pk: `PROJECT#${ids.get('Straße')}`, sk },
      UpdateExpression: 'SET folded = :folded',
      ExpressionAttributeValues: { ':folded': 'straße' },
    });
  assert.deepEqual(await found('straße'), ['Straße'], 'as it was stored before');
});

test('what was found in a name is marked as it is written', () => {
  const said = (name: string, text: string) =>
    markWords(name, text)
      .map((part) => (part.isHit ? `[${part.text}]` : part.text))
      .join('');
  assert.equal(said('Contratos São Paulo', 'sao'), 'Contratos [São] Paulo');
  assert.equal(said('e\u0301tude', 'e'), '[e\u0301]tud[e]');
  assert.equal(said('ﬁne', 'fi'), '[ﬁ]ne');
  assert.equal(said('aaa', 'aa'), '[aaa]');
  assert.equal(said('Box', '  '), 'Box');
  assert.deepEqual(searchWords(' A b a c d e f g'), ['a', 'b', 'c', 'd', 'e']);
});
