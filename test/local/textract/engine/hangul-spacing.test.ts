import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spaceByInk } from '../../../../src/local/textract/engine/hangul-spacing.ts';

/** Ink of syllables that are 30 columns wide, with the gaps after them. */
function inkOf(gaps: number[]): Uint8Array {
  const columns = gaps.flatMap((gap) => [...Array(30).fill(5), ...Array(gap).fill(0)]);
  return Uint8Array.from([...Array(10).fill(0), ...columns]);
}
const height = 40;
const misplaced = (text: string, confidence = 90) => ({ text, confidence, from: 10, to: 20 });

test('syllables that Tesseract parted are words again, where the ink has them', () => {
  const words = spaceByInk(
    ['모든', '인', '간', '은', '자유'].map((text) => misplaced(text)),
    inkOf([4, 18, 5, 4, 18, 4, 10]),
    height,
  );
  assert.deepEqual(
    words.map(({ text, from, to }) => [text, from, to]),
    [
      ['모든', 10, 74],
      ['인간은', 92, 191],
      ['자유', 209, 273],
    ],
  );
});

test('a word is as unsure as its least sure syllable', () => {
  const [word] = spaceByInk([misplaced('인', 95), misplaced('간', 40)], inkOf([4, 10]), height);
  assert.deepEqual([word?.text, word?.confidence], ['인간', 40]);
});

test('lines in other scripts stay as they are', () => {
  const words = [misplaced('two'), misplaced('words')];
  assert.equal(spaceByInk(words, inkOf([4, 4]), height), words);
});
