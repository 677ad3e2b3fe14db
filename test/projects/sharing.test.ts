// Projects that are shared with people and teams: who lists, opens, searches and downloads them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { MemberRole } from '../../src/people/permissions.ts';
import type { Person } from '../../src/people/person.ts';
import { addPage } from '../search/stage.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { browserOf, buildPerson } from '../support/session-of.ts';

const finance = { id: 't-finance', name: 'Finance' };
const [ann, ben, cas, dee] = ['Ann Able', 'Ben Bold', 'Cas Calm', 'Dee Dark'].map((name) =>
  buildPerson(name),
) as [Person, Person, Person, Person];
const tom = buildPerson('Tom Team', { teams: [finance] });
const tia = buildPerson('Tia Team', { teams: [finance] });
const foreigner = buildPerson('Ben Abroad', {
  organisationId: 'abroad',
  teams: [{ id: 't-abroad', name: 'Finance' }],
});

let paperlift: Paperlift;
const clients = new Map<string, ReturnType<typeof api>>();

/** The API as a person calls it. */
function api({ agent, csrfToken }: Awaited<ReturnType<typeof browserOf>>) {
  const call = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string) =>
    agent[method](`/api/v1${path}`).set('x-csrf-token', csrfToken);
  return {
    agent,
    csrfToken,
    call,
    list: async (scope: string, more = '') =>
      (await call('get', `/projects?scope=${scope}${more}`)).body.items.map(
        ({ name }: { name: string }) => name,
      ),
    find: async (q: string) =>
      (await call('get', `/search?q=${encodeURIComponent(q)}`)).body.items.map(
        ({ project }: { project: { name: string } }) => project.name,
      ),
  };
}

const as = ({ id }: Person) => clients.get(id) as ReturnType<typeof api>;

before(async () => {
  paperlift = await startPaperlift();
  for (const person of [ann, ben, cas, dee, tom, tia, foreigner])
    clients.set(person.id, api(await browserOf(paperlift, person)));
});
after(() => paperlift.stop());

async function createProject(owner: Person, name: string, more: object = {}): Promise<string> {
  const created = await as(owner)
    .call('post', '/projects')
    .send({ name, ...more });
  assert.equal(created.status, 201, created.text);
  return created.body.id;
}

const share = (owner: Person, projectId: string, id: string, role: MemberRole) =>
  as(owner).call('put', `/projects/${projectId}/members/${id}`).send({ role });
const statusFor = async (person: Person, projectId: string) =>
  (await as(person).call('get', `/projects/${projectId}`)).status;

