// What a company's directory says takes effect at once: on open browsers, on tokens, and on the next sign-in.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import request from 'supertest';
import type { Person } from '../../../src/people/person.ts';
import { connectDirectory, type Directory } from '../../support/directory.ts';
import { localPersonId } from '../../support/local-people.ts';
import { type Paperlift, startPaperlift } from '../../support/paperlift.ts';
import { accessTokenOf } from '../../support/pool-token.ts';
import { browserOf, buildPerson } from '../../support/session-of.ts';

let paperlift: Paperlift;
let directory: Directory;
let foreign: Directory;
let count = 0;

before(async () => {
  paperlift = await startPaperlift();
  directory = await connectDirectory(paperlift);
  foreign = await connectDirectory(paperlift, 'abroad');
});
after(() => paperlift.stop());

const statusOf = async ({ agent }: Awaited<ReturnType<typeof browserOf>>) =>
  (await agent.get('/api/v1/projects')).status;

/** Someone whose browser is open. */
async function open(name: string, more: Partial<Person> = {}) {
  count += 1;
  const person = buildPerson(`${name} ${count}`, more);
  return { person, browser: await browserOf(paperlift, person) };
}

const recordOf = ({ id }: Person) => paperlift.services.people.find(id);
const trailOf = async (id: string) =>
  (await paperlift.services.audit.list(directory.admin, `person:${id}`, { limit: 20 })).items;

