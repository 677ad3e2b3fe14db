import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DetectedWord, Point, Polygon } from '../../src/text/detected-text.ts';
import { alignWords } from '../../src/text/word-alignment.ts';
import { unionOf } from '../../src/text/word-boxes.ts';
import { leastProcessorMs } from '../support/processor-time.ts';

/** Words of ten letters' width each place, one letter's width apart, on a line that may be turned about its start. */
function buildWords(texts: string[], { degrees = 0, letter = 0.01, gap = 1 } = {}): DetectedWord[] {
  let left = 0;
  return texts.map((text) => {
    const right = left + text.length * letter;
    const polygon = [
      { x: left, y: 0 },
      { x: right, y: 0 },
      { x: right, y: 0.02 },
      { x: left, y: 0.02 },
    ].map((point) => turned(point, degrees)) as Polygon;
    left = right + letter * gap;
    return { text, confidence: 50, polygon };
  });
}

function turned({ x, y }: Point, degrees: number): Point {
  const angle = (degrees * Math.PI) / 180;
  return {
    x: 0.5 + x * Math.cos(angle) - y * Math.sin(angle),
    y: 0.5 + x * Math.sin(angle) + y * Math.cos(angle),
  };
}

const align = (detected: DetectedWord[], text: string) =>
  alignWords(detected, text.split(' ').filter(Boolean), unionOf(detected));
const pairsOf = (detected: DetectedWord[], text: string) =>
  align(detected, text).map((word) => `${word.text}<${word.from.map((at) => detected[at]?.text).join('+')}`);

const centreOf = (polygon: Polygon): Point => ({
  x: polygon.reduce((sum, { x }) => sum + x / 4, 0),
  y: polygon.reduce((sum, { y }) => sum + y / 4, 0),
});
const isNear = (one: Point, other: Point) => Math.hypot(one.x - other.x, one.y - other.y) < 1e-9;

const words = buildWords(['Jalan', 'lp', 'oh', 'Batu', '5.']);

describe('which detected words the written ones stand for', () => {
  for (const [what, text, pairs] of [
    ['as many words, one to one', 'Jalan Ip ch Batu 5,', 'Jalan<Jalan Ip<lp ch<oh Batu<Batu 5,<5.'],
    [
      'as many words, also where others are more alike',
      'Ipoh Batu 5. a b',
      'Ipoh<Jalan Batu<lp 5.<oh a<Batu b<5.',
    ],
    ['words that were torn apart', 'Jalan Ipoh Batu 5.', 'Jalan<Jalan Ipoh<lp+oh Batu<Batu 5.<5.'],
    ['a word too many', 'Jalan lp oh 5.', 'Jalan<Jalan lp<lp oh<oh 5.<5.'],
    ['all but one gone', 'Batu', 'Batu<Batu'],
    ['words run together', 'Ja lan lp oh Batu 5.', 'Ja<Jalan lan<Jalan lp<lp oh<oh Batu<Batu 5.<5.'],
    ['torn apart and changed', 'Jalan Ipch Batu 5,', 'Jalan<Jalan Ipch<lp+oh Batu<Batu 5,<5.'],
  ] as const) {
    test(what, () => assert.equal(pairsOf(words, text).join(' '), pairs));
  }

  test('nothing written, nothing placed', () => assert.deepEqual(align(words, ''), []));

  test('a long line that has nothing in common with the old one is placed in no time', async () => {
    const long = buildWords(Array.from({ length: 120 }, (_, at) => `word${at}`));
    const text = Array.from({ length: 200 }, (_, at) => `other${at}`).join(' ');
    const ms = await leastProcessorMs(3, () => assert.equal(align(long, text).length, 200));
    assert.ok(ms < 200, `${ms} ms`);
  });
});

describe('where the written words lie', () => {
  for (const degrees of [0, 7, 90, 180, -33]) {
    test(`on a line turned by ${degrees} degrees`, () => {
      const turnedWords = buildWords(['Jalan', 'lp', 'oh', 'Batu', '5.'], { degrees });
      const [first, merged, batu] = align(turnedWords, 'Jalan Ipoh Batu 5.').map(({ polygon }) => polygon);
      assert.deepEqual(first, turnedWords[0]?.polygon, 'what stays, stays where it is');
      assert.deepEqual(batu, turnedWords[3]?.polygon);
      // from the start of "lp" (letter 6) to the end of "oh" (letter 11)
      for (const [corner, x, y] of [
        [0, 0.06, 0],
        [1, 0.11, 0],
        [2, 0.11, 0.02],
        [3, 0.06, 0.02],
      ] as const) {
        assert.ok(isNear((merged as Polygon)[corner], turned({ x, y }, degrees)), `corner ${corner}`);
      }
      const [start, end] = align(turnedWords, 'Ja lan lp oh Batu 5.').map(({ polygon }) => polygon);
      assert.ok(isNear(centreOf(start as Polygon), turned({ x: (0.05 / 6) * 1, y: 0.01 }, degrees)));
      assert.ok(isNear(centreOf(end as Polygon), turned({ x: (0.05 / 6) * 4.5, y: 0.01 }, degrees)));
    });
  }

  test('a word that was missed goes into the gap where it stands, and moves nobody', () => {
    const apart = buildWords(['Total', '12.50'], { gap: 6 });
    const placed = align(apart, 'Total EUR 12.50');
    assert.deepEqual([placed[0]?.polygon, placed[2]?.polygon], [apart[0]?.polygon, apart[1]?.polygon]);
    const centre = centreOf(placed[1]?.polygon as Polygon);
    assert.ok(isNear(centre, { x: 0.5 + 0.08, y: 0.51 }), JSON.stringify(centre));
  });

  test('without a gap it shares the box of the word before it, by their lengths; at the start, of the one after it', () => {
    const [total, no] = align(buildWords(['Total', '12.50']), 'Total EUR 12.50').map(
      ({ polygon }) => polygon,
    );
    assert.ok(Math.abs((total as Polygon)[1].x - (0.5 + (0.05 * 5) / 9)) < 1e-9);
    assert.ok(Math.abs((no as Polygon)[1].x - 0.55) < 1e-9, 'and no more than that box');
    const [a, first] = align(buildWords(['Total', '12.50']), 'A Total 12.50');
    assert.deepEqual([a?.from, first?.from], [[0], [0]]);
    assert.ok((a?.polygon[1].x ?? 1) < (first?.polygon[0].x ?? 0));
  });

  test('words of different heights are covered as a whole', () => {
    const [low, high] = buildWords(['ab', 'cd']) as [DetectedWord, DetectedWord];
    const raised = high.polygon.map(({ x, y }) => ({ x, y: y - 0.005 })) as Polygon;
    const box = unionOf([low, { polygon: raised }]);
    assert.ok(Math.abs(box[0].y - 0.495) < 1e-9 && Math.abs(box[2].y - 0.52) < 1e-9);
    assert.ok(Math.abs(box[0].x - 0.5) < 1e-9 && Math.abs(box[1].x - 0.55) < 1e-9);
  });

  test('words without any area are no reason to fail', () => {
    const point = { x: 0.3, y: 0.3 };
    const flat = ['a', 'b', 'c'].map((text) => ({
      text,
      confidence: 1,
      polygon: [point, point, point, point] as Polygon,
    }));
    for (const text of ['abc', 'a b', 'a b c d', 'x y z u v']) {
      for (const { polygon } of align(flat, text))
        assert.ok(polygon.flatMap(({ x, y }) => [x, y]).every(Number.isFinite));
    }
  });
});
