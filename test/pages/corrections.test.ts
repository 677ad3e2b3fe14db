import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyCorrections, reviewedText } from '../../src/pages/corrections.ts';
import type { DetectedLine, Polygon } from '../../src/pages/detected-text.ts';

const at = (left: number, right: number): Polygon => [
  { x: left, y: 0.1 },
  { x: right, y: 0.1 },
  { x: right, y: 0.2 },
  { x: left, y: 0.2 },
];
const line: DetectedLine = {
  id: 'l1',
  text: 'Tota1 12.50',
  confidence: 90,
  polygon: at(0, 1),
  words: [
    { text: 'Tota1', confidence: 60, polygon: at(0, 0.4) },
    { text: '12.50', confidence: 95, polygon: at(0.5, 1) },
  ],
};
const other: DetectedLine = {
  ...line,
  id: 'l2',
  text: 'Thanks',
  words: [{ text: 'Thanks', confidence: 99, polygon: at(0, 1) }],
};
const detection = { lines: [line, other] };

test('without corrections everything is as detected', () => {
  assert.deepEqual(applyCorrections(detection), detection.lines);
  assert.equal(reviewedText(applyCorrections(detection)), 'Tota1 12.50\nThanks');
});

test('as many words as before keep their places; only those that changed are sure now', () => {
  const [corrected] = applyCorrections(detection, { l1: 'Total 12.50' });
  assert.equal(corrected?.corrected, 'Total 12.50');
  assert.equal(corrected?.text, 'Tota1 12.50', 'the detection stays as it was');
  assert.deepEqual(corrected?.words, [
    { text: 'Total', confidence: 100, polygon: at(0, 0.4) },
    line.words[1],
  ]);
});

test('another number of words shares the line out by their lengths', () => {
  const [corrected] = applyCorrections(detection, { l1: 'a bcd efghi' });
  const spans = corrected?.words.map(({ text, polygon }) => [
    text,
    Math.round(polygon[0].x * 11),
    Math.round(polygon[1].x * 11),
  ]);
  assert.deepEqual(spans, [
    ['a', 0, 1],
    ['bcd', 2, 5],
    ['efghi', 6, 11],
  ]);
  for (const { polygon, confidence } of corrected?.words ?? []) {
    assert.deepEqual([polygon[0].y, polygon[2].y, confidence], [0.1, 0.2, 100]);
  }
});

test('words of a tilted line stay on the tilt', () => {
  const tilted: Polygon = [
    { x: 0, y: 0 },
    { x: 1, y: 0.5 },
    { x: 1, y: 0.6 },
    { x: 0, y: 0.1 },
  ];
  const [corrected] = applyCorrections({ lines: [{ ...line, polygon: tilted }] }, { l1: 'aa b cc' });
  const middle = corrected?.words[1]?.polygon;
  assert.ok(Math.abs((middle?.[0].y ?? 0) - (middle?.[0].x ?? 0) / 2) < 1e-9);
});

test('an emptied line has no words and is no line of the text', () => {
  const lines = applyCorrections(detection, { l1: '' });
  assert.deepEqual([lines[0]?.words, reviewedText(lines)], [[], 'Thanks']);
});

test('a correction of a line that is not there, or of a name every object has, changes nothing', () => {
  assert.deepEqual(applyCorrections(detection, { l9: 'x' }), detection.lines);
  const inherited = {
    lines: [
      { ...line, id: 'toString' },
      { ...other, id: '__proto__' },
    ],
  };
  assert.deepEqual(applyCorrections(inherited, {}), inherited.lines);
});
