import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineHeight, type RgbImage } from '../../../../src/local/textract/engine/image.ts';
import { findPrint } from '../../../../src/local/textract/engine/line-ink.ts';

type Box = [left: number, top: number, right: number, bottom: number];
const width = 200;
/** Two words of small letters, the first with an ascender and a descender. */
const print: Box[] = [
  [20, 20, 80, 30],
  [20, 14, 24, 20],
  [76, 30, 80, 34],
  [100, 20, 160, 30],
];

/** A line's image, white, with black boxes. */
function draw(boxes: Box[]): RgbImage {
  const data = new Uint8Array(width * lineHeight * 3).fill(255);
  for (const [left, top, right, bottom] of boxes) {
    for (let y = top; y < bottom; y++) data.fill(0, (y * width + left) * 3, (y * width + right) * 3);
  }
  return { data, width, height: lineHeight };
}

const inkedColumns = ({ ink }: { ink: Uint8Array }) => [...ink.keys()].filter((x) => ink[x] !== 0);

test('print reaches from the top of its ascenders to the bottom of its descenders', () => {
  const { top, bottom } = findPrint(draw(print));
  assert.deepEqual([top, bottom], [14, 34]);
});

for (const [what, others] of Object.entries<Box[]>({
  'a level rule': [[0, 8, 200, 10]],
  'a sloping rule': [
    [0, 8, 100, 10],
    [100, 6, 200, 8],
  ],
  'the neighbouring lines': [
    [0, 0, 200, 10],
    [30, 40, 150, 48],
  ],
})) {
  test(`${what} does not count as print, so that the gap between two words stays`, () => {
    const found = findPrint(draw([...print, ...others]));
    assert.deepEqual([found.top, found.bottom], [14, 34]);
    assert.deepEqual(inkedColumns(found), inkedColumns(findPrint(draw(print))));
    assert.equal(found.ink[90], 0);
  });
}

test('a neighbour that touches the print counts only as far as letters reach', () => {
  const { top } = findPrint(draw([...print, [22, 0, 24, 14]]));
  assert.ok(top >= 11 && top <= 14, `it begins at ${top}`);
});

test('an empty image has no ink', () => {
  assert.deepEqual(inkedColumns(findPrint(draw([]))), []);
});