describe('someone who is taken out of the directory', () => {
  for (const [how, take] of [
    ['DELETE', (id: string) => directory.call('delete', `/Users/${id}`)],
    [
      'active: false',
      (id: string) => directory.patch(`/Users/${id}`, [{ op: 'replace', value: { active: false } }]),
    ],
    [
      'active: "False"',
      (id: string) => directory.patch(`/Users/${id}`, [{ op: 'Replace', path: 'active', value: 'False' }]),
    ],
    [
      'PUT',
      (id: string) => directory.call('put', `/Users/${id}`).send({ userName: `put-${id}`, active: false }),
    ],
  ] as const) {
    test(`is out within the next request after ${how}, though their browser is open`, async () => {
      const { person, browser } = await open('Leah Leaver');
      const id = await directory.addUser(person.email);
      assert.equal(await statusOf(browser), 200);
      const answer = await take(id);
      assert.ok(answer.status < 300, answer.text);
      assert.equal(await statusOf(browser), 401);
      const page = await browser.agent.get('/').redirects(0);
      assert.match(page.headers.location ?? '', /^\/auth\/login/);
      const [entry] = await trailOf(person.id);
      assert.deepEqual(
        [entry?.actorName, entry?.action, entry?.actorEmail],
        ['Directory', 'person.disabled', undefined],
      );
    });
  }

  test('has no session and no token of the pool any more, and signs in no more until they are back', async () => {
    const signedIn = await paperlift.signIn('alice@example.com');
    const token = await accessTokenOf(paperlift, 'alice@example.com');
    const byToken = () =>
      request(paperlift.url).get('/api/v1/projects').set('Authorization', `Bearer ${token}`);
    assert.equal((await byToken()).status, 200);
    const id = await directory.addUser('Alice@Example.com');
    await directory.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: false }]);
    assert.equal((await byToken()).status, 401);
    assert.equal((await signedIn.agent.get('/api/v1/projects')).status, 401);
    assert.equal((await paperlift.signIn('alice@example.com')).answer.status, 403);
    assert.match(paperlift.logs.text(), /inactive-in-directory/);

    await directory.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: true }]);
    assert.equal((await byToken()).status, 401, 'a token from before');
    const again = await paperlift.signIn('alice@example.com');
    assert.equal((await again.agent.get('/api/v1/projects')).status, 200);
    const actions = (await trailOf(localPersonId(paperlift, 'alice@example.com'))).map(
      ({ action }) => action,
    );
    assert.ok(actions.includes('person.enabled'));
  });

  test('who was never here cannot sign in while they are inactive', async () => {
    const { clients, config } = paperlift.services;
    const Key = { pk: `PERSON#${localPersonId(paperlift, 'bob@example.com')}`, sk: 'PERSON' };
    await clients.documents.delete({ TableName: config.aws.dynamodb.table, Key });
    const id = await directory.addUser('bob@example.com', { active: false });
    const refused = await paperlift.signIn('bob@example.com');
    assert.equal(refused.answer.status, 403);
    await directory.patch(`/Users/${id}`, [{ op: 'Replace', path: 'active', value: 'True' }]);
    assert.equal((await paperlift.signIn('bob@example.com')).answer.status, 303);
    await directory.call('delete', `/Users/${id}`);
    assert.equal((await paperlift.signIn('bob@example.com')).answer.status, 403, 'after DELETE');
    await directory.addUser('bob@example.com');
    assert.equal((await paperlift.signIn('bob@example.com')).answer.status, 303, 'assigned again');
  });

  test('is found by a user name that is an address, and by each of their addresses', async () => {
    for (const user of [
      (email: string) => ({ userName: email, emails: [] }),
      (email: string) => ({
        userName: `x${count}`,
        emails: [{ value: 'other@example.com' }, { value: email }],
      }),
    ]) {
      const { person, browser } = await open('Otto Other');
      const made = await directory
        .call('post', '/Users')
        .send({ ...user(person.email.toUpperCase()), active: false });
      assert.equal(made.status, 201, made.text);
      assert.equal(await statusOf(browser), 401);
    }
  });

  test('is found when the directory corrects their address, and nobody whose address only begins so', async () => {
    const { person, browser } = await open('Amy Address');
    const longer = await browserOf(paperlift, {
      ...person,
      id: `${person.id}-au`,
      email: `${person.email} au`,
    });
    const id = await directory.addUser(`typo-${person.email}`, { active: false });
    assert.equal(await statusOf(browser), 200);
    const emails = [{ value: person.email, type: 'work' }];
    await directory.patch(`/Users/${id}`, [{ op: 'replace', path: 'emails', value: emails }]);
    assert.equal(await statusOf(browser), 401);
    assert.equal(await statusOf(longer), 200);
  });

  test('is nobody of another organisation, even where a link says so', async () => {
    const { person, browser } = await open('Lina Linked', { organisationId: 'abroad' });
    const id = await directory.addUser('linked@example.com');
    await paperlift.services.stores.directory.link(id, person.id);
    await directory.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: false }]);
    assert.equal(await statusOf(browser), 200);
  });

  test('is nobody of another organisation, whose address they may share', async () => {
    const { person, browser } = await open('Tess Twin');
    const id = await foreign.addUser(person.email, { active: false });
    assert.ok(id);
    assert.equal(await statusOf(browser), 200);
    const abroad = await browserOf(paperlift, {
      ...person,
      id: `${person.id}-abroad`,
      organisationId: 'abroad',
    });
    await foreign.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: true }]);
    assert.equal(await statusOf(abroad), 200);
    assert.equal((await directory.call('delete', `/Users/${id}`)).status, 404);
    assert.equal(await statusOf(abroad), 200);
  });
});

