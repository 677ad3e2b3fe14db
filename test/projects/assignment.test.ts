// Whom a project and its pages can be assigned to, and what counts of an assignment.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assignmentOf, isAssignable, listAssignees } from '../../src/projects/assignment.ts';
import type { Assignment } from '../../src/projects/project.ts';
import { toProject } from '../../src/projects/project-item.ts';
import { buildMember, buildProject } from '../support/projects.ts';

const since = '2026-11-01T00:00:00.000Z';
const to = (id: string): Assignment => ({
  id,
  kind: 'person',
  name: id,
  by: { id: 'p-1', name: 'Alice' },
  since,
});
const member = (id: string, role: 'viewer' | 'reviewer' | 'editor') => buildMember({ id, name: id }, role);

describe('an assignment', () => {
  const members = [
    member('p-viewer', 'viewer'),
    member('p-reviewer', 'reviewer'),
    member('t-team', 'editor'),
    member('s-program', 'editor'),
  ];
  const project = buildProject({ members });

  test('goes to the owner, to reviewers and editors, and to no program', () => {
    assert.deepEqual(
      listAssignees(project).map(({ id, kind }) => [id, kind]),
      [
        ['p-1', 'person'],
        ['p-reviewer', 'person'],
        ['t-team', 'team'],
      ],
    );
    for (const { id } of listAssignees(project)) assert.ok(isAssignable(project, id), id);
    for (const id of ['p-viewer', 's-program', 'p-stranger']) assert.ok(!isAssignable(project, id), id);
    assert.ok(!isAssignable(buildProject({ ownerId: 's-program' }), 's-program'));
    assert.deepEqual(listAssignees(buildProject({ ownerId: 's-program' })), []);
    assert.equal(listAssignees(buildProject({ ownerId: 't-team' }))[0]?.kind, 'team');
  });

  test('of a page goes before that of the project, and counts for nothing once they may not review', () => {
    const assigned = { ...project, assignment: to('p-1') };
    assert.equal(assignmentOf(assigned, { assignment: to('t-team') })?.id, 't-team');
    assert.equal(assignmentOf(assigned, { assignment: to('p-viewer') })?.id, 'p-1');
    assert.equal(assignmentOf(assigned)?.id, 'p-1');
    assert.equal(assignmentOf({ ...project, assignment: to('p-viewer') }), undefined);
  });

  test('that is left on the project’s item of someone who may not review it is not read', () => {
    const read = (assignment: Assignment) =>
      toProject({
        ...project,
        members: Object.fromEntries(members.map((each) => [each.id, each])),
        assignment,
      }).assignment?.id;
    assert.equal(read(to('p-reviewer')), 'p-reviewer');
    assert.equal(read(to('p-viewer')), undefined);
  });
});
