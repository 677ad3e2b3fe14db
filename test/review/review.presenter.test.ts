import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { presentReview, type ReviewInput } from '../../src/review/review.presenter.ts';
import { applyCorrections } from '../../src/text/corrections.ts';
import type { DetectedLine, Polygon } from '../../src/text/detected-text.ts';
import { buildPage } from '../support/pages.ts';
import { buildProject } from '../support/projects.ts';

const project = buildProject();
const box: Polygon = [
  { x: 0.1, y: 0.2 },
  { x: 0.5, y: 0.2 },
  { x: 0.5, y: 0.25 },
  { x: 0.1, y: 0.25 },
];

function buildLine(text: string, words: [string, number][], id = 'l1'): DetectedLine {
  return {
    id,
    text,
    confidence: 90,
    polygon: box,
    words: words.map(([word, confidence]) => ({ text: word, confidence, polygon: box })),
  };
}

const total = buildLine('Total 7.00', [
  ['Total', 99],
  ['7.00', 41],
]);

function review({ lines = [total], ...overrides }: Partial<ReviewInput> & { lines?: DetectedLine[] } = {}) {
  const page = overrides.page ?? buildPage();
  return presentReview({
    project,
    page,
    pages: [{ id: 'Z' }, { id: 'A' }, { id: 'B' }],
    lines: applyCorrections({ lines }, page.corrections, page.accepted),
    mayChange: true,
    mayEdit: true,
    personId: 'p-alice',
    now: new Date('2026-11-21T10:00:00.000Z'),
    ...overrides,
  });
}

const boxesOf = (model: ReturnType<typeof review>) => model.lines.flatMap((line) => line.boxes);

