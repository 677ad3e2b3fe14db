// What people find over HTTP, and what they do not.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { composeWorker } from '../../src/compose-worker.ts';
import { localPersonId } from '../support/local-people.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { inDefault } from '../support/people.ts';
import { addPage, addProject, readPage } from './stage.ts';

type Client = Awaited<ReturnType<Paperlift['signIn']>>;

let paperlift: Paperlift;
let later = 0;
const clients: Record<string, Client> = {};

before(async () => {
  paperlift = await startPaperlift({ now: () => new Date(Date.now() + later) });
  for (const name of ['alice', 'bob', 'carol', 'erin']) {
    clients[name] = await paperlift.signIn(`${name}@example.com`);
  }
});
after(() => paperlift?.stop());

async function ask(name: string, q: string, scope = 'mine') {
  const { agent } = clients[name] as Client;
  return agent.get(`/api/v1/search?${new URLSearchParams({ q, scope })}`);
}

/** The best lines of all that is found, with what was found between brackets. */
async function find(name: string, q: string, scope?: string): Promise<string[]> {
  const { body, status } = await ask(name, q, scope);
  assert.equal(status, 200, JSON.stringify(body));
  return body.items.map(({ line }: { line: { text: string; found: boolean }[] }) =>
    line.map(({ text, found }) => (found ? `[${text}]` : text)).join(''),
  );
}

/** The postings of a person's words, here or where they lay before words were split by their first letter. */
async function postingsOf(
  email: string,
  words: string[],
  isFormer = false,
): Promise<Record<string, unknown>[]> {
  const { clients: aws, config } = paperlift.services;
  const ownerId = localPersonId(paperlift, email);
  const found = await Promise.all(
    words.map((word) =>
      aws.documents.query({
        TableName: config.aws.dynamodb.table,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :word)',
        ExpressionAttributeValues: {
          ':pk': `WORDS#${ownerId}${isFormer ? '' : `#${word[0]}`}`,
          ':word': `${word} `,
        },
      }),
    ),
  );
  return found.flatMap(({ Items = [] }) => Items);
}

async function change(path: string, changes: object) {
  const { agent, csrfToken } = clients.alice as Client;
  const answer = await agent.patch(`/api/v1${path}`).set('x-csrf-token', csrfToken).send(changes);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
}

async function remove(path: string) {
  const { agent, csrfToken } = clients.alice as Client;
  const answer = await agent.delete(`/api/v1${path}`).set('x-csrf-token', csrfToken);
  assert.equal(answer.status, 204);
}

/** Lets so much time pass that everything is due, and sweeps. */
async function sweepLater() {
  later += 2 * 3_600_000;
  const worker = composeWorker(paperlift.services);
  await worker.sweeper.sweep();
  await worker.stop(1000);
  later = 0; // sessions are good again
}