describe('an administrator and the directory', () => {
  test('each undo what they did themselves: active: true does not restore what an administrator blocked', async () => {
    const { person, browser } = await open('Dora Double');
    const id = await directory.addUser(person.email);
    await paperlift.services.account.disable(directory.admin, person.id);
    await directory.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: false }]);
    await directory.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: true }]);
    const record = await recordOf(person);
    assert.ok(record?.disabledAt);
    assert.equal(record?.directoryBlockedAt, undefined);
    assert.equal(await statusOf(browser), 401);
    await paperlift.services.account.enable(directory.admin, person.id);
    assert.equal(await statusOf(await browserOf(paperlift, person)), 200);
  });

  test('disagree: what is inactive in the directory is not restored here, what left it may be', async () => {
    const { person } = await open('Ines Inactive');
    const id = await directory.addUser(person.email, { active: false });
    const enable = () => paperlift.services.account.enable(directory.admin, person.id);
    await assert.rejects(enable, /directory has blocked/);
    await directory.call('delete', `/Users/${id}`);
    await enable();
    assert.equal(await statusOf(await browserOf(paperlift, person)), 200);
  });

  test('both are shown on the page of people', async () => {
    const { person } = await open('Bea Blocked');
    await directory.addUser(person.email, { active: false });
    const { agent } = await browserOf(paperlift, directory.admin);
    const page = await agent.get(`/admin/people?mail=${person.email}`);
    assert.match(page.text, /blocked by directory/);
  });
});

