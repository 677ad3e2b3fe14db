// What a search costs others and what it shows, with an index that answers at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPolicies } from '../../src/people/policies.ts';
import { createEmbeddedEngine } from '../../src/search/embedded.engine.ts';
import { createSearchService } from '../../src/search/search.service.ts';
import { inDefault } from '../support/people.ts';

const person = { id: 'p1', name: 'Alice', email: 'alice@example.com', groups: [], ...inDefault };

/** Pages of one project, all of the same text. */
function searchOver(count: number, text: string) {
  const pages = Array.from({ length: count }, (_, at) => ({ projectId: 'P', pageId: `page-${100 + at}` }));
  const project = { id: 'P', name: 'Large', ownerId: 'p1', ownerName: 'Alice', createdAt: '' };
  return createSearchService({
    engine: createEmbeddedEngine({ index: { look: async () => ({ found: pages, isCut: false }) } }),
    indexed: {
      readAll: async (keys) =>
        new Map(
          keys.map(({ pageId }) => [
            pageId ?? 'P',
            pageId ? { id: pageId, status: 'ready', text, fileName: 'a.jpg', revision: 1 } : { ...project },
          ]),
        ),
    },
    sharedWith: async () => [],
    numbers: { read: async () => new Map() },
    policies: { mayInProject: () => true, takesPart: () => true } as never,
    audit: { recordRead: async () => {} },
    defaultLanguages: [],
  });
}

test('a search over very long texts compares a million letters, and goes on with its cursor', async () => {
  const service = searchOver(20, `${'lorem ipsum dolor\n'.repeat(16_000)}needle`);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { q: 'needle', scope: 'mine' as const, limit: 50, cursor };
    const result = await service.search(person, query);
    assert.ok(result.items.length <= 4, `${result.items.length} texts of 288 KB in one answer`);
    seen.push(...result.items.map(({ page }) => page?.id ?? ''));
    cursor = result.cursor;
  } while (cursor);
  assert.equal(new Set(seen).size, 20, 'nothing is left out, and nothing is shown twice');
  assert.equal(seen.length, 20);
});

test('a search gives way to other requests while it compares', async () => {
  const service = searchOver(20, 'ä bc cde d ef fgh g\n'.repeat(2500));
  let rounds = 0;
  const counting = setInterval(() => {
    rounds += 1;
  }, 0);
  const startedAt = performance.now();
  await service.search(person, { q: '"a bc cde d ef fgh x"', scope: 'mine', limit: 50 });
  clearInterval(counting);
  const took = performance.now() - startedAt;
  assert.ok(rounds >= Math.floor(took / 100), `${rounds} rounds of the event loop in ${took.toFixed(0)} ms`);
});

test('one person’s searches do not stand before another’s, and so many of them wait at most', async () => {
  const begun: string[] = [];
  const held = Promise.withResolvers<void>();
  const service = createSearchService({
    engine: createEmbeddedEngine({
      index: {
        look: async (_organisationId, ownerId) => {
          begun.push(ownerId ?? '');
          if (ownerId === 'mallory') await held.promise;
          return { found: [], isCut: false };
        },
      },
    }),
    indexed: { readAll: async () => new Map() },
    sharedWith: async () => [],
    numbers: { read: async () => new Map() },
    policies: {} as never,
    audit: { recordRead: async () => {} },
    defaultLanguages: [],
  });
  const search = (id: string) => service.search({ ...person, id }, { q: 'x', scope: 'mine', limit: 9 });
  const many = Array.from({ length: 30 }, () => search('mallory'));
  const outcomes = Promise.allSettled(many);
  await search('alice');
  assert.equal(begun.filter((id) => id === 'mallory').length, 2);
  held.resolve();
  const refused = (await outcomes).filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
  assert.equal(refused.length, 8, 'two are answered, twenty wait');
  assert.equal(refused[0]?.reason.kind, 'too-many');
});

test('pages of a common word that differs by an umlaut alone do not crowd out the word that was typed', async () => {
  const looked: string[] = [];
  const service = createSearchService({
    engine: createEmbeddedEngine({
      index: {
        look: async (_organisationId, _ownerId, key) => {
          looked.push(key);
          return key === 'statues'
            ? { found: [{ projectId: 'P', pageId: 'page-1' }], isCut: false }
            : {
                found: Array.from({ length: 300 }, (_, at) => ({ projectId: 'P', pageId: `page-9${at}` })),
                isCut: true,
              };
        },
      },
    }),
    indexed: {
      readAll: async (keys) =>
        new Map(
          keys.map(({ pageId }) => [
            pageId ?? 'P',
            pageId
              ? {
                  id: pageId,
                  status: 'ready',
                  text: pageId === 'page-1' ? 'Statues' : 'Status',
                  fileName: 'a.jpg',
                }
              : { id: 'P', name: 'Art', ownerId: 'p1', ownerName: 'Alice', createdAt: '' },
          ]),
        ),
    },
    sharedWith: async () => [],
    numbers: { read: async () => new Map() },
    policies: { mayInProject: () => true, takesPart: () => true } as never,
    audit: { recordRead: async () => {} },
    defaultLanguages: [],
  });
  const { items, isCut } = await service.search(person, { q: 'statues', scope: 'mine', limit: 20 });
  assert.deepEqual(looked.toSorted(), ['statues', 'status']);
  assert.deepEqual(
    items.map(({ page }) => page?.id),
    ['page-1'],
  );
  assert.ok(isCut, 'and it says that not everything was searched');
});

test('of what an engine proposes by mistake, only what the policies let a person see is shown', async () => {
  const projects = new Map(
    [
      { id: 'own', ownerId: 'p1', ...inDefault },
      { id: 'shared', ownerId: 'p2', members: [{ id: 'p1', role: 'viewer' }], ...inDefault },
      { id: 'another', ownerId: 'p2', ...inDefault },
      { id: 'abroad', ownerId: 'p1', ...inDefault, organisationId: 'abroad' },
    ].map((project) => [project.id, { name: 'Word', ownerName: '', createdAt: '', ...project }]),
  );
  const candidates = [...projects.keys()].map((projectId) => ({ what: { projectId }, cursor: projectId }));
  const service = createSearchService({
    engine: {
      propose: async () => {
        const left = [...candidates];
        return { isCut: false, next: async (count) => left.splice(0, count), hasMore: () => left.length > 0 };
      },
    },
    indexed: { readAll: async () => projects },
    sharedWith: async () => [],
    numbers: { read: async () => new Map() },
    policies: createPolicies({
      groups: { admins: 'admins', users: 'users', auditors: 'auditors', records: 'records' },
    }),
    audit: { recordRead: async () => {} },
    defaultLanguages: [],
  });
  const shown = async (groups: string[], scope: 'mine' | 'all') => {
    const { items } = await service.search({ ...person, groups }, { q: 'word', scope, limit: 20 });
    return items.map(({ project }) => project.id);
  };
  assert.deepEqual(await shown(['users'], 'mine'), ['own', 'shared']);
  assert.deepEqual(await shown(['admins'], 'mine'), ['own', 'shared']);
  assert.deepEqual(await shown(['admins'], 'all'), ['own', 'shared', 'another']);
});
