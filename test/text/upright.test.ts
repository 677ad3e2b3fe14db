// The lines of a page in the order in which the upright page reads, however its text lies on the image.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseBlocks } from '../../src/detection/textract-blocks.ts';
import { type Detection, textOf } from '../../src/text/detected-text.ts';
import { rotatedSize } from '../../src/text/rotated-polygons.ts';
import { readUpright } from '../../src/text/upright.ts';
import { turnedBlocks } from '../support/turned-pages.ts';

const size = { width: 1000, height: 1400 };

/** Lines at places of the upright page, in pixels from its left and top. */
function detectionOf(lines: [text: string, left: number, top: number][]): Detection {
  return {
    lines: lines.map(([text, left, top], index) => {
      const words = text.split(' ').map((word, place) => {
        const before = text.split(' ').slice(0, place).join(' ').length + (place > 0 ? 1 : 0);
        return { text: word, confidence: 98, polygon: boxOf(left + before * 12, top, word.length * 12) };
      });
      return {
        id: `l${index + 1}`,
        text,
        confidence: 98,
        polygon: boxOf(left, top, text.length * 12),
        words,
      };
    }),
  };
}

function boxOf(left: number, top: number, width: number): Detection['lines'][number]['polygon'] {
  const at = (x: number, y: number) => ({ x: x / size.width, y: y / size.height });
  return [at(left, top), at(left + width, top), at(left + width, top + 24), at(left, top + 24)];
}

const receipt = detectionOf([
  ['Corner Coffee Company', 300, 60],
  ['Two large coffees', 80, 140],
  ['7.80', 800, 143],
  ['One almond croissant', 80, 190],
  ['3.20', 800, 187],
  ['Total amount due', 80, 300],
  ['11.00', 800, 300],
]);

const read = (detection: Detection, degrees: number) =>
  parseBlocks(turnedBlocks(detection, size, degrees) as never);

describe('a page whose text was read', () => {
  for (const degrees of [0, 90, 180, 270, 8, -12, 40, 98, 171])
    test(`after a turn by ${degrees} degrees reads as the upright one does`, () => {
      const answer = read(receipt, degrees);
      const { detection, direction } = readUpright(answer, rotatedSize(size, degrees));
      assert.equal(direction?.turned, (((Math.round(degrees / 90) * 90) % 360) + 360) % 360);
      assert.equal(textOf(detection), textOf(read(receipt, 0)));
      if (direction?.turned)
        assert.deepEqual(
          detection.lines.map(({ id }) => id),
          detection.lines.map((_, index) => `l${index + 1}`),
        );
      assert.deepEqual(
        detection.lines.map(({ polygon, words }) => [polygon, words]),
        answer.lines.map(({ polygon, words }) => [polygon, words]),
        'polygons stay where they were detected',
      );
    });

  test('and that has two columns reads column by column', () => {
    const column = (left: number, name: string) =>
      Array.from(
        { length: 8 },
        (_, row) =>
          [`${name} column row ${row} with words`, left, 100 + row * 60] as [string, number, number],
      );
    const columns = detectionOf([...column(60, 'First'), ...column(560, 'Second')]);
    const { detection } = readUpright(
      parseBlocks(turnedBlocks(columns, size, 90) as never),
      rotatedSize(size, 90),
    );
    assert.equal(textOf(detection), textOf(columns));
  });

  test('and that has one word stays as it was detected', () => {
    const label = detectionOf([['Fragile', 300, 60]]);
    const answer = parseBlocks(turnedBlocks(label, size, 90) as never);
    assert.deepEqual(readUpright(answer, rotatedSize(size, 90)), { detection: answer, direction: undefined });
  });
});
