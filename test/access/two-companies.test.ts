// Two companies on one deployment, each with an identity provider of its own: what one sees of the other, through every page
// and call that needs no id (those with ids are in routes.test.ts), and through counts and effort.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { addPage } from '../search/stage.ts';
import { mentions } from '../support/mentions.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { sessionCookieOf } from '../support/sessions.ts';

type Client = Awaited<ReturnType<Paperlift['signIn']>>;
let paperlift: Paperlift;
let alice: Client;
let carol: Client;
let nora: Client;
let omar: Client;
let pia: Client;
const ids: Record<string, string> = {};

/** Everything that tells of the first company. */
const traces = [
  'Merger plans',
  'zinnober',
  'Alice',
  'alice@',
  'Carol',
  'carol@',
  'Bob',
  'bob@example.com',
  'Example Company',
  'urn:paperlift:local:identity-provider',
];

before(async () => {
  paperlift = await startPaperlift({ secondCompany: true, databaseFaults: true });
  [alice, carol] = [
    await paperlift.signIn('alice@example.com', 'example'),
    await paperlift.signIn('carol@example.com', 'example'),
  ];
  await paperlift.signIn('bob@example.com', 'example');
  [nora, omar, pia] = [
    await paperlift.signIn('nora@second.example', 'second'),
    await paperlift.signIn('omar@second.example', 'second'),
    await paperlift.signIn('pia@second.example', 'second'),
  ];
  for (const [name, client] of [
    ['Merger plans', alice],
    ['Garden party', nora],
  ] as const) {
    const made = await api(client, 'post', '/projects').send({ name });
    assert.equal(made.status, 201, made.text);
    ids[name] = made.body.id;
  }
  await addPage(paperlift, ids['Merger plans'] as string, ['zinnober clause', 'common words']);
  await addPage(paperlift, ids['Garden party'] as string, ['lampions', 'common words']);
});
after(() => paperlift.stop());

const api = ({ agent, csrfToken }: Client, method: 'get' | 'post' | 'put', path: string) =>
  agent[method](`/api/v1${path}`).set('x-csrf-token', csrfToken);
const names = (answer: { body: { items: { name: string }[] } }) => answer.body.items.map(({ name }) => name);

test('people of both companies sign in by their own provider, into their own organisation', async () => {
  const session = sessionCookieOf(pia.answer);
  assert.ok(session);
  const people = await paperlift.services.people.list('second', {});
  assert.deepEqual(
    people.items.map(({ email }) => email),
    ['nora@second.example', 'omar@second.example', 'pia@second.example'],
  );
  assert.deepEqual(
    people.items[0]?.teams?.map(({ name }) => name),
    ['Finance'],
    'a team of the same name is another team',
  );
  const [finance] = people.items[0]?.teams ?? [];
  const { teams } = paperlift.services.stores;
  const first = await teams.listByName('default', 'Finance', 5);
  assert.notEqual(first[0]?.id, finance?.id);
});

