import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DetectedLine, Point, Polygon } from '../../src/text/detected-text.ts';
import { joinRows } from '../../src/text/joined-lines.ts';
import { inReadingOrder, readingRows } from '../../src/text/reading-order.ts';

/** A line from `left` to `right` of the page, in the row `row`. */
function lineAt(text: string, left: number, right: number, row: number, height = 0.015): DetectedLine {
  const bottom = 0.115 + row * 0.02;
  const polygon: Polygon = [
    { x: left, y: bottom - height },
    { x: right, y: bottom - height },
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

const textsOf = (lines: DetectedLine[]) => lines.map(({ text }) => text);
const rows = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index);

/** A generator that returns the same numbers for the same seed. */
function createRandom(seed: number) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function shuffle<T>(things: T[], seed: number): T[] {
  const random = createRandom(seed);
  return things
    .map((thing) => ({ thing, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ thing }) => thing);
}

const turns: Record<string, (point: Point) => Point> = {
  upright: (at) => at,
  'on its right side': ({ x, y }) => ({ x: 1 - y, y: x }),
  'on its head': ({ x, y }) => ({ x: 1 - x, y: 1 - y }),
  'on its left side': ({ x, y }) => ({ x: y, y: 1 - x }),
  'a little tilted': ({ x, y }) => ({ x: x - 0.03 * y, y: y + 0.03 * x }),
};
const turned = (lines: DetectedLine[], turn: (point: Point) => Point) =>
  lines.map((line) => ({ ...line, polygon: line.polygon.map(turn) as Polygon }));

const two = [...column('left', 0.1, 0.48, rows(0, 20)), ...column('right', 0.52, 0.9, rows(0, 18))];
const receipt = rows(0, 20).flatMap((row) => [
  lineAt(`Item number ${row} of many`, 0.1, 0.5, row),
  lineAt(`${row}.50`, 0.8, 0.9, row),
]);
const table = rows(0, 20).flatMap((row) =>
  [0.1, 0.3, 0.5, 0.7].map((x) => lineAt(`cell ${row} ${x}`, x, x + 0.15, row)),
);
const plain = column('plain', 0.1, 0.9, rows(0, 30));

/** Layouts in the order in which a person reads them. */
const layouts: Record<string, DetectedLine[]> = {
  'two columns': two,
  'three columns': [
    ...column('first', 0.05, 0.33, rows(0, 12)),
    ...column('second', 0.36, 0.64, rows(0, 12)),
    ...column('third', 0.67, 0.95, rows(0, 9)),
  ],
  'headlines across two columns': [
    lineAt('A headline across both columns', 0.1, 0.9, 0),
    ...column('left', 0.1, 0.48, rows(1, 8)),
    ...column('right', 0.52, 0.9, rows(1, 8)),
    lineAt('A second headline across both', 0.15, 0.85, 10),
    ...column('lower left', 0.1, 0.48, rows(11, 8)),
    ...column('lower right', 0.52, 0.9, rows(11, 8)),
  ],
  'an article above two columns': [
    ...column('above', 0.1, 0.9, rows(0, 15)),
    ...column('left', 0.1, 0.48, rows(16, 8)),
    ...column('right', 0.52, 0.9, rows(16, 8)),
  ],
  'a sidebar beside running text': [
    ...column('running', 0.1, 0.65, rows(0, 25)),
    ...rows(3, 6).map((row) => lineAt(`aside ${row}`, 0.7, 0.86, row * 1.37 + 0.45, 0.012)),
  ],
  'a receipt': receipt,
  'a table': table,
  'a form whose labels stand to the left': rows(0, 8).flatMap((row) => [
    lineAt(`Label ${row}:`, 0.1, 0.2, row),
    lineAt(`Value of field ${row}`, 0.25, 0.6, row),
  ]),
  'a form whose labels stand above': rows(0, 4).flatMap((row) =>
    [0.1, 0.4, 0.7].flatMap((x) => [
      lineAt(`label ${row} ${x}`, x, x + 0.1, row * 3, 0.01),
      lineAt(`Value ${row} ${x}`, x, x + 0.16, row * 3 + 0.9),
    ]),
  ),
  'addresses side by side': rows(0, 4).flatMap((row) => [
    lineAt(`From us line ${row} there`, 0.1, 0.45, row),
    lineAt(`To you line ${row} here`, 0.55, 0.9, row),
  ]),
  'plain text': plain,
  'a table below two columns': [
    ...two,
    ...rows(22, 6).flatMap((row) =>
      [0.1, 0.3, 0.55, 0.75].map((x) => lineAt(`cell ${row} ${x}`, x, x + 0.1, row)),
    ),
  ],
};

describe('lines are read as a person reads them', () => {
  for (const [what, lines] of Object.entries(layouts)) {
    test(`${what}, in whatever order the lines come`, () => {
      for (const seed of [1, 2, 3])
        assert.deepEqual(textsOf(inReadingOrder(shuffle(lines, seed))), textsOf(lines));
    });
  }

  for (const [how, turn] of Object.entries(turns)) {
    test(`on a page that lies ${how}`, () => {
      for (const lines of [two, receipt, table])
        assert.deepEqual(textsOf(inReadingOrder(shuffle(turned(lines, turn), 4))), textsOf(lines));
    });
  }

  test('from the right in scripts that are written from the right, and so are the cells of a row', () => {
    const mirrored = (lines: DetectedLine[]) =>
      lines.map(({ polygon: [a, b, c, d], ...line }) => ({
        ...line,
        words: line.words.map((word) => ({ ...word, text: 'שלום' })),
        polygon: [b, a, d, c].map(({ x, y }) => ({ x: 1 - x, y })) as Polygon,
      }));
    for (const lines of [two, receipt])
      assert.deepEqual(textsOf(inReadingOrder(shuffle(mirrored(lines), 5))), textsOf(lines));
  });

  test('every line comes once, wherever lines lie, and always in the same order', () => {
    const random = createRandom(7);
    for (let round = 0; round < 40; round += 1) {
      const lines = rows(0, 60).map((at) => {
        const left = random() * 0.8;
        const text = `line ${at} ${'word '.repeat(random() * 5)}`.trim();
        return lineAt(
          text,
          left,
          left + 0.02 + random() * (0.95 - left),
          random() * 40,
          0.005 + random() * 0.02,
        );
      });
      const ordered = textsOf(inReadingOrder(lines));
      assert.deepEqual(ordered.toSorted(), textsOf(lines).toSorted());
      assert.deepEqual(textsOf(inReadingOrder(shuffle(lines, round))), ordered);
    }
  });
});

test('what stands on one height is one row, and columns of text are not', () => {
  assert.deepEqual(readingRows(receipt).map(textsOf)[2], ['Item number 2 of many', '2.50']);
  assert.ok(readingRows(two).every((row) => row.length === 1));
  assert.deepEqual(readingRows([]), []);
});

test('a receipt’s name and amount become one line, with all words and around both', () => {
  const [first, second] = joinRows(shuffle(receipt.slice(0, 4), 1));
  assert.deepEqual([first?.text, second?.text], ['Item number 0 of many 0.50', 'Item number 1 of many 1.50']);
  assert.equal(first?.words.length, 6);
  assert.deepEqual(
    [first?.polygon[0].x, first?.polygon[1].x].map((x) => Math.round((x ?? 0) * 100)),
    [10, 90],
  );
  assert.deepEqual(joinRows(two), two, 'lines of columns stay as they are');
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
