import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ProjectListInput, presentProjectList } from '../../src/projects/project-list.presenter.ts';
import { buildOverview } from '../support/projects.ts';

const now = new Date('2026-11-21T10:00:00.000Z');

function buildList(overrides: Partial<ProjectListInput> = {}) {
  return presentProjectList({
    projects: [buildOverview()],
    scope: 'own',
    mayCreate: true,
    mayListAll: false,
    now,
    languages: { defaults: [], isReadByTextract: false },
    ...overrides,
  });
}

describe('the list of projects', () => {
  for (const [counts, texts] of [
    [{ pageCount: 0 }, ['no pages yet']],
    [{}, ['ready']],
    [{ doubtfulCount: 1 }, ['1 word to check']],
    [{ pageCount: 312, underWayCount: 272 }, ['processing 41 of 312']],
    [{ failedCount: 1, doubtfulCount: 9 }, ['1 page failed']],
    [{ failedCount: 2, underWayCount: 22 }, ['2 pages failed', 'processing 3 of 24']],
  ] as const) {
    test(`a project is called ${texts.join(' and ')}`, () => {
      const [row] = buildList({ projects: [buildOverview(counts)] }).rows;
      assert.deepEqual(
        row?.pills.map((pill) => pill.text),
        texts,
      );
    });
  }

  test('a failure is never shown as something that only wants a look', () => {
    const [row] = buildList({ projects: [buildOverview({ failedCount: 1, doubtfulCount: 5 })] }).rows;
    assert.deepEqual(
      row?.pills.map((pill) => pill.tone),
      ['failed'],
    );
  });

  test('a person who may not list everyone’s projects gets their own without owners, whatever is asked', () => {
    const list = buildList({ scope: 'all' });
    assert.deepEqual(
      list.scopes.map(({ label }) => label),
      ['Mine', 'Shared'],
    );
    assert.equal(list.rows[0]?.owner, undefined);
    assert.equal(list.heading, 'Projects');
  });

  test('an admin sees the owners’ names, and the next page stays within everyone’s projects', () => {
    const list = buildList({ scope: 'all', mayListAll: true, cursor: 'a+b/c=' });
    assert.equal(list.rows[0]?.owner, 'Alice');
    assert.equal(list.nextUrl, '/?scope=all&cursor=a%2Bb%2Fc%3D');
    assert.equal(list.scopes.find((scope) => scope.current)?.url, '/?scope=all');
  });

  test('the last page of the list leads no further', () => assert.equal(buildList().nextUrl, undefined));
});