describe('an administrator of the second company sees nothing of the first', () => {
  for (const path of [
    '/',
    '/?scope=all',
    '/?scope=all&sort=name',
    '/?scope=all&sort=newest&q=merger',
    '/?scope=shared',
    '/search?q=zinnober',
    '/search?q=zinnober&scope=all',
    '/search?q=merger&scope=all',
    '/search?q=common&scope=all',
    '/search?q=common&scope=all&part=list',
    '/admin',
    '/admin/people',
    '/admin/people?mail=alice',
    '/admin/people?mail=b',
    '/admin/access',
    '/admin/audit',
    '/admin/audit?kind=person',
    '/account',
    '/api/v1/projects?scope=all',
    '/api/v1/projects?scope=own',
    '/api/v1/search?q=common&scope=all',
    '/api/v1/search?q=zinnober&scope=all',
  ])
    test(`GET ${path}`, async () => {
      const { status, text } = await pia.agent.get(path);
      assert.equal(status, 200);
      const asked = new URL(path, 'http://localhost').searchParams;
      const typed = [...asked.values()];
      for (const trace of traces.filter(
        (each) => !typed.some((value) => each.toLowerCase().startsWith(value)),
      ))
        assert.ok(!mentions(text, trace), `${trace} in ${text}`);
    });

  test('a pasted list of groups is read by the own provider, whichever is named', async () => {
    const { text } = await pia.agent
      .post('/admin/access')
      .type('form')
      .send({ _csrf: pia.csrfToken, provider: 'example', pasted: 'Paperlift Users' });
    assert.doesNotMatch(text, /Example Company/);
  });

  test('the trails of the first company’s projects and people are as unknown as those that never were', async () => {
    const stranger = (await paperlift.services.people.list('default', { mail: 'alice' })).items[0]?.id;
    for (const query of [`project=${ids['Merger plans']}`, `person=${stranger}`]) {
      for (const more of ['', '&check=yes']) {
        const { status, text } = await pia.agent.get(`/admin/audit?${query}${more}`);
        assert.ok([200, 404].includes(status), String(status));
        for (const trace of traces) assert.ok(!mentions(text, trace), `${trace} in ${query}${more}`);
      }
      assert.equal((await pia.agent.get(`/admin/audit.csv?${query}`)).status, 404);
    }
  });

  test('its people can be neither signed out, blocked, replaced nor given anything', async () => {
    const stranger = (await paperlift.services.people.list('default', { mail: 'alice' })).items[0]?.id;
    const post = (path: string, fields: object = {}) =>
      pia.agent
        .post(path)
        .type('form')
        .send({ _csrf: pia.csrfToken, ...fields });
    for (const action of ['logout-everywhere', 'disable', 'enable'])
      assert.equal((await post(`/admin/people/${stranger}/${action}`)).status, 404, action);
    assert.equal((await pia.agent.get(`/admin/people/${stranger}/hand-over`)).status, 404);
    const shared = await api(nora, 'put', `/projects/${ids['Garden party']}/members/${stranger}`).send({
      role: 'viewer',
    });
    assert.equal(shared.body.code, 'grantee-unknown');
    const found = await api(nora, 'get', `/projects/${ids['Garden party']}/grantees?q=ali`);
    assert.deepEqual(found.body.items, []);
    assert.equal((await api(alice, 'get', '/projects')).status, 200, 'Alice is still signed in');
  });
});

test('each company’s administrator lists, searches and reads their own', async () => {
  assert.deepEqual(names(await api(pia, 'get', '/projects?scope=all')), ['Garden party']);
  assert.deepEqual(names(await api(carol, 'get', '/projects?scope=all')), ['Merger plans']);
  const hits = async (client: Client, q: string) =>
    (await api(client, 'get', `/search?scope=all&q=${q}`)).body.items.map(
      ({ project }: { project: { name: string } }) => project.name,
    );
  assert.deepEqual(await hits(pia, 'common'), ['Garden party']);
  assert.deepEqual(await hits(carol, 'common'), ['Merger plans']);
  assert.match((await pia.agent.get('/admin/audit')).text, /Garden party/);
  assert.match((await carol.agent.get('/admin/audit')).text, /Merger plans/);
});

test('a search costs the same calls whether or not the other company has what was searched for', async () => {
  const callsFor = async (client: Client, q: string, scope: string) => {
    const before = paperlift.database.calls.length;
    await api(client, 'get', `/search?scope=${scope}&q=${q}`);
    return paperlift.database.calls
      .slice(before)
      .filter(({ operation, body }) => operation !== 'UpdateItem' || !body.includes('SESSION#')) // once a minute
      .map(({ operation }) => operation)
      .sort();
  };
  for (const [client, scope] of [
    [pia, 'all'],
    [omar, 'mine'],
  ] as const) {
    await callsFor(client, 'warmup', scope);
    assert.deepEqual(
      await callsFor(client, 'zinnober', scope),
      await callsFor(client, 'zinnoper', scope),
      scope,
    );
  }
});

test('an address of one company’s project answers the other’s people like one that never was', async () => {
  const strip = (text: string, id: string) =>
    text.replaceAll(id, 'ID').replaceAll(/req_\w+|nonce-[\w-]+|nonce="[^"]+"/g, '');
  const never = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
  for (const path of ['', '/members', '/exports', '/status']) {
    const theirs = await pia.agent.get(`/projects/${ids['Merger plans']}${path}`);
    const nothing = await pia.agent.get(`/projects/${never}${path}`);
    assert.equal(theirs.status, 404);
    const clean = (answer: typeof theirs, id: string) =>
      strip(answer.text, id).replaceAll(String(answer.headers['x-request-id']), 'REQUEST');
    assert.equal(clean(theirs, ids['Merger plans'] as string), clean(nothing, never), path);
  }
});
