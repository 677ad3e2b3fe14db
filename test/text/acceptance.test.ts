import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isPaperliftError } from '../../src/errors.ts';
import { readPlaces, writePlaces } from '../../src/text/acceptance.ts';
import type { Detection, Polygon } from '../../src/text/detected-text.ts';
import type { Review } from '../../src/text/page-text.ts';
import { changeReview, type ReviewChanges } from '../../src/text/review.ts';

const corner = { x: 0, y: 0 };
const polygon: Polygon = [corner, corner, corner, corner];
const wordOf = (text: string) => ({ text, confidence: text === 'EUR' ? 99 : 40, polygon });
const detectionOf = (lines: string[]): Detection => ({
  lines: lines.map((text, index) => ({
    id: `l${index + 1}`,
    text,
    confidence: 90,
    polygon,
    words: text.split(' ').map(wordOf),
  })),
});
const detection = detectionOf(['Tota1 l2.50 EUR', 'Thanks — a lot', 'EUR']);
const none: Review = { corrections: {}, accepted: {}, added: {}, steps: [] };
const change = (before: Review, changes: ReviewChanges, personId = 'alice', page = detection) =>
  changeReview(before, page, changes, personId);

describe('accepting many words at once', () => {
  test('all unsure words of a page are one step, and undone by one', () => {
    const accepted = change(none, { accept: 'all' });
    assert.deepEqual(accepted.accepted, { l1: [0, 1], l2: [0, 2, 3] }, 'neither sure words nor noise');
    assert.equal(accepted.steps.length, 1);
    assert.deepEqual(change(accepted, { undo: true }), none);
    assert.deepEqual(change(accepted, { accept: 'all' }), accepted, 'nothing is left');
  });

  test('only the words that the person saw are accepted', () => {
    assert.deepEqual(change(none, { accept: { l2: [3, 0], l9: [1], l3: [0] } }).accepted, { l2: [0, 3] });
    assert.deepEqual(change(none, { accept: {} }), none);
  });

  test('words that someone corrected meanwhile stay corrected, and the others are accepted', () => {
    const theirs = change(none, { lines: { l1: { text: 'Total l2.50 EUR' } } }, 'bob');
    const mine = change(theirs, { accept: { l1: [0, 1], l2: [0] } });
    assert.deepEqual(mine.corrections, { l1: 'Total l2.50 EUR' });
    assert.deepEqual(mine.accepted, { l1: [1], l2: [0] });
  });

  test('undoing makes unsure again what was not touched since, and nothing that was accepted before', () => {
    const before = change(none, { words: { 'l2.1': true } });
    const accepted = change(before, { accept: 'all' });
    const theirs = change(accepted, { lines: { l1: { text: null } } }, 'bob');
    assert.deepEqual(change(theirs, { undo: true }).accepted, { l2: [0] });
    const others = change(accepted, { lines: { l2: { text: null } } }, 'bob');
    assert.deepEqual(change(others, { undo: true }).accepted, {}, 'whichever line is left');
    const gone = change(theirs, { lines: { l2: { text: null } } }, 'bob');
    assert.throws(
      () => change(gone, { undo: true }),
      (error) => isPaperliftError(error, 'undo-overtaken'),
    );
  });

  test('a page of 4,000 unsure words is accepted in one step, which can be undone', () => {
    const long = detectionOf(Array.from({ length: 400 }, (_, at) => Array(10).fill(`w${at}`).join(' ')));
    const accepted = change(none, { accept: 'all' }, 'alice', long);
    assert.equal(Object.values(accepted.accepted).flat().length, 4000);
    assert.deepEqual(change(accepted, { undo: true }, 'alice', long), none);
  });
});

test('the words of a form are read as they are written', () => {
  const places = { l3: [0, 2], l12: [7] };
  assert.equal(writePlaces(places), 'l3.0.2 l12.7');
  assert.deepEqual(readPlaces(writePlaces(places)), places);
  assert.deepEqual(readPlaces(' '), {});
});
