import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isPaperliftError } from '../../src/errors.ts';
import type { Detection, Polygon } from '../../src/text/detected-text.ts';
import { changedLines } from '../../src/text/line-states.ts';
import type { Review } from '../../src/text/page-text.ts';
import { changeReview, type ReviewChanges } from '../../src/text/review.ts';

const corner = { x: 0, y: 0 };
const polygon: Polygon = [corner, corner, corner, corner];
const detection: Detection = {
  lines: ['Tota1 l2.50 EUR', 'Thanks'].map((text, index) => ({
    id: `l${index + 1}`,
    text,
    confidence: 90,
    polygon,
    words: text.split(' ').map((word) => ({ text: word, confidence: word === 'EUR' ? 99 : 40, polygon })),
  })),
};
const none: Review = { corrections: {}, accepted: {}, added: {}, steps: [] };
const change = (before: Review, changes: ReviewChanges, personId = 'alice') =>
  changeReview(before, detection, changes, personId);
const write = (text: string | null, seen?: string) => ({
  lines: { l1: { text, ...(seen === undefined ? {} : { seen }) } },
});
const stateOf = ({ corrections, accepted }: Review) => ({ corrections, accepted });

function refusalOf(act: () => unknown) {
  try {
    act();
  } catch (error) {
    if (isPaperliftError(error))
      return { code: error.code, conflicts: (error as { conflicts?: unknown }).conflicts };
    throw error;
  }
  return undefined;
}

describe('what people do to the lines of a page', () => {
  test('a line is corrected, and goes back to what was detected', () => {
    const corrected = change(none, write('Total 12.50 EUR'));
    assert.deepEqual(corrected.corrections, { l1: 'Total 12.50 EUR' });
    assert.deepEqual(change(corrected, write(null)).corrections, {});
    assert.deepEqual(
      change(corrected, write('Tota1 l2.50 EUR')).corrections,
      {},
      'written as it was detected',
    );
    assert.deepEqual(changedLines(none, corrected), ['l1']);
  });

  test('a doubtful word is accepted, and doubted again', () => {
    const accepted = change(none, { words: { 'l1.2': true, 'l2.1': true } });
    assert.deepEqual(accepted.accepted, { l1: [1], l2: [0] });
    assert.deepEqual(change(accepted, { words: { 'l1.2': false } }).accepted, { l2: [0] });
  });

  test('who has read a line as a whole has accepted what is left of it', () => {
    const read = change(none, { lines: { l1: { text: 'Total l2.50 EUR', accepted: true } } });
    assert.deepEqual(stateOf(read), { corrections: { l1: 'Total l2.50 EUR' }, accepted: { l1: [1] } });
    assert.deepEqual(change(none, { lines: { l1: { accepted: true } } }).accepted, { l1: [0, 1] });
  });

  test('going back to the detection also takes back what was accepted', () => {
    const read = change(none, { lines: { l1: { text: 'Total l2.50 EUR', accepted: true } } });
    assert.deepEqual(stateOf(change(read, write(null))), stateOf(none));
  });

  test('unknown lines and words are refused', () => {
    assert.equal(refusalOf(() => change(none, { lines: { l9: { text: 'x' } } }))?.code, 'line-unknown');
    for (const id of ['l9.1', 'l1.4', 'l1.0', 'l1.x', 'l1', '', 'l1.1e0', 'toString.1']) {
      assert.equal(refusalOf(() => change(none, { words: { [id]: true } }))?.code, 'word-unknown', id);
    }
  });
});

