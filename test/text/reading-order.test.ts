import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DetectedLine, Polygon } from '../../src/text/detected-text.ts';
import { inReadingOrder } from '../../src/text/reading-order.ts';

/** A line from `left` to `right` of the page, in the row `row`. */
function lineAt(text: string, left: number, right: number, row: number): DetectedLine {
  const [top, bottom] = [0.1 + row * 0.02, 0.115 + row * 0.02];
  const polygon: Polygon = [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ];
  const words = text.split(' ').map((word) => ({ text: word, confidence: 90, polygon }));
  return { id: text, text, confidence: 90, polygon, words };
}

/** Rows of a column; every fourth line is short, as at the end of a paragraph. */
function column(name: string, left: number, right: number, rows: number[]) {
  return rows.map((row) =>
    lineAt(`${name} row ${row} of text`, left, row % 4 === 3 ? left + 0.05 : right, row),
  );
}

const byRows = (lines: DetectedLine[]) => lines.toSorted((a, b) => a.polygon[0].y - b.polygon[0].y);
const textsOf = (lines: DetectedLine[]) => lines.map(({ text }) => text);
const rows = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

test('two and three columns that come row by row are read column by column', () => {
  const left = column('left', 0.1, 0.48, rows(0, 20));
  const right = column('right', 0.52, 0.9, rows(0, 18));
  const two = [...left, ...right];
  assert.deepEqual(textsOf(inReadingOrder(byRows(two))), textsOf(two));
  assert.deepEqual(textsOf(inReadingOrder(two)), textsOf(two), 'what is in order stays');

  const three = [
    ...column('first', 0.05, 0.33, rows(0, 12)),
    ...column('second', 0.36, 0.64, rows(0, 12)),
    ...column('third', 0.67, 0.95, rows(0, 9)),
  ];
  assert.deepEqual(textsOf(inReadingOrder(byRows(three))), textsOf(three));
});

test('a headline across the columns separates what is above from what is below', () => {
  const expected = [
    lineAt('A headline across both columns', 0.1, 0.9, 0),
    ...column('left', 0.1, 0.48, rows(1, 8)),
    ...column('right', 0.52, 0.9, rows(1, 8)),
    lineAt('A second headline across both', 0.15, 0.85, 10),
    ...column('left', 0.1, 0.48, rows(11, 8)),
    ...column('right', 0.52, 0.9, rows(11, 8)),
  ];
  assert.deepEqual(textsOf(inReadingOrder(byRows(expected))), textsOf(expected));
});

test('receipts, tables, forms and plain text stay row by row', () => {
  const receipt = rows(0, 20).flatMap((row) => [
    lineAt(`Item number ${row} of many`, 0.1, 0.5, row),
    lineAt(`${row}.50`, 0.8, 0.9, row),
  ]);
  const table = rows(0, 20).flatMap((row) =>
    [0.1, 0.3, 0.5, 0.7].map((x) => lineAt(`cell ${row}`, x, x + 0.15, row)),
  );
  const addresses = rows(0, 4).flatMap((row) => [
    lineAt(`From us line ${row} there`, 0.1, 0.45, row),
    lineAt(`To you line ${row} here`, 0.55, 0.9, row),
  ]);
  const plain = column('plain', 0.1, 0.9, rows(0, 30));
  for (const lines of [receipt, table, addresses, plain, []]) {
    assert.deepEqual(textsOf(inReadingOrder(lines)), textsOf(lines));
  }
});

test('a page of two thousand lines is put in order in a moment', () => {
  const many = rows(0, 1000).flatMap((row) => [
    lineAt(`left row ${row} of text`, 0.1, 0.48 + (row % 7) / 1000, row),
    lineAt(`right row ${row} of text`, 0.52 + (row % 300) / 1000, 0.9, row),
  ]);
  const startedAt = performance.now();
  assert.equal(inReadingOrder(many).length, many.length);
  assert.ok(performance.now() - startedAt < 5000);
});