describe('search', () => {
  it('finds a word over the end of a line whole, and marks both parts where one reads it', async () => {
    const projectId = await addProject(paperlift, 'alice@example.com', 'Divided');
    const pageId = await addPage(paperlift, projectId, ['Die Mahnge-', 'bühr beträgt', '東京都北', '区役所']);
    assert.deepEqual(await find('alice', 'mahngebuehr'), ['Die [Mahnge-]']);
    assert.deepEqual(await find('alice', 'mahnge'), ['Die [Mahnge]-']);
    assert.deepEqual(await find('alice', 'bühr'), ['[bühr] beträgt']);
    assert.deepEqual(await find('alice', '京都'), ['東[京都]北']);
    assert.deepEqual(await find('alice', '北区'), ['東京都[北]']);
    assert.deepEqual(await find('alice', '北役'), []);
    const { agent } = clients.alice as Client;
    const { text } = await agent.get(`/projects/${projectId}/pages/${pageId}?q=mahngebühr`);
    assert.match(text, /class="word found"[^>]*>Mahnge-<[\s\S]*class="word found"[^>]*>bühr</);
    assert.match(text, /2 words on this page match/);
  });

  it('finds pages and projects as one types, each in its best line, with where it is', async () => {
    const projectId = await addProject(paperlift, 'alice@example.com', 'Hardware receipts');
    const pageId = await addPage(paperlift, projectId, ['Lim Seng Tho Hardware', 'Subtotal 7.00']);
    for (const typed of ['s', 'subt', 'SUBTOTAL', 'lim subtotal', '7.00']) {
      const { body } = await ask('alice', typed);
      assert.equal(body.items.length, 1, typed);
      assert.equal(body.items[0].page.id, pageId);
      assert.equal(body.items[0].project.name, 'Hardware receipts');
    }
    assert.deepEqual(await find('alice', 'hardw'), ['Lim Seng Tho [Hardw]are', '[Hardw]are receipts']);
    assert.deepEqual(await find('alice', 'subtotal missing'), []);
  });

  it('finds a name in each spelling of its umlaut, except where the language has other sounds for it', async () => {
    const projectId = await addProject(paperlift, 'alice@example.com', 'Umlauts');
    for (const name of ['Gruenwald', 'Grünwald', 'Grunwald'])
      await addPage(paperlift, projectId, [`Frau ${name}`]);
    for (const typed of ['gruenwald', 'grünwald', 'grunwald']) {
      const expected = ['Frau [Grunwald]', 'Frau [Grünwald]', 'Frau [Gruenwald]'];
      assert.deepEqual(await find('alice', typed), expected, typed);
    }
    const dutch = await addPage(paperlift, projectId, ['Het zoetbroek'], undefined, { language: 'nl' });
    assert.deepEqual(await find('alice', 'zotbrok'), []);
    assert.deepEqual(await find('alice', 'zoetbroek'), ['Het [zoetbroek]']);
    const { agent } = clients.alice as Client;
    const { text } = await agent.get(`/projects/${projectId}/pages/${dutch}?q=zotbrok`);
    assert.doesNotMatch(text, /class="word found"/);
  });

  it('says which page of its file a page is that was taken out of one', async () => {
    const projectId = await addProject(paperlift, 'alice@example.com', 'Contracts');
    const source = { importId: '01JDF3Q4R5S6T7V8W9X0Y1Z2A3', page: 17, hadText: false };
    await addPage(paperlift, projectId, ['Quagmire clause'], undefined, { fileName: 'lease.pdf', source });
    await addPage(paperlift, projectId, ['Quagmire photograph']);
    const { body } = await ask('alice', 'quagmire');
    assert.deepEqual(
      body.items.map(({ page }: { page: object }) => ({ ...page, id: '' })),
      [
        { id: '', number: 2, fileName: 'page.jpg' },
        { id: '', number: 1, fileName: 'lease.pdf', pageOfFile: 17 },
      ],
    );
    const { text } = await (clients.alice as Client).agent.get('/search?q=quagmire');
    assert.match(text, /page 1 · <bdi>lease\.pdf<\/bdi> \(page 17\)</);
    assert.match(text, /page 2 · <bdi>page\.jpg<\/bdi></);
  });

  it('gives each page its number of now, also after pages were moved and deleted', async () => {
    const projectId = await addProject(paperlift, 'alice@example.com', 'Order');
    const ids = [];
    for (const word of ['alpha', 'beta', 'gamma'])
      ids.push(await addPage(paperlift, projectId, [`Tamarin ${word}`]));
    const numbers = async () => {
      const { body } = await ask('alice', 'tamarin');
      return body.items.map(({ page, line }: { page: { number: number }; line: { text: string }[] }) => [
        line.at(-1)?.text.trim(),
        page.number,
      ]);
    };
    assert.deepEqual(await numbers(), [
      ['gamma', 3],
      ['beta', 2],
      ['alpha', 1],
    ]);
    await change(`/projects/${projectId}/pages/${ids[2]}`, { number: 1 });
    assert.deepEqual(await numbers(), [
      ['gamma', 1],
      ['beta', 3],
      ['alpha', 2],
    ]);
    await remove(`/projects/${projectId}/pages/${ids[0]}`);
    assert.deepEqual(await numbers(), [
      ['gamma', 1],
      ['beta', 2],
    ]);
  });

  it('counts the results as far as they were compared, and keeps the query in the box', async () => {
    const projectId = await addProject(paperlift, 'alice@example.com', 'Counted');
    for (let number = 0; number < 21; number += 1) await addPage(paperlift, projectId, [`gecko ${number}`]);
    const { agent } = clients.alice as Client;
    const heading = async (q: string, more = '') => {
      const { text } = await agent.get(`/search?${new URLSearchParams({ q })}${more}`);
      assert.match(text, new RegExp(`id="search-q"[^>]* value="${q}"`));
      return /<h1>(.*)<\/h1>/.exec(text)?.[1]?.replace(/<\/?bdi>/g, '');
    };
    assert.equal(await heading('gecko'), '21 results for “gecko”');
    assert.equal(await heading('gecko 20'), '1 result for “gecko 20”');
    assert.equal(await heading('gecko nowhere'), 'No results for “gecko nowhere”');
    const { cursor } = (await agent.get('/api/v1/search?q=gecko')).body;
    assert.equal(await heading('gecko', `&cursor=${cursor}`), 'More results for “gecko”');
    const many = Array.from({ length: 85 }, (_, number) =>
      addPage(paperlift, projectId, [`gecko x${number}`]),
    );
    await Promise.all(many);
    assert.equal(await heading('gecko'), 'More than 100 results for “gecko”');
  });

  it('says that not everything was searched where another word is needed, rather than that nothing matches', async () => {
    const { agent } = clients.alice as Client;
    for (const part of ['', '&part=list']) {
      const { text } = await agent.get(`/search?q=file%3Apage${part}`);
      assert.match(text, /Not everything was searched/);
      assert.match(text, /Add another word/);
      assert.doesNotMatch(text, /No pages match|No results for/);
    }
  });

  it('keeps the query on the page that was opened, in its links to other pages and after a correction', async () => {
    const projectId = await addProject(paperlift, 'alice@example.com', 'Opened');
    const image = { data: Buffer.from('any'), width: 300, height: 200 };
    const first = await addPage(paperlift, projectId, ['Total 39. 00', 'other'], image);
    const second = await addPage(paperlift, projectId, ['Herr Müller 39.00']);
    const { agent, csrfToken } = clients.alice as Client;
    const url = `/projects/${projectId}/pages/${first}`;
    const { text } = await agent.get(`${url}?q=39.00`);
    assert.match(text, /id="search-q"[^>]* value="39\.00"/);
    assert.match(text, new RegExp(`rel="next" href="/projects/${projectId}/pages/${second}\\?q=39\\.00"`));
    assert.equal(text.match(/<polygon class="box found"/g)?.length, 2);
    assert.match(text, /2 words on this page match/);
    const next = await agent.get(`/projects/${projectId}/pages/${second}?q=mueller`);
    assert.match(next.text, /class="word found"[^>]*>Müller</);
    const form = { _csrf: csrfToken, revision: '1', line: 'l2', text: 'another', do: 'save' };
    const saved = await agent.post(`${url}/review?q=39.00`).type('form').send(form);
    assert.equal(saved.headers.location, `${url}?q=39.00&notice=saved#line-2`);
    const part = { ...form, text: '39.00', fragment: 'yes' };
    const answer = await agent.post(`${url}/review?q=39.00`).type('form').send(part);
    assert.match(answer.text, /class="word corrected found"/);
  });

  it('never finds what is another person’s, counts none of it, and leaves an entry where it was shown', async () => {
    const projectId = await addProject(paperlift, 'alice@example.com', 'Zebracorn plans');
    await addPage(paperlift, projectId, ['The zebracorn is secret']);
    const nothing = (await ask('bob', 'neverwritten')).text;
    assert.equal((await ask('bob', 'zebracorn')).text, nothing);
    assert.equal((await ask('bob', 'zebracorn', 'all')).body.code, 'may-not-list-all');
    assert.equal(
      (await ask('carol', 'zebracorn')).text,
      nothing,
      'an admin’s own search is about own projects',
    );
    assert.equal((await find('carol', 'zebracorn', 'all')).length, 2);
    assert.equal((await find('erin', 'zebracorn', 'all')).length, 2);
    const trail = await paperlift.services.audit.list(
      {
        id: localPersonId(paperlift, 'carol@example.com'),
        name: 'c',
        email: 'c',
        groups: ['paperlift-admins'],
        ...inDefault,
      },
      `person:${localPersonId(paperlift, 'erin@example.com')}`,
      { limit: 5 },
    );
    assert.deepEqual(
      trail.items.map(({ action }) => action),
      ['text.searched'],
    );
    const admin = {
      id: localPersonId(paperlift, 'carol@example.com'),
      name: 'c',
      email: 'c',
      groups: ['paperlift-admins'],
      ...inDefault,
    };
    const shown = await paperlift.services.audit.list(admin, `project:${projectId}`, { limit: 5 });
    assert.deepEqual(
      shown.items.map(({ action, actorName }) => [action, actorName]).toSorted(),
      [
        ['text.found', 'Carol Carpenter'],
        ['text.found', 'Erin Ellis'],
      ],
      'each project of which lines were shown says to whom',
    );
  });

  it('shows HTML in text as text', async () => {
    const projectId = await addProject(paperlift, 'alice@example.com', '<img src=x onerror=alert(1)>');
    await addPage(paperlift, projectId, ['quokka <script>alert(1)</script>']);
    for (const part of ['', '&part=list']) {
      const { text } = await (clients.alice as Client).agent.get(`/search?q=quokka%20%3Cscript%3E${part}`);
      assert.match(text, /<mark>quokka<\/mark>/);
      assert.match(text, /&lt;/);
      assert.doesNotMatch(text, /<script>|<img src=x/);
    }
  });

  it('answers whatever is typed', async () => {
    const typed = [
      '',
      '   ',
      '"',
      '*',
      'a AND b OR NOT c',
      '__proto__',
      'constructor',
      '%00',
      'x'.repeat(5000),
      '\u0000',
    ];
    for (const q of typed) {
      assert.equal((await ask('alice', q)).status, 200, q);
      const page = await (clients.alice as Client).agent.get(`/search?${new URLSearchParams({ q })}`);
      assert.equal(page.status, 200, q);
    }
    const { agent } = clients.alice as Client;
    assert.equal((await agent.get('/api/v1/search?q=a&q=b')).status, 400);
    assert.equal((await agent.get('/api/v1/search?q=a&cursor=x')).status, 400);
  });

  it('leads on behind what was shown', async () => {
    const projectId = await addProject(paperlift, 'alice@example.com', 'Many');
    for (let number = 0; number < 23; number += 1) await addPage(paperlift, projectId, [`wombat ${number}`]);
    const { agent } = clients.alice as Client;
    const first = (await agent.get('/api/v1/search?q=wombat')).body;
    const second = (await agent.get(`/api/v1/search?q=wombat&cursor=${first.cursor}`)).body;
    assert.deepEqual([first.items.length, second.items.length, second.cursor], [20, 3, undefined]);
  });

  it('follows corrections, replaced images and deletions, and keeps nothing under an old spelling', async () => {
    const projectId = await addProject(paperlift, 'alice@example.com', 'Corrections');
    const pageId = await addPage(paperlift, projectId, ['Walrvs and seal', 'other line']);
    const page = `/projects/${projectId}/pages/${pageId}`;
    assert.equal((await find('alice', 'walrvs')).length, 1);

    await change(page, { lines: [{ id: 'l1', text: 'Walrus and seal' }] });
    assert.deepEqual(await find('alice', 'walrvs'), []);
    assert.deepEqual(await find('alice', 'walrus'), ['[Walrus] and seal']);
    assert.equal((await postingsOf('alice@example.com', ['walrus'])).length, 1);
    assert.deepEqual(await postingsOf('alice@example.com', ['walrvs']), []);

    await change(page, { rotation: 90 });
    assert.deepEqual(
      await find('alice', 'walrus'),
      ['[Walrus] and seal'],
      'turned, it is still the same text',
    );
    const { pages } = paperlift.services.stores;
    await pages.reviseImage((await pages.find(projectId, pageId)) as never, {});
    assert.deepEqual(await find('alice', 'walrus'), []);
    await readPage(paperlift, projectId, pageId, 2, ['Narwhal']);
    assert.deepEqual(await find('alice', 'narwhal'), ['[Narwhal]']);
    assert.deepEqual(await postingsOf('alice@example.com', ['walrus']), []);

    await remove(page);
    assert.deepEqual(await find('alice', 'narwhal'), []);
    await sweepLater();
    assert.deepEqual(await postingsOf('alice@example.com', ['narwhal']), []);
  });

  it('follows a project’s name, and finds nothing of a deleted project', async () => {
    const projectId = await addProject(paperlift, 'alice@example.com', 'Ocelot');
    await addPage(paperlift, projectId, ['ocelot text']);
    await change(`/projects/${projectId}`, { name: 'Margay' });
    assert.deepEqual(await find('alice', 'ocelot'), ['[ocelot] text']);
    assert.deepEqual(await find('alice', 'margay'), ['[Margay]']);
    await remove(`/projects/${projectId}`);
    assert.deepEqual(await find('alice', 'ocelot'), []);
    assert.deepEqual(await find('alice', 'margay'), []);
    assert.deepEqual(await find('carol', 'ocelot', 'all'), []);
    await sweepLater();
    assert.deepEqual(await postingsOf('alice@example.com', ['ocelot', 'margay']), []);
  });

  it('repairs what a lost write left out of the index', async () => {
    const { documents } = paperlift.services.clients;
    const projectId = await addProject(paperlift, 'alice@example.com', 'Lost');
    const real = documents.batchWrite.bind(documents);
    documents.batchWrite = () => Promise.reject(new Error('lost'));
    try {
      await addPage(paperlift, projectId, ['Pangolin']);
    } finally {
      documents.batchWrite = real;
    }
    assert.deepEqual(await find('alice', 'pangolin'), []);
    await sweepLater();
    assert.deepEqual(await find('alice', 'pangolin'), ['[Pangolin]']);
  });

  it('keeps the postings right when many changes come at once', async () => {
    const projectId = await addProject(paperlift, 'alice@example.com', 'At once');
    const pageId = await addPage(paperlift, projectId, ['one', 'two', 'three', 'four']);
    await Promise.all(
      ['eins', 'zwei', 'drei', 'vier'].map((text, at) =>
        change(`/projects/${projectId}/pages/${pageId}`, { lines: [{ id: `l${at + 1}`, text }] }),
      ),
    );
    for (const word of ['eins', 'zwei', 'drei', 'vier'])
      assert.equal((await find('alice', word)).length, 1, word);
    assert.equal((await postingsOf('alice@example.com', ['eins', 'zwei'])).length, 2);
    assert.deepEqual(await postingsOf('alice@example.com', ['one', 'two', 'three', 'four']), []);
  });

  describe('what was indexed before words were split by their first letter', () => {
    const [alice, bob] = ['alice@example.com', 'bob@example.com'];
    const words = ['zorilla', 'numbat'];
    const update = (Key: object, UpdateExpression: string, values?: Record<string, string>) =>
      paperlift.services.clients.documents.update({
        TableName: paperlift.services.config.aws.dynamodb.table,
        Key,
        UpdateExpression,
        ...(values ? { ExpressionAttributeValues: values } : {}),
      });

    async function addFormer() {
      const { clients: aws, config } = paperlift.services;
      const projectId = await addProject(paperlift, alice, 'Former');
      const pageId = await addPage(paperlift, projectId, ['zorilla numbat']);
      const TableName = config.aws.dynamodb.table;
      const moved = await postingsOf(alice, words);
      assert.equal(moved.length, 2);
      for (const { pk, sk, ...item } of moved) {
        const former = `WORDS#${localPersonId(paperlift, alice)}`;
        await aws.documents.put({ TableName, Item: { ...item, pk: former, sk } });
        await aws.documents.delete({ TableName, Key: { pk, sk } });
      }
      await update({ pk: `INDEX#${projectId}`, sk: pageId }, 'REMOVE layout');
      return { projectId, pageId };
    }

    async function follow(what: { projectId: string; pageId: string }) {
      await paperlift.services.searchEngine.announce(what);
      await paperlift.services.searchEngine.follow(what);
    }

    it('is found, and split with its next change', async () => {
      const page = await addFormer();
      assert.deepEqual(await find('alice', 'zoril'), ['[zoril]la numbat']);
      await follow(page);
      assert.deepEqual(await find('alice', 'zoril numbat'), ['[zoril]la [numbat]']);
      assert.equal((await postingsOf(alice, words)).length, 2);
      assert.deepEqual(await postingsOf(alice, words, true), []);
      await remove(`/projects/${page.projectId}`);
      await sweepLater();
    });

    it('leaves its former owner with the project', async () => {
      const page = await addFormer();
      const owner = localPersonId(paperlift, bob);
      await update({ pk: `PROJECT#${page.projectId}`, sk: 'PROJECT' }, 'SET ownerId = :owner', {
        ':owner': owner,
      });
      await follow(page);
      assert.equal((await postingsOf(bob, words)).length, 2);
      for (const isFormer of [true, false]) assert.deepEqual(await postingsOf(alice, words, isFormer), []);
    });
  });
});