describe('the review of a page', () => {
  test('words lie over the image in its own pixels', () => {
    assert.equal(boxesOf(review())[0]?.points, '100.0,400.0 500.0,400.0 500.0,500.0 100.0,500.0');
  });

  test('a word in a line and its box on the image carry the same mark', () => {
    const model = review();
    const words = model.lines[0]?.parts.filter((part) => part.word).map((part) => part.word);
    assert.deepEqual(words, ['1-1', '1-2']);
    assert.deepEqual(
      boxesOf(model).map((each) => each.word),
      words,
    );
  });

  test('doubtful words are marked in the text and on the image, and counted', () => {
    const model = review();
    assert.deepEqual(
      model.lines[0]?.parts.filter((part) => part.doubtful),
      [{ text: '7.00', doubtful: true, hint: 'Detected with 41 % confidence', word: '1-2', id: 'l1.2' }],
    );
    assert.deepEqual(
      boxesOf(model).map((each) => each.doubtful),
      [false, true],
    );
    assert.equal(model.check.text, '1 word to check');
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
    const model = review({ lines });
    assert.deepEqual(
      model.lines.map((line) => line.parts.map((part) => part.text).join('')),
      lines.map((line) => line.text),
    );
  });

  test('a corrected line shows the correction, and nothing in it is in doubt any more', () => {
    const model = review({ page: buildPage({ corrections: { l1: 'Total 1.00' } }) });
    assert.equal(model.lines[0]?.parts.map((part) => part.text).join(''), 'Total 1.00');
    assert.equal(model.check.text, undefined);
    assert.ok(boxesOf(model).every((each) => !each.doubtful));
  });

  test('only words that were found right or written anew are not in doubt any more', () => {
    const line = buildLine('Tota1 7.00', [
      ['Tota1', 50],
      ['7.00', 41],
    ]);
    const model = review({ lines: [line], page: buildPage({ corrections: { l1: 'Total 7.00' } }) });
    assert.deepEqual(
      model.lines[0]?.parts
        .filter((part) => part.word)
        .map(({ text, doubtful, hint }) => [text, doubtful, hint]),
      [
        ['Total', false, 'Detected: “Tota1”'],
        ['7.00', true, 'Detected with 41 % confidence'],
      ],
    );
    assert.equal(model.lines[0]?.was, 'Tota1', 'what was detected stands beside it');
    const accepted = review({ lines: [line], page: buildPage({ accepted: { l1: [0] } }) });
    assert.equal(accepted.check.here, 1);
    assert.equal(accepted.lines[0]?.parts[0]?.hint, 'Detected with 50 % confidence, accepted');
  });

  test('a reviewed page says by whom, and asks for no look any more', () => {
    const model = review({ page: buildPage({ reviewedAt: '2026-11-21T09:58:00.000Z', reviewedBy: 'Bob' }) });
    assert.deepEqual([model.reviewed?.by, model.reviewed?.when.text], ['Bob', '2 minutes ago']);
    assert.deepEqual([model.check.here, boxesOf(model).some((each) => each.doubtful)], [0, false]);
  });

  test('the next page with words to check comes after this one, then from the first again', () => {
    const pages = [
      { id: 'X', doubtfulCount: 2 },
      { id: 'Y' },
      { id: 'A', doubtfulCount: 5 },
      { id: 'Z', doubtfulCount: 0 },
      { id: 'B', doubtfulCount: 1 },
    ];
    const { check } = review({ pages });
    assert.deepEqual(
      [check.here, check.elsewhere, check.nextUrl, check.nextNumber, check.previousUrl],
      [1, 3, '/projects/P1/pages/B?check=first', 5, '/projects/P1/pages/X?check=last'],
    );
    const last = review({ pages: pages.slice(0, 3) }).check;
    assert.deepEqual([last.nextUrl, last.nextNumber], ['/projects/P1/pages/X?check=first', 1]);
    assert.equal(review({ pages: [{ id: 'A', doubtfulCount: 9 }] }).check.nextUrl, undefined);
  });

  test('a page can be rotated to the left and to the right of where it is', () => {
    assert.deepEqual(review().rotateTo, { left: 270, right: 90 });
    assert.deepEqual(review({ page: buildPage({ rotation: 270 }) }).rotateTo, { left: 180, right: 0 });
  });

  test('Undo is offered for one’s own steps only', () => {
    const step = { personId: 'p-bob', lines: {} };
    assert.equal(review({ page: buildPage({ steps: [step] }) }).canUndo, false);
    const own = { personId: 'p-alice', lines: {} };
    assert.equal(review({ page: buildPage({ steps: [own, step] }) }).canUndo, true);
  });

  test('a line in conflict shows both versions, also when its form was open', () => {
    const conflicts = [{ id: 'l1', text: 'Total 7.10', wanted: 'Total 1.00' }];
    const [line] = review({ conflicts, editing: 'l1' }).lines;
    assert.deepEqual(
      [line?.conflict, line?.isEditing],
      [{ theirs: 'Total 7.10', yours: 'Total 1.00' }, false],
    );
  });

  test('readers get no form, whatever they ask for', () => {
    assert.equal(review({ editing: 'l1', mayChange: false }).lines[0]?.isEditing, false);
    assert.equal(review({ editing: 'l1' }).lines[0]?.isEditing, true);
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
    assert.equal(review({ lines: [] }).state, 'empty');
    assert.equal(review({ page: buildPage({ status: 'failed' }) }).state, 'failed');
    assert.equal(review({ page: buildPage({ status: 'detecting' }) }).state, 'under way');
    assert.equal(review().state, 'ready');
    assert.equal(review().announcement, 'Text ready: 1 line.');
  });

  test('a page that failed without a reason still says what to do', () => {
    assert.match(review({ page: buildPage({ status: 'failed' }) }).failure ?? '', /Try again/);
  });

  test('before it is prepared, a page has no image to show', () => {
    const page = buildPage({ status: 'preparing', imageKey: undefined, width: undefined, height: undefined });
    assert.equal(review({ page }).image, undefined);
    assert.deepEqual(review().image, {
      url: '/projects/P1/pages/A/image?r=3&rotation=0',
      width: 1000,
      height: 2000,
    });
  });
});
