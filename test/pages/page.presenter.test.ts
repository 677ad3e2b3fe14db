import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { presentPagesFragment } from '../../src/pages/page.presenter.ts';
import type { Page } from '../../src/pages/page.ts';
import { buildPage } from '../support/pages.ts';
import { buildProject } from '../support/projects.ts';

const project = buildProject();

describe('the pages of a project', () => {
  test('each status is a word, and asks for a look only where one is wanted', () => {
    const pages = [
      buildPage({ status: 'uploaded' }),
      buildPage({ status: 'preparing' }),
      buildPage({ status: 'detecting' }),
      buildPage(),
      buildPage({ doubtfulCount: 3 }),
      buildPage({ wordCount: 0 }),
      buildPage({ status: 'failed' }),
      buildPage({ reviewedAt: '2026-11-21T09:00:00.000Z' }),
    ];
    const { cards } = presentPagesFragment({ project, pages, mayChange: true });
    assert.deepEqual(
      cards.map((card) => card.pill.text),
      ['waiting', 'preparing…', 'reading…', 'ready', '3 to check', 'no text', 'failed', 'reviewed'],
    );
    assert.deepEqual(
      cards.map((card) => card.pill.tone),
      ['quiet', 'quiet', 'quiet', 'good', 'doubt', 'quiet', 'failed', 'good'],
    );
  });

  test('a failed page is named by its number, with its reason and where to try again', () => {
    const failure = { code: 'blurred', message: 'Too blurred. Take it again.' };
    const pages = [buildPage({ id: 'A' }), buildPage({ id: 'B', status: 'failed', failure })];
    const [failed, ...others] = presentPagesFragment({ project, pages, mayChange: true }).failed;
    assert.equal(others.length, 0);
    assert.equal(failed?.number, 2);
    assert.equal(failed?.message, 'Too blurred. Take it again.');
    assert.equal(failed?.retryUrl, '/projects/P1/pages/B/retry');
  });

  test('only failed pages that may succeed are offered to be tried again, and counted', () => {
    const codes = ['file-encrypted', 'tried-too-often', 'page-unreadable', 'drawing-failed', undefined];
    const pages = codes.map((code, index) =>
      buildPage({
        id: String(index),
        status: 'failed',
        ...(code ? { failure: { code, message: 'No.' } } : {}),
      }),
    );
    const { failed, failedText, retryText, retryableIds } = presentPagesFragment({
      project,
      pages,
      mayChange: true,
    });
    assert.deepEqual(
      failed.map(({ mayRetry }) => mayRetry),
      [false, true, false, true, true],
    );
    assert.deepEqual([failedText, retryText, retryableIds], ['5 pages', 'Retry 3 pages', ['1', '3', '4']]);
  });

  test('the page is followed until every page is ready or failed, and no longer', () => {
    const inFlight = (statuses: Page['status'][]) =>
      presentPagesFragment({
        project,
        pages: statuses.map((status) => buildPage({ status })),
        mayChange: true,
      });
    assert.equal(inFlight(['ready', 'detecting', 'uploaded', 'failed']).inFlight, 2);
    assert.equal(inFlight(['ready', 'failed']).inFlight, 0);
    assert.equal(
      inFlight(['ready', 'failed', 'detecting']).announcement,
      '1 page ready, 1 processing, 1 failed.',
    );
  });

  test('a thumbnail’s address changes with the image, and is missing until there is one', () => {
    const [made, waiting] = presentPagesFragment({
      project,
      pages: [buildPage(), buildPage({ thumbnailKey: undefined })],
      mayChange: true,
    }).cards;
    assert.equal(made?.thumbnailUrl, '/projects/P1/pages/A/thumbnail?r=3&rotation=0');
    assert.equal(waiting?.thumbnailUrl, undefined);
  });
});
