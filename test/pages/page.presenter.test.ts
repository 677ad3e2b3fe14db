import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DetectedLine, Polygon } from '../../src/pages/detected-text.ts';
import { presentPagesFragment, presentReview, type ReviewInput } from '../../src/pages/page.presenter.ts';
import type { Page } from '../../src/pages/page.ts';

const project = {
  id: 'P1',
  name: 'May',
  ownerId: 'p-1',
  ownerName: 'Alice',
  createdAt: '2026-11-01T00:00:00.000Z',
};
const box: Polygon = [
  { x: 0.1, y: 0.2 },
  { x: 0.5, y: 0.2 },
  { x: 0.5, y: 0.25 },
  { x: 0.1, y: 0.25 },
];

function buildPage(overrides: Partial<Page> = {}): Page {
  return {
    id: 'A',
    projectId: 'P1',
    position: 1,
    status: 'ready',
    revision: 3,
    fileName: 'receipt.jpg',
    originalKey: 'o',
    contentType: 'image/jpeg',
    sizeBytes: 1,
    sha256: 's',
    rotation: 0,
    width: 1000,
    height: 2000,
    imageKey: 'i',
    thumbnailKey: 't',
    wordCount: 2,
    doubtfulCount: 0,
    createdAt: '2026-11-21T09:00:00.000Z',
    updatedAt: '2026-11-21T09:00:00.000Z',
    ...overrides,
  };
}

function buildLine(text: string, words: [string, number][], id = 'l1'): DetectedLine {
  return {
    id,
    text,
    confidence: 90,
    polygon: box,
    words: words.map(([word, confidence]) => ({ text: word, confidence, polygon: box })),
  };
}

function review(overrides: Partial<ReviewInput> = {}) {
  return presentReview({
    project,
    page: buildPage(),
    pages: [{ id: 'Z' }, { id: 'A' }, { id: 'B' }],
    detection: {
      lines: [
        buildLine('Total 7.00', [
          ['Total', 99],
          ['7.00', 41],
        ]),
      ],
    },
    mayChange: true,
    ...overrides,
  });
}

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
    ];
    const { cards } = presentPagesFragment({ project, pages, mayChange: true });
    assert.deepEqual(
      cards.map((card) => card.pill.text),
      ['waiting', 'preparing…', 'reading…', 'ready', '3 to check', 'no text', 'failed'],
    );
    assert.deepEqual(
      cards.map((card) => card.pill.tone),
      ['quiet', 'quiet', 'quiet', 'good', 'doubt', 'quiet', 'failed'],
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

  test('the page is followed until every page is ready or failed, and no longer', () => {
    const underWay = (statuses: Page['status'][]) =>
      presentPagesFragment({
        project,
        pages: statuses.map((status) => buildPage({ status })),
        mayChange: true,
      });
    assert.equal(underWay(['ready', 'detecting', 'uploaded', 'failed']).underWay, 2);
    assert.equal(underWay(['ready', 'failed']).underWay, 0);
    assert.equal(
      underWay(['ready', 'failed', 'detecting']).announcement,
      '1 page ready, 1 being read, 1 failed.',
    );
  });

  test('a thumbnail’s address changes with the image, and is missing until there is one', () => {
    const [made, waiting] = presentPagesFragment({
      project,
      pages: [buildPage(), buildPage({ thumbnailKey: undefined })],
      mayChange: true,
    }).cards;
    assert.equal(made?.thumbnailUrl, '/projects/P1/pages/A/thumbnail?r=3');
    assert.equal(waiting?.thumbnailUrl, undefined);
  });
});

describe('the review of a page', () => {
  test('words lie over the image in its own pixels', () => {
    assert.equal(review().boxes[0]?.points, '100.0,400.0 500.0,400.0 500.0,500.0 100.0,500.0');
  });

  test('a word in a line and its box on the image carry the same mark', () => {
    const model = review();
    const words = model.lines[0]?.parts.filter((part) => part.word).map((part) => part.word);
    assert.deepEqual(words, ['1-1', '1-2']);
    assert.deepEqual(
      model.boxes.map((each) => each.word),
      words,
    );
  });

  test('doubtful words are marked in the text and on the image, and counted', () => {
    const model = review();
    assert.deepEqual(
      model.lines[0]?.parts.filter((part) => part.doubtful),
      [{ text: '7.00', doubtful: true, hint: 'Read with 41 % confidence', word: '1-2' }],
    );
    assert.deepEqual(
      model.boxes.map((each) => each.doubtful),
      [false, true],
    );
    assert.equal(model.toCheck, '1 word to check');
  });

  test('the parts of a line are the line, whatever its words are', () => {
    const lines = [
      buildLine('a a  b', [
        ['a', 99],
        ['a', 10],
        ['b', 99],
      ]),
      buildLine('東京都', [
        ['東', 99],
        ['京都', 20],
      ]),
      buildLine('no words at all', []),
      buildLine('other text', [
        ['never there', 10],
        ['', 10],
        ['text', 99],
      ]),
    ];
    const model = review({ detection: { lines } });
    assert.deepEqual(
      model.lines.map((line) => line.parts.map((part) => part.text).join('')),
      lines.map((line) => line.text),
    );
  });

  test('a corrected line shows the correction, and nothing in it is in doubt any more', () => {
    const model = review({ page: buildPage({ corrections: { l1: 'Total 1.00' } }) });
    assert.equal(model.lines[0]?.parts.map((part) => part.text).join(''), 'Total 1.00');
    assert.equal(model.toCheck, undefined);
    assert.ok(model.boxes.every((each) => !each.doubtful));
  });

  test('the first page has no previous, the last no next', () => {
    assert.equal(review().previousUrl, '/projects/P1/pages/Z');
    assert.equal(review().nextUrl, '/projects/P1/pages/B');
    const alone = review({ pages: [{ id: 'A' }] });
    assert.deepEqual(
      [alone.previousUrl, alone.nextUrl, alone.number, alone.count],
      [undefined, undefined, 1, 1],
    );
  });

  test('a page without text, one that failed and one that is being read are told apart', () => {
    assert.equal(review({ detection: { lines: [] } }).state, 'empty');
    assert.equal(review({ page: buildPage({ status: 'failed' }) }).state, 'failed');
    assert.equal(
      review({ page: buildPage({ status: 'detecting' }), detection: undefined }).state,
      'under way',
    );
    assert.equal(review().state, 'ready');
    assert.equal(review().announcement, 'The text of this page is here: 1 line.');
  });

  test('a page that failed without a reason still says what to do', () => {
    assert.match(review({ page: buildPage({ status: 'failed' }) }).failure ?? '', /Try again/);
  });

  test('before it is prepared, a page has no image to show', () => {
    const page = buildPage({ status: 'preparing', imageKey: undefined, width: undefined, height: undefined });
    assert.equal(review({ page, detection: undefined }).image, undefined);
    assert.deepEqual(review().image, { url: '/projects/P1/pages/A/image?r=3', width: 1000, height: 2000 });
  });
});
