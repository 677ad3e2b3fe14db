// Someone leaves the company: an administrator hands over all that they had.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Person } from '../../src/people/person.ts';
import { addPage } from '../search/stage.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { buildMember } from '../support/projects.ts';
import { browserOf, buildPerson } from '../support/session-of.ts';

const [leaver, heir, other] = ['Lea Leaver', 'Hal Heir', 'Otto Other'].map((name) => buildPerson(name)) as [
  Person,
  Person,
  Person,
];
const admin = buildPerson('Adam Admin', { groups: ['paperlift-admins'] });
const abroad = buildPerson('Ada Abroad', { groups: ['paperlift-admins'], organisationId: 'abroad' });

let paperlift: Paperlift;
const clients = new Map<string, Awaited<ReturnType<typeof browserOf>>>();
const as = ({ id }: Person) => clients.get(id) as Awaited<ReturnType<typeof browserOf>>;
let clock = Date.parse('2026-11-01T00:00:00Z');

before(async () => {
  paperlift = await startPaperlift({ now: () => new Date(clock) });
  for (const person of [leaver, heir, other, admin, abroad])
    clients.set(person.id, await browserOf(paperlift, person));
});
after(() => paperlift.stop());

const url = `/admin/people/${leaver.id}/hand-over`;
const handOver = (person: Person, toId: string) =>
  as(person)
    .agent.post(url)
    .type('form')
    .send({ _csrf: as(person).csrfToken, toId });
const create = async (person: Person, name: string): Promise<string> =>
  (await as(person).agent.post('/api/v1/projects').set('x-csrf-token', as(person).csrfToken).send({ name }))
    .body.id;
const list = async (person: Person, scope = 'own'): Promise<string[]> =>
  (await as(person).agent.get(`/api/v1/projects?scope=${scope}`)).body.items.map(
    ({ name }: { name: string }) => name,
  );

test('the preview counts what the person has, for administrators of their organisation alone', async () => {
  for (const name of ['One', 'Two'])
    await addPage(paperlift, await create(leaver, name), [`${name} apricot`]);
  const shared = await create(other, 'Of Otto');
  await paperlift.services.stores.projects.setMember(shared, buildMember(leaver, 'editor'));
  const { text } = await as(admin).agent.get(`${url}?who=hal`);
  assert.match(text, /owns <strong>2 projects<\/strong>, and 1 project of others/);
  assert.match(text, /Hand everything over to Hal Heir/);
  assert.equal((await as(abroad).agent.get(url)).status, 404);
  assert.equal((await as(heir).agent.get(url)).status, 403);
});

test('everything goes to the new owner, shares of others end, and each trail says so', async () => {
  const { stores } = paperlift.services;
  const ids = (
    await stores.projects.list({ whose: { ownedBy: [leaver.id] }, order: 'name', limit: 9 })
  ).items.map(({ project }) => project.id);
  assert.equal((await handOver(admin, heir.id)).status, 303);
  assert.deepEqual(await list(leaver), []);
  assert.deepEqual(await list(leaver, 'shared'), []);
  assert.deepEqual((await list(heir)).sort(), ['One', 'Two']);
  const found = await as(heir).agent.get('/api/v1/search?q=apricot');
  assert.equal(found.body.items.length, 2);
  assert.match(
    (await as(admin).agent.get(url)).text,
    /Done: 2 projects handed over to Hal Heir, 1 share ended/,
  );
  for (const id of ids) {
    const [newest] = await stores.trails.list(`project:${id}`, { limit: 1 });
    assert.deepEqual([newest?.action, newest?.actorName], ['project.handed-over', 'Adam Admin']);
  }
  const trail = await stores.trails.list(`person:${leaver.id}`, { limit: 5 });
  assert.ok(trail.some(({ action }) => action === 'person.replaced'));
});

test('what does not fit into a request is carried on by the sweeper', async () => {
  const { stores, leaving } = paperlift.services;
  for (let at = 1; at <= 3; at += 1) await create(leaver, `Later ${at}`);
  const { giveTo } = paperlift.services.sharing;
  const slow = paperlift.services.sharing as { giveTo: typeof giveTo };
  slow.giveTo = async (...given) => {
    clock += 6000; // a project takes longer than a request works on them
    return giveTo(...given);
  };
  await handOver(admin, other.id);
  slow.giveTo = giveTo;
  assert.equal((await list(leaver)).length, 2);
  assert.equal((await handOver(admin, heir.id)).status, 409, 'one at a time');
  assert.match((await as(admin).agent.get(url)).text, /Handing over:/);
  clock += 1;
  const [due] = await stores.dueItems.list('LEAVING');
  await leaving.goOn(due as never);
  assert.deepEqual(await list(leaver), []);
  assert.deepEqual(await stores.dueItems.list('LEAVING'), []);
});

test('to no one of another organisation, and not to the same person', async () => {
  assert.equal((await handOver(admin, abroad.id)).status, 400);
  assert.equal((await handOver(admin, leaver.id)).status, 409);
});