describe('groups of the directory', () => {
  const add = (groupId: string, userId: string) =>
    directory.patch(`/Groups/${groupId}`, [{ op: 'Add', path: 'members', value: [{ value: userId }] }]);
  const remove = (groupId: string, userId: string) =>
    directory.patch(`/Groups/${groupId}`, [{ op: 'remove', path: `members[value eq "${userId}"]` }]);
  const groupsOf = async (person: Person) => {
    const record = await recordOf(person);
    return [...(record?.groups ?? []), ...(record?.teams ?? []).map(({ name }) => `team:${name}`)];
  };

  test('change the groups and teams of an open session at once, and nobody else’s', async () => {
    const [{ person, browser }, other] = [await open('Gina Group'), await open('Olga Other')];
    const [userId, users, admins, finance] = [
      await directory.addUser(person.email),
      await directory.addGroup('Paperlift Users'),
      await directory.addGroup('Paperlift Admins'),
      await directory.addGroup('Finance'),
    ] as [string, string, string, string];
    const listAll = async () => (await browser.agent.get('/api/v1/projects?scope=all')).status;
    assert.equal(await listAll(), 403);
    await add(admins, userId);
    assert.equal(await listAll(), 200);
    await add(finance, userId);
    assert.deepEqual(await groupsOf(person), ['paperlift-admins', 'paperlift-users', 'team:Finance']);
    await remove(admins, userId);
    assert.equal(await listAll(), 403);
    await remove(finance, userId);
    assert.deepEqual(await groupsOf(person), ['paperlift-users']);
    assert.deepEqual(await groupsOf(other.person), ['paperlift-users']);
    const entry = (await trailOf(person.id)).find(({ action }) => action === 'person.regrouped');
    assert.equal(entry?.detail, 'paperlift-users, team Finance → paperlift-users');

    await add(users, userId);
    await remove(users, userId);
    assert.deepEqual(await groupsOf(person), []);
    assert.equal(await statusOf(browser), 401, 'the last group ends the session');
  });

  test('that the table of groups does not name change nothing', async () => {
    const { person, browser } = await open('Nora None');
    const userId = await directory.addUser(person.email);
    const group = await directory.addGroup('Choir', [userId]);
    await remove(group, userId);
    assert.deepEqual(await groupsOf(person), ['paperlift-users']);
    assert.equal(await statusOf(browser), 200);
  });

  test('win over the sign-in’s for each role that they gave or took; the sign-in decides about the others', async () => {
    const erin = 'erin@example.com';
    const id = localPersonId(paperlift, erin);
    const groups = async () => (await paperlift.services.people.find(id))?.groups;
    await paperlift.signIn(erin);
    assert.deepEqual(await groups(), ['paperlift-auditors']);
    const userId = await directory.addUser(erin);
    const [auditors, users] = [
      await directory.addGroup('Paperlift Auditors', [], { externalId: 'a' }),
      await directory.addGroup('Paperlift Users', [], { externalId: 'u' }),
    ] as [string, string];
    await paperlift.signIn(erin);
    assert.deepEqual(await groups(), ['paperlift-auditors'], 'a group without members takes nothing away');
    await add(users, userId);
    await paperlift.signIn(erin);
    assert.deepEqual(await groups(), ['paperlift-auditors', 'paperlift-users']);
    await add(auditors, userId);
    await remove(auditors, userId);
    await paperlift.signIn(erin);
    assert.deepEqual(await groups(), ['paperlift-users'], 'the sign-in says auditor, the directory no more');
    await directory.call('delete', `/Groups/${users}`);
    assert.deepEqual(await groups(), [], 'a deleted group');
    assert.equal((await paperlift.signIn(erin)).answer.status, 403);
    await directory.call('delete', `/Groups/${auditors}`);
    await paperlift.signIn(erin);
    const again = await directory.addGroup('Paperlift Auditors', [userId]);
    await directory.call('delete', `/Groups/${again}`);
    assert.deepEqual(
      await groups(),
      [],
      'what a deleted group gave is gone, though the last sign-in said so too',
    );
    await paperlift.signIn(erin);
    assert.deepEqual(
      await groups(),
      ['paperlift-auditors'],
      'without a group of the directory, the sign-in decides again',
    );
  });

  test('let someone in whose sign-in brings none, and do not when they are in none', async () => {
    const dave = 'dave@example.com';
    assert.equal((await paperlift.signIn(dave)).answer.status, 403);
    const userId = await directory.addUser(dave);
    assert.equal((await paperlift.signIn(dave)).answer.status, 403);
    const group = await directory.addGroup('Paperlift Users', [userId]);
    assert.equal((await paperlift.signIn(dave)).answer.status, 303);
    await remove(group, userId);
    assert.equal((await paperlift.signIn(dave)).answer.status, 403);
  });

  test('are recognised by their external id, follow a new name, and end with the group', async () => {
    const { person } = await open('Rita Renamed');
    const userId = await directory.addUser(person.email);
    const group = await directory.addGroup('Choir', [userId], { externalId: 'Paperlift Auditors' });
    assert.deepEqual(await groupsOf(person), ['paperlift-auditors', 'paperlift-users']);
    await directory.patch(`/Groups/${group}`, [
      { op: 'replace', value: { displayName: 'Paperlift Admins', externalId: 'x' } },
    ]);
    assert.deepEqual(await groupsOf(person), ['paperlift-admins', 'paperlift-users']);
    await directory.call('delete', `/Groups/${group}`);
    assert.deepEqual(await groupsOf(person), ['paperlift-users']);
  });

  test('of ten changes at once leave what the last state says', async () => {
    const { person } = await open('Wanda Wild');
    const userId = await directory.addUser(person.email);
    const group = await directory.addGroup('Paperlift Admins');
    for (let round = 0; round < 3; round++) {
      await Promise.all(
        Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? add(group, userId) : remove(group, userId))),
      );
      const members = (await directory.call('get', `/Groups/${group}`)).body.members;
      const isIn = members.length > 0;
      await (isIn ? remove(group, userId) : add(group, userId));
      assert.equal((await groupsOf(person)).includes('paperlift-admins'), !isIn);
    }
  });

  test('that an older state of the directory says do not overwrite a newer one', async () => {
    const { person } = await open('Stella Stale');
    const { people } = paperlift.services;
    const state = {
      teams: [],
      isBlocked: false,
      endsSessions: false,
      signedInWith: { groups: [], teams: [] },
      userId: 'U',
    };
    assert.equal(
      await people.followDirectory(person.id, { ...state, groups: [], version: 5 }, new Date()),
      true,
    );
    const older = { ...state, groups: ['paperlift-admins'], version: 4 };
    assert.equal(await people.followDirectory(person.id, older, new Date()), false);
    assert.deepEqual(await groupsOf(person), []);
    assert.equal(
      await people.followDirectory('p-unknown', { ...state, groups: [], version: 9 }, new Date()),
      false,
    );
  });
});