describe('two people at once', () => {
  const theirs = change(none, write('Total 12.50 EUR', 'Tota1 l2.50 EUR'), 'bob');

  test('whoever changes a line that reads otherwise by now is shown both, and nothing is written', () => {
    const refusal = refusalOf(() =>
      change(theirs, {
        lines: { ...write('Total 12,50 EUR', 'Tota1 l2.50 EUR').lines, l2: { text: 'Thx' } },
      }),
    );
    assert.deepEqual(refusal, {
      code: 'line-changed',
      conflicts: [{ id: 'l1', text: 'Total 12.50 EUR', wanted: 'Total 12,50 EUR' }],
    });
  });

  test('having seen theirs, one may write over it', () => {
    const mine = change(theirs, write('Total 12,50 EUR', 'Total 12.50 EUR'));
    assert.deepEqual(mine.corrections, { l1: 'Total 12,50 EUR' });
  });

  test('who wanted the same is not told', () => {
    assert.deepEqual(change(theirs, write('Total 12.50 EUR', 'Tota1 l2.50 EUR')), theirs);
  });

  test('who does not say what was seen writes over it, as programs always could', () => {
    assert.deepEqual(change(theirs, write('x')).corrections, { l1: 'x' });
  });

  test('other lines, and other words of the line, are nobody’s conflict', () => {
    assert.deepEqual(change(theirs, { lines: { l2: { text: 'Thank', seen: 'Thanks' } } }).corrections, {
      l1: 'Total 12.50 EUR',
      l2: 'Thank',
    });
    const one = change(none, { words: { 'l1.1': true } }, 'bob');
    assert.deepEqual(change(one, { words: { 'l1.2': true } }).accepted, { l1: [0, 1] });
  });

  test('a word that somebody else has rewritten cannot be accepted', () => {
    assert.equal(refusalOf(() => change(theirs, { words: { 'l1.1': true } }))?.code, 'line-changed');
  });
});

describe('undo', () => {
  test('takes back one’s own steps, the last one first, and nobody else’s', () => {
    const first = change(none, { words: { 'l1.1': true } });
    const second = change(first, write('Tota1 12.50 EUR'));
    const theirs = change(second, { lines: { l2: { text: 'Thx' } } }, 'bob');
    const third = change(theirs, { words: { 'l1.1': false } });
    const undone = change(third, { undo: true });
    assert.deepEqual(stateOf(undone), stateOf(theirs));
    const twice = change(undone, { undo: true });
    assert.deepEqual(stateOf(twice), { corrections: { l2: 'Thx' }, accepted: { l1: [0] } });
    const thrice = change(twice, { undo: true });
    assert.deepEqual(stateOf(thrice), { corrections: { l2: 'Thx' }, accepted: {} });
    assert.equal(refusalOf(() => change(thrice, { undo: true }))?.code, 'nothing-to-undo');
  });

  test('is refused where somebody else has changed the line since', () => {
    const theirs = change(change(none, write('a')), write('b'), 'bob');
    assert.equal(refusalOf(() => change(theirs, { undo: true }))?.code, 'undo-overtaken');
  });

  test('nothing done is nothing to undo', () => {
    assert.deepEqual(change(none, write('Tota1 l2.50 EUR')).steps, []);
  });
});

describe('what a page holds', () => {
  const big: Detection = {
    lines: Array.from({ length: 60 }, (_, index) => ({
      ...(detection.lines[1] as Detection['lines'][number]),
      id: `l${index + 1}`,
    })),
  };
  const fill = (before: Review, index: number) =>
    changeReview(before, big, { lines: { [`l${index}`]: { text: 'ü'.repeat(1000) } } }, 'alice');

  test('corrections beyond what an item of the database can take are refused, in words', () => {
    let review = none;
    let count = 0;
    const refusal = refusalOf(() => {
      for (count = 1; count <= 60; count += 1) review = fill(review, count);
    });
    assert.equal(refusal?.code, 'review-too-large');
    assert.ok(count > 35 && count < 45, `refused at ${count} times 2 KB`);
    assert.ok(Buffer.byteLength(JSON.stringify(review)) < 100_000, 'with all that can be undone');
    assert.equal(changeReview(review, big, { undo: true }, 'alice').corrections[`l${count - 1}`], undefined);
  });

  test('more than 10 000 written words are refused: each is a box, in every answer', () => {
    const write = (before: Review, index: number) =>
      changeReview(before, big, { lines: { [`l${index}`]: { text: 'a '.repeat(999) } } }, 'alice');
    let review = none;
    for (let index = 1; index <= 10; index += 1) review = write(review, index);
    assert.equal(refusalOf(() => write(review, 11))?.code, 'review-too-large');
    assert.ok(changeReview(review, big, { lines: { l1: { text: null } } }, 'alice'));
  });
});
