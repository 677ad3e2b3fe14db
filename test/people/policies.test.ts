import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Person } from '../../src/people/person.ts';
import { createPolicies, permissions } from '../../src/people/policies.ts';

const policies = createPolicies({ admins: 'g-admins', users: 'g-users', auditors: 'g-auditors' });
const build = (...groups: string[]): Person => ({ id: 'me', name: 'Me', email: 'me@example.com', groups });
const mine = { ownerId: 'me' };
const theirs = { ownerId: 'somebody-else' };

/** What each person may, all of it: a permission added anywhere shows here. */
const answers = (person: Person) => ({
  signIn: policies.maySignIn(person),
  create: policies.mayCreateProject(person),
  listAll: policies.mayListAllProjects(person),
  readMine: policies.mayReadProject(person, mine),
  readTheirs: policies.mayReadProject(person, theirs),
  changeMine: policies.mayChangeProject(person, mine),
  changeTheirs: policies.mayChangeProject(person, theirs),
  trails: policies.mayReadTrails(person),
  signIns: policies.maySeeSignIns(person),
  settings: policies.maySeeSettings(person),
  signOutOthers: policies.maySignOutOthers(person),
});
const allowed = (person: Person) =>
  Object.entries(answers(person))
    .filter(([, may]) => may)
    .map(([name]) => name);

test('users make projects, and own and see their own', () => {
  assert.deepEqual(allowed(build('g-users')), ['signIn', 'create', 'readMine', 'changeMine']);
});

test('auditors read everything and change nothing, not even what they own', () => {
  assert.deepEqual(allowed(build('g-auditors')), ['signIn', 'listAll', 'readMine', 'readTheirs', 'trails']);
});

test('administrators may everything', () => {
  const admin = build('g-admins');
  assert.deepEqual(allowed(admin), Object.keys(answers(admin)));
});

test('who is in several groups may what any of them may', () => {
  const both = build('g-users', 'g-auditors');
  assert.deepEqual(allowed(both), [
    'signIn',
    'create',
    'listAll',
    'readMine',
    'readTheirs',
    'changeMine',
    'trails',
  ]);
  assert.deepEqual(policies.rolesOf(both), ['Auditor', 'User']);
});

test('no group, a group of the company’s own, or the name of a role gives nothing', () => {
  for (const person of [build(), build('staff'), build('admins'), build('G-ADMINS'), build('__proto__')]) {
    assert.deepEqual(allowed(person), [], person.groups.join());
  }
});

test('nobody but administrators changes what is another’s or sees who was refused', () => {
  for (const role of ['users', 'auditors'] as const) {
    const given: readonly string[] = permissions[role];
    for (const reserved of ['projects.change-all', 'sign-ins.read', 'settings.read', 'people.sign-out']) {
      assert.ok(!given.includes(reserved), `${role}: ${reserved}`);
    }
  }
});
