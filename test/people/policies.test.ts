import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actions, type Permission, type ProjectAction, permissions } from '../../src/people/permissions.ts';
import type { Person } from '../../src/people/person.ts';
import { createPolicies } from '../../src/people/policies.ts';

const policies = createPolicies({
  groups: { admins: 'g-admins', users: 'g-users', auditors: 'g-auditors', records: 'g-records' },
  customRoles: [
    {
      organisationId: 'acme',
      name: 'Scan clerk',
      group: 'g-clerks',
      permissions: ['projects.take-part', 'projects.create'],
    },
  ],
});

const build = (...groups: string[]): Person => ({
  id: 'p-me',
  name: 'Me',
  email: 'me@example.com',
  groups,
  organisationId: 'acme',
  teams: [{ id: 't-mine', name: 'Mine' }],
});
const owned = (ownerId: string, organisationId = 'acme') => ({ organisationId, ownerId });
const theirs = owned('p-somebody');
const all = Object.keys(permissions) as Permission[];
const everyAction = Object.keys(actions) as ProjectAction[];
const allowed = (person: Person) => all.filter((permission) => policies.may(person, permission));
const inProject = (person: Person, project: Parameters<typeof policies.mayInProject>[2]) =>
  everyAction.filter((action) => policies.mayInProject(person, action, project));

test('users create projects and take part in those they own or share; nothing else', () => {
  const user = build('g-users');
  assert.deepEqual(allowed(user), ['projects.create', 'projects.take-part']);
  assert.deepEqual(inProject(user, owned('p-me')), everyAction);
  assert.deepEqual(inProject(user, owned('t-mine')), everyAction, 'a team’s project is its people’s own');
  assert.deepEqual(inProject(user, theirs), []);
});

test('auditors view everything and change nothing, not even what they own or share', () => {
  const auditor = build('g-auditors');
  assert.deepEqual(allowed(auditor), ['projects.list-all', 'projects.view-all', 'trails.read']);
  for (const project of [
    owned('p-me'),
    theirs,
    { ...theirs, members: [{ id: 'p-me', role: 'editor' as const }] },
  ])
    assert.deepEqual(inProject(auditor, project), ['view']);
});

test('records managers view everything, read trails, and change what is shared with them', () => {
  const manager = build('g-records');
  assert.deepEqual(inProject(manager, theirs), ['view']);
  assert.deepEqual(inProject(manager, { ...theirs, members: [{ id: 'p-me', role: 'reviewer' }] }), [
    'view',
    'review',
  ]);
  assert.ok(policies.may(manager, 'trails.read') && !policies.may(manager, 'projects.create'));
});

test('administrators may do everything in their organisation', () => {
  assert.deepEqual(allowed(build('g-admins')), all);
  assert.deepEqual(inProject(build('g-admins'), theirs), everyAction);
});

test('viewers view, reviewers also correct, editors also change pages, and only owners manage', () => {
  const user = build('g-users');
  const sharedAs = (role: 'viewer' | 'reviewer' | 'editor', id = 'p-me') =>
    inProject(user, { ...theirs, members: [{ id, role }] });
  assert.deepEqual(sharedAs('viewer'), ['view']);
  assert.deepEqual(sharedAs('reviewer'), ['view', 'review']);
  assert.deepEqual(sharedAs('editor'), ['view', 'review', 'edit']);
  assert.deepEqual(sharedAs('editor', 't-mine'), ['view', 'review', 'edit'], 'by a team');
  assert.deepEqual(sharedAs('editor', 't-former'), []);
});

test('who has a project in several ways has the strongest', () => {
  const members = [
    { id: 'p-me', role: 'viewer' as const },
    { id: 't-mine', role: 'editor' as const },
  ];
  assert.equal(policies.relationTo(build('g-users'), { ...theirs, members }), 'editor');
  assert.equal(policies.relationTo(build('g-users'), { ...owned('p-me'), members }), 'owner');
});

test('nothing reaches across organisations: not as an administrator, an owner, a member or a team', () => {
  for (const person of [build('g-admins'), build('g-auditors'), build('g-users'), build('g-records')]) {
    for (const ownerId of ['p-me', 't-mine', 'p-somebody']) {
      const project = { ...owned(ownerId, 'other'), members: [{ id: 'p-me', role: 'editor' as const }] };
      assert.deepEqual(inProject(person, project), [], `${person.groups} ${ownerId}`);
      assert.equal(policies.takesPart(person, project), false);
    }
  }
});

test('a role that an organisation made gives its permissions there, and nothing elsewhere', () => {
  const clerk = build('g-clerks');
  assert.deepEqual(allowed(clerk), ['projects.create', 'projects.take-part']);
  assert.deepEqual(policies.rolesOf(clerk), ['Scan clerk']);
  const elsewhere = { ...clerk, organisationId: 'other' };
  assert.deepEqual([allowed(elsewhere), policies.maySignIn(elsewhere)], [[], false]);
});

test('who is in several groups may what any of them may', () => {
  const both = build('g-users', 'g-auditors');
  assert.deepEqual(allowed(both), [
    'projects.create',
    'projects.take-part',
    'projects.list-all',
    'projects.view-all',
    'trails.read',
  ]);
  assert.deepEqual(policies.rolesOf(both), ['User', 'Auditor']);
});

test('a service account may what its scopes say, whatever groups it claims', () => {
  const machine: Person = { ...build('g-admins'), id: 's-1', scopes: ['projects.take-part'] };
  assert.deepEqual(allowed(machine), ['projects.take-part']);
  assert.deepEqual(inProject(machine, theirs), []);
  assert.deepEqual(inProject(machine, { ...theirs, members: [{ id: 's-1', role: 'editor' }] }), [
    'view',
    'review',
    'edit',
  ]);
});

test('no group, a group of the company’s own, or the name of a role gives nothing', () => {
  for (const person of [build(), build('staff'), build('admins'), build('G-ADMINS'), build('__proto__')]) {
    assert.deepEqual(allowed(person), [], person.groups.join());
    assert.deepEqual(inProject(person, owned('p-me')), [], person.groups.join());
    assert.equal(policies.maySignIn(person), false);
  }
});