describe('sharing with a person', () => {
  test('lists the project among what is shared with them, in every order, and lets them open it', async () => {
    const id = await createProject(ann, 'Autumn receipts');
    const other = await createProject(ann, 'Winter receipts');
    assert.equal(await statusFor(ben, id), 404);
    for (const project of [id, other])
      assert.equal((await share(ann, project, ben.id, 'viewer')).status, 200);
    for (const [order, expected] of [
      ['newest', ['Winter receipts', 'Autumn receipts']],
      ['name', ['Autumn receipts', 'Winter receipts']],
      ['changed', ['Winter receipts', 'Autumn receipts']],
    ] as const)
      assert.deepEqual(await as(ben).list('shared', `&sort=${order}`), expected, order);
    assert.deepEqual(await as(ben).list('shared', '&q=wint'), ['Winter receipts']);
    assert.deepEqual(await as(ben).list('own'), []);
    assert.equal(await statusFor(ben, id), 200);
    assert.equal((await as(ben).call('patch', `/projects/${id}`).send({ name: 'x' })).body.code, 'read-only');
    const members = (await as(ben).call('get', `/projects/${id}/members`)).body;
    assert.deepEqual(
      [
        members.owner.name,
        members.items.map(({ name, role }: { name: string; role: string }) => [name, role]),
      ],
      ['Ann Able', [['Ben Bold', 'viewer']]],
    );
  });

  test('a page of the list has no more than it says, and the next goes on where it ended', async () => {
    for (const name of ['P1', 'P2', 'P3']) await share(cas, await createProject(cas, name), dee.id, 'viewer');
    const first = (await as(dee).call('get', '/projects?scope=shared&limit=2')).body;
    assert.deepEqual(
      first.items.map(({ name }: { name: string }) => name),
      ['P3', 'P2'],
    );
    const next = (await as(dee).call('get', `/projects?scope=shared&limit=2&cursor=${first.cursor}`)).body;
    assert.deepEqual(
      [next.items.map(({ name }: { name: string }) => name), next.cursor],
      [['P1'], undefined],
    );
  });

  test('a role that is changed counts from the next request on', async () => {
    const id = await createProject(ann, 'Roles');
    await share(ann, id, ben.id, 'viewer');
    const rename = () => as(ben).call('patch', `/projects/${id}`).send({ name: 'By Ben' });
    assert.equal((await rename()).status, 403);
    await share(ann, id, ben.id, 'editor');
    assert.equal((await rename()).status, 200);
    assert.equal((await as(ben).call('delete', `/projects/${id}`)).body.code, 'owner-only');
    assert.equal((await share(ben, id, cas.id, 'viewer')).body.code, 'owner-only');
  });

  test('taken back, it is gone from lists, search and every address at once', async () => {
    const id = await createProject(ann, 'Secret plans');
    await addPage(paperlift, id, ['the marmalade clause']);
    await share(ann, id, ben.id, 'reviewer');
    assert.deepEqual(await as(ben).find('marmalade'), ['Secret plans']);
    assert.equal((await as(ann).call('delete', `/projects/${id}/members/${ben.id}`)).status, 204);
    assert.deepEqual(await as(ben).find('marmalade'), []);
    assert.equal(await statusFor(ben, id), 404);
    assert.ok(!(await as(ben).list('shared')).includes('Secret plans'));
  });

  test('they may leave by themselves, and remove no one else', async () => {
    const id = await createProject(ann, 'To leave');
    await share(ann, id, ben.id, 'viewer');
    await share(ann, id, cas.id, 'editor');
    assert.equal((await as(cas).call('delete', `/projects/${id}/members/${ben.id}`)).body.code, 'owner-only');
    assert.equal((await as(ben).call('delete', `/projects/${id}/members/${ben.id}`)).status, 204);
    assert.equal(await statusFor(ben, id), 404);
  });

  test('the trail says who shared what with whom, also in the trail of the person', async () => {
    const id = await createProject(ann, 'On record');
    await share(ann, id, ben.id, 'viewer');
    const entries = await paperlift.services.stores.trails.list(`person:${ben.id}`, { limit: 5 });
    const shared = entries.find(({ projectId }) => projectId === id);
    assert.deepEqual(
      [shared?.action, shared?.actorName, shared?.detail],
      ['project.shared', 'Ann Able', 'Ben Bold (ben.bold@example.com): viewer'],
    );
  });
});

describe('sharing with a team', () => {
  test('gives it to everyone in the team, and to no one who left it', async () => {
    const id = await createProject(ann, 'For finance');
    await addPage(paperlift, id, ['quarterly rhubarb']);
    assert.equal((await share(ann, id, finance.id, 'reviewer')).status, 200);
    for (const person of [tom, tia]) {
      assert.deepEqual(await as(person).list('shared'), ['For finance']);
      assert.deepEqual(await as(person).find('rhubarb'), ['For finance']);
    }
    await paperlift.services.people.save({ ...tia, teams: [] }, new Date()); // her next sign-in
    assert.deepEqual(await as(tia).list('shared'), []);
    assert.deepEqual(await as(tia).find('rhubarb'), []);
    assert.equal(await statusFor(tia, id), 404);
    await paperlift.services.people.save(tia, new Date());
    assert.equal(await statusFor(tia, id), 200);
  });

  test('what is shared with a person and their team is one entry, with the stronger role', async () => {
    const id = await createProject(ben, 'Twice');
    await share(ben, id, finance.id, 'viewer');
    await share(ben, id, tom.id, 'editor');
    assert.equal((await as(tom).list('shared')).filter((name: string) => name === 'Twice').length, 1);
    assert.equal((await as(tom).call('patch', `/projects/${id}`).send({ name: 'Twice' })).status, 200);
  });

  test('a project of a team belongs to everyone in it', async () => {
    const id = await createProject(tom, 'Ledger', { teamId: finance.id });
    await addPage(paperlift, id, ['ledger aubergine']);
    assert.deepEqual(await as(tia).list('team'), ['Ledger']);
    assert.deepEqual(await as(tia).find('aubergine'), ['Ledger']);
    assert.equal((await as(tia).call('patch', `/projects/${id}`).send({ name: 'Ledger' })).status, 200);
    assert.equal(await statusFor(ann, id), 404);
    const answer = await as(ann).call('post', '/projects').send({ name: 'x', teamId: finance.id });
    assert.equal(answer.body.code, 'team-unknown');
  });
});

