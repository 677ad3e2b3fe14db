import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alignCorrections } from '../../src/text/alignments.ts';
import { applyCorrections, countWordsToCheck, reviewedText } from '../../src/text/corrections.ts';
import type { DetectedLine, Polygon } from '../../src/text/detected-text.ts';

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

test('without corrections everything is as detected, each word with its name', () => {
  const lines = applyCorrections(detection);
  const plain = lines.map(({ words, ...rest }) => ({
    ...rest,
    words: words.map(({ id: _, ...word }) => word),
  }));
  assert.deepEqual(plain, detection.lines);
  assert.deepEqual(
    lines.flatMap(({ words }) => words.map(({ id }) => id)),
    ['l1.1', 'l1.2', 'l2.1'],
  );
  assert.equal(reviewedText(lines), 'Tota1 12.50\nThanks');
});

test('as many words as before keep their places; those that changed are sure, and say what was detected', () => {
  const [corrected] = applyCorrections(detection, { l1: 'Total 12.50' });
  assert.equal(corrected?.corrected, 'Total 12.50');
  assert.equal(corrected?.text, 'Tota1 12.50', 'the detection stays as it was');
  assert.deepEqual(corrected?.words, [
    { text: 'Total', confidence: 100, polygon: at(0, 0.4), detected: 'Tota1' },
    { ...line.words[1], id: 'l1.2' },
  ]);
});

test('another number of words takes over the places of the words that it replaces', () => {
  const [merged] = applyCorrections(detection, { l1: 'Total12.50' });
  assert.deepEqual(
    merged?.words.map(({ text, detected, polygon }) => [
      text,
      detected,
      polygon.map(({ x }) => Math.round(x * 1e6) / 1e6),
    ]),
    [['Total12.50', 'Tota1 12.50', [0, 1, 1, 0]]],
  );
  const [split] = applyCorrections(detection, { l1: 'To tal 12.50' });
  assert.deepEqual(
    split?.words.map(({ text, detected, id }) => [text, detected, id]),
    [
      ['To', 'Tota1', undefined],
      ['tal', 'Tota1', undefined],
      ['12.50', undefined, 'l1.2'],
    ],
  );
});

test('a word that has to share its place is not the detected one any more', () => {
  const [shared] = applyCorrections(detection, { l1: 'Tota1 abc 12.50' });
  assert.deepEqual(
    shared?.words.map(({ text, confidence, id }) => [text, confidence, id]),
    [
      ['Tota1', 100, undefined],
      ['abc', 100, undefined],
      ['12.50', 95, 'l1.2'],
    ],
  );
});

test('a doubtful word stays in doubt until it is accepted or changed, also in a corrected line', () => {
  const doubtful = { ...line, words: line.words.map((word) => ({ ...word, confidence: 50 })) };
  const count = (
    corrections: Record<string, string>,
    accepted: Record<string, number[]>,
    reviewedAt?: string,
  ) => countWordsToCheck(applyCorrections({ lines: [doubtful] }, corrections, accepted), { reviewedAt });
  assert.equal(count({}, {}), 2);
  assert.equal(count({}, { l1: [1] }), 1);
  assert.equal(count({ l1: 'Total 12.50' }, {}), 1);
  assert.equal(count({ l1: 'Total 12.50' }, { l1: [1] }), 0);
  assert.equal(count({ l1: '12.50' }, {}), 1, 'the word that is left');
  assert.equal(count({}, {}, '2026-11-22T00:00:00.000Z'), 0, 'the page was said to be reviewed');
});

test('an emptied line has no words and is no line of the text', () => {
  const lines = applyCorrections(detection, { l1: '' });
  assert.deepEqual([lines[0]?.words, reviewedText(lines)], [[], 'Thanks']);
});

test('a correction of a line that is not there, or of a name every object has, changes nothing', () => {
  assert.deepEqual(applyCorrections(detection, { l9: 'x' }, { l9: [0] }), applyCorrections(detection));
  const inherited = {
    lines: [
      { ...line, id: 'toString' },
      { ...other, id: '__proto__' },
    ],
  };
  for (const each of applyCorrections(inherited, {}, {})) {
    assert.deepEqual([each.corrected, each.words.some((word) => word.accepted)], [undefined, false]);
  }
});

const manyWords = (seed: number) =>
  Array.from({ length: 60 }, (_, at) =>
    'abcdefghij'.slice((at + seed) % 7, ((at + seed) % 7) + 1 + (at % 3)),
  );

/** 110 lines of 60 words, each of which somebody wrote anew with one word more: 41 KB. */
function dearPage() {
  const lines = Array.from({ length: 110 }, (_, index) => ({
    id: `l${index + 1}`,
    text: manyWords(index).join(' '),
    confidence: 90,
    polygon: at(0, 1),
    words: manyWords(index).map((text, place) => ({
      text,
      confidence: 90,
      polygon: at(place / 60, (place + 0.9) / 60),
    })),
  }));
  const corrections = Object.fromEntries(
    lines.map(({ id, words }) => [
      id,
      `x ${words
        .map(({ text }) => text)
        .toReversed()
        .join(' ')}`,
    ]),
  );
  return { detection: { lines }, corrections };
}

test('a page with 41 KB of corrections is aligned in short turns, and once', async () => {
  const { detection, corrections } = dearPage();
  let rounds = 0;
  const counting = setInterval(() => {
    rounds += 1;
  }, 0);
  const startedAt = performance.now();
  const alignments = await alignCorrections(detection, corrections);
  clearInterval(counting);
  const took = performance.now() - startedAt;
  assert.ok(rounds >= Math.floor(took / 100), `${rounds} rounds of the event loop in ${took.toFixed(0)} ms`);
  assert.ok(JSON.stringify(alignments).length <= 8002, 'what is stored is bounded');

  const stored = applyCorrections(detection, corrections, {}, {}, alignments);
  assert.deepEqual(stored[0], applyCorrections(detection, corrections)[0], 'and the same as if found now');
  const changed = { ...alignments, l1: '60:61' };
  assert.equal(
    (await alignCorrections(detection, corrections, [{ corrections, alignments: changed }])).l1,
    '60:61',
    'what is known of the same text is taken over',
  );
  const other = { ...corrections, l1: 'x y' };
  assert.notEqual(
    (await alignCorrections(detection, other, [{ corrections, alignments: changed }])).l1,
    '60:61',
  );
});

test('what a page says of its corrections grows with them, and not with their square', () => {
  const letters = Array.from({ length: 1000 }, (_, index) => 'abcdefg'[index % 7] as string);
  const words = letters.map((text, place) => ({
    text,
    confidence: 90,
    polygon: at(place / 1000, (place + 0.9) / 1000),
  }));
  const line = { id: 'l1', text: letters.join(' '), confidence: 90, polygon: at(0, 1), words };
  const corrected = `x ${letters.toReversed().slice(0, 998).join(' ')}`;
  const [reviewed] = applyCorrections({ lines: [line] }, { l1: corrected }, {}, {}, {});
  assert.equal(reviewed?.words.length, 999);
  assert.ok(JSON.stringify(reviewed).length < 400_000, `${JSON.stringify(reviewed).length} letters of JSON`);
});
