// What is new in a project, without a database.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presentEvent } from '../../src/events/event.ts';
import { findEvents, type SeenProject, type Told } from '../../src/events/project-events.ts';

const nothing: Told = {
  organisationId: 'default',
  projectId: 'P',
  name: '',
  number: 0,
  isReady: false,
  pages: {},
  exports: {},
};
const page = (id: string, status: string, more: object = {}) => ({
  id,
  status,
  revision: 1,
  fileName: `${id}.jpg`,
  ...more,
});
const seen = (more: Partial<SeenProject> = {}): SeenProject => ({
  name: 'May',
  pages: [],
  exports: [],
  isGrowing: false,
  ...more,
});
const at = '2026-11-30T12:00:00.000Z';
const walk = (...states: (SeenProject | undefined)[]) => {
  let told = nothing;
  const types: string[][] = [];
  for (const state of states) {
    const news = findEvents(told, state, at);
    types.push(
      news.events.map(({ type, number, pageId = '' }) => `${number} ${type}${pageId && ` ${pageId}`}`),
    );
    told = news.told;
  }
  return types;
};

test('a project tells that it is created, each page, and once that all are ready', () => {
  assert.deepEqual(
    walk(
      seen(),
      seen({ pages: [page('a', 'detecting'), page('b', 'uploaded')] }),
      seen({ pages: [page('a', 'ready'), page('b', 'detecting')] }),
      seen({ pages: [page('a', 'ready'), page('b', 'failed', { failure: { code: 'blurred' } })] }),
      seen({ pages: [page('a', 'ready'), page('b', 'failed')] }),
    ),
    [['1 project.created'], [], ['2 page.ready a'], ['3 page.failed b', '4 project.ready'], []],
  );
});

test('it is not ready while a file is being split, and ready again after pages were added', () => {
  assert.deepEqual(
    walk(
      seen({ pages: [page('a', 'ready')], isGrowing: true }),
      seen({ pages: [page('a', 'ready')] }),
      seen({ pages: [page('a', 'ready'), page('b', 'uploaded')] }),
      seen({ pages: [page('a', 'ready'), page('b', 'ready')] }),
    ),
    [['1 project.created', '2 page.ready a'], ['3 project.ready'], [], ['4 page.ready b', '5 project.ready']],
  );
});

test('a replaced page, a review, a deletion, a new name and the end are told', () => {
  assert.deepEqual(
    walk(
      seen({ pages: [page('a', 'ready')] }),
      seen({ pages: [page('a', 'ready', { revision: 2, reviewedAt: at })] }),
      seen({ name: 'June', pages: [] }),
      undefined,
    ),
    [
      ['1 project.created', '2 page.ready a', '3 project.ready'],
      ['4 page.ready a', '5 page.reviewed a', '6 project.ready'],
      ['7 project.renamed', '8 page.deleted a'],
      ['9 project.deleted'],
    ],
  );
});

test('exports are told when they are ready or have failed, once', () => {
  const made = (status: string) =>
    seen({
      exports: [
        {
          id: 'E',
          status,
          format: 'txt',
          ...(status === 'failed' ? { failure: { code: 'too-large' } } : {}),
        },
      ],
    });
  const first = findEvents(nothing, made('queued'), at);
  const { events } = findEvents(first.told, made('failed'), at);
  assert.deepEqual(presentEvent(events[0] as never), {
    type: 'export.failed',
    timestamp: at,
    data: {
      number: 2,
      project: { id: 'P', name: 'May' },
      export: { id: 'E', format: 'txt' },
      failure: { code: 'too-large' },
    },
  });
});
