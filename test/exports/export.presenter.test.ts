import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presentExports } from '../../src/exports/export.presenter.ts';
import type { Export } from '../../src/exports/export.ts';

const now = new Date('2026-11-21T10:00:00.000Z');

function buildExport(overrides: Partial<Export> = {}): Export {
  return {
    id: 'E1',
    projectId: 'P1',
    format: 'searchable-pdf',
    status: 'ready',
    fingerprint: 'now',
    sizeBytes: 4_300_000,
    pageCount: 24,
    requestedBy: 'p-1',
    createdAt: '2026-11-21T09:00:00.000Z',
    updatedAt: '2026-11-21T09:00:00.000Z',
    ...overrides,
  };
}

function present(exports: Export[]) {
  return presentExports({ project: { id: 'P1' }, exports, fingerprint: 'now', mayExport: true, now });
}

test('a file can be downloaded once it is ready, and not before', () => {
  const { items, inFlight } = present([
    buildExport({ id: 'E3', createdAt: '2026-11-21T09:03:00.000Z' }),
    buildExport({ id: 'E2', createdAt: '2026-11-21T09:02:00.000Z', status: 'rendering' }),
    buildExport({ id: 'E1', status: 'queued' }),
  ]);
  assert.deepEqual(
    items.map((item) => item.downloadUrl),
    ['/projects/P1/exports/E3/file', undefined, undefined],
  );
  assert.equal(inFlight, 2);
  assert.deepEqual(items[0]?.details, ['24 pages', '4.1 MB']);
});

test('a file made before the pages changed says so', () => {
  const stale = (overrides: Partial<Export>) => present([buildExport(overrides)]).items[0]?.isStale;
  assert.equal(stale({}), false);
  assert.equal(stale({ fingerprint: 'then' }), true);
  assert.equal(stale({ fingerprint: 'then', status: 'rendering' }), false);
});

test('a failed export says why, or at least what to do', () => {
  const failure = { code: 'too-long', message: 'It took too long. Take fewer pages.' };
  const [told, untold] = present([
    buildExport({ status: 'failed', failure }),
    buildExport({ status: 'failed', createdAt: '2026-11-21T08:00:00.000Z' }),
  ]).items;
  assert.equal(told?.failure, 'It took too long. Take fewer pages.');
  assert.match(untold?.failure ?? '', /Try again/);
});

test('the newest exports come first, and many of them do not push the pages out of sight', () => {
  const exports = ['1', '2', '3', '4', '5'].map((id) =>
    buildExport({ id, createdAt: `2026-11-21T09:0${id}:00.000Z` }),
  );
  const { items, all } = present(exports);
  assert.deepEqual(
    all.map((item) => item.id),
    ['5', '4', '3', '2', '1'],
  );
  assert.equal(items.length, 3);
});
