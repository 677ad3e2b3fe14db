import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureLetters } from '../../../../src/local/textract/engine/letter-shapes.ts';
import { buildLetterLine } from './letter-line.ts';

test('a letter is measured from where its own ink begins to where it ends', () => {
  const { line, words } = buildLetterLine([
    { text: 'n', top: 20, bottom: 34 },
    { text: 'd', top: 10, bottom: 34 },
    { text: 'p', top: 20, bottom: 42 },
  ]);
  const shapes = measureLetters(line, words);
  assert.deepEqual(
    shapes.map(({ text, from, to, top, bottom }) => [text, to - from, top, bottom]),
    [
      ['n', 12, 20, 34],
      ['d', 12, 10, 34],
      ['p', 12, 20, 42],
    ],
  );
  assert.ok(shapes.every(({ from }, i) => from === (words[0]?.letters?.[i]?.middle ?? 0) - 6));
});

test('a letter has its own ink where the reader places it only roughly', () => {
  const { line, words } = buildLetterLine([...'nun'].map((text) => ({ text, top: 20, bottom: 34 })));
  const rough = words.map((word) => ({
    ...word,
    letters:
      word.letters?.map((letter, i) => ({ ...letter, middle: letter.middle + (i === 0 ? 7 : 0) })) ?? [],
  }));
  const placesOf = (read: typeof words) => measureLetters(line, read).map(({ from, to }) => [from, to]);
  assert.deepEqual(placesOf(rough), placesOf(words));
});

test('letters that touch are cut where there is the least ink, and do not count as parted', () => {
  const letters = [
    { text: 'n', top: 20, bottom: 34 },
    { text: 'u', top: 20, bottom: 34 },
    { text: 'm', top: 20, bottom: 34 },
  ];
  const apart = buildLetterLine(letters);
  assert.deepEqual(
    measureLetters(apart.line, apart.words).map(({ isApart }) => isApart),
    [true, true, undefined],
  );
  const joined = buildLetterLine(letters, { joinedAt: 30 });
  const shapes = measureLetters(joined.line, joined.words);
  assert.deepEqual(
    shapes.map(({ isApart }) => isApart),
    [false, false, undefined],
  );
  assert.ok(shapes.every(({ from, to }) => to - from >= 12 && to - from <= 16));
});

test('level strokes have level edges, sloping ones have none', () => {
  const share = (rise: number) => {
    const { line, words } = buildLetterLine([{ text: 'z', top: 20, bottom: 26 }], { rise });
    const [shape] = measureLetters(line, words);
    assert.ok(shape);
    return shape.levelEdges / shape.edges;
  };
  assert.ok(share(0) > 0.4, `${share(0)}`);
  assert.ok(share(1) < 0.1, `${share(1)}`);
});

test('words whose letters have no known places are not measured', () => {
  const { line, words } = buildLetterLine([{ text: 'n', top: 20, bottom: 34 }]);
  assert.deepEqual(
    measureLetters(
      line,
      words.map(({ letters: _, ...word }) => word),
    ),
    [],
  );
});