describe('handing over', () => {
  test('gives lists, search and rights to the new owner, and leaves the old one an editor', async () => {
    const id = await createProject(cas, 'Inheritance');
    await addPage(paperlift, id, ['the walnut desk']);
    assert.equal((await as(cas).call('put', `/projects/${id}/owner`).send({ id: dee.id })).status, 200);
    assert.ok((await as(dee).list('own')).includes('Inheritance'));
    assert.ok(!(await as(cas).list('own')).includes('Inheritance'));
    assert.ok(!(await as(cas).list('own', '&sort=changed')).includes('Inheritance'));
    assert.ok(!(await as(cas).list('own', '&sort=name')).includes('Inheritance'));
    assert.ok((await as(cas).list('shared')).includes('Inheritance'));
    for (const person of [dee, cas]) assert.deepEqual(await as(person).find('walnut'), ['Inheritance']);
    assert.equal((await as(cas).call('delete', `/projects/${id}`)).body.code, 'owner-only');
    assert.equal((await as(dee).call('delete', `/projects/${id}/members/${cas.id}`)).status, 204);
    assert.deepEqual(
      await as(cas).find('walnut'),
      [],
      'the words that were in the old owner’s index show nothing',
    );
    assert.equal((await as(dee).call('delete', `/projects/${id}`)).status, 204);
  });

  test('one that a stopped process began is carried on by the sweeper', async () => {
    const id = await createProject(cas, 'Interrupted');
    await addPage(paperlift, id, ['interrupted quince']);
    const { stores, sharing } = paperlift.services;
    const project = await stores.projects.find(id);
    await stores.projects.changeOwner(project as never, { id: dee.id, name: dee.name }, new Date(0));
    assert.deepEqual(
      (await stores.dueItems.list('HANDED-OVER')).map((item) => item.id),
      [id],
    );
    await sharing.finishHandOver(id);
    assert.deepEqual(await as(dee).find('quince'), ['Interrupted']);
    assert.deepEqual(await stores.dueItems.list('HANDED-OVER'), []);
    const left = await stores.textIndex.look('default', cas.id, 'quince', 10);
    assert.deepEqual(left.found, [], 'no word stays with the old owner');
  });
});

describe('another organisation', () => {
  test('has no people, teams or projects of this one, whatever is asked', async () => {
    const id = await createProject(ann, 'Ours alone');
    assert.equal((await share(ann, id, foreigner.id, 'viewer')).body.code, 'grantee-unknown');
    assert.equal((await share(ann, id, 't-abroad', 'viewer')).body.code, 'grantee-unknown');
    assert.equal((await share(ann, id, 'p-never', 'viewer')).body.code, 'grantee-unknown');
    const found = (await as(ann).call('get', `/projects/${id}/grantees?q=ben`)).body.items;
    assert.deepEqual(
      found.map(({ name }: { name: string }) => name),
      ['Ben Bold'],
    );
    assert.equal(await statusFor(foreigner, id), 404);
  });
});

describe('the page of a project’s members', () => {
  test('finds people by the beginning of name and address, and shares by a form, with undo', async () => {
    const id = await createProject(ann, 'By form');
    const { agent, csrfToken } = as(ann);
    const found = await agent.get(`/projects/${id}/members?who=BEN`);
    assert.match(found.text, /Ben Bold/);
    assert.doesNotMatch(found.text, /Ben Abroad/);
    const post = (path: string, fields: object) =>
      agent
        .post(`/projects/${id}${path}`)
        .type('form')
        .send({ _csrf: csrfToken, ...fields });
    await post('/members', { id: ben.id, role: 'reviewer' });
    assert.match((await agent.get(`/projects/${id}/members`)).text, /Stop sharing with Ben Bold/);
    const removed = await post(`/members/${ben.id}/remove`, {});
    const page = await agent.get(removed.headers.location as string);
    assert.match(page.text, /No longer shared with <bdi>Ben Bold<\/bdi>/);
    assert.match(page.text, /name="role" value="reviewer"/, 'undo gives the role back');
    assert.equal((await post('/members', { id: 'p-never', role: 'viewer' })).status, 400);
  });
});
