import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Detection, Polygon } from '../../src/text/detected-text.ts';
import { isDoubtful, withoutNoise } from '../../src/text/unsure-words.ts';

const corner = { x: 0, y: 0 };
const polygon: Polygon = [corner, corner, corner, corner];
const detectionOf = (...lines: string[]): Detection => ({
  lines: lines.map((text, at) => ({
    id: `l${at + 1}`,
    text,
    confidence: 50,
    polygon,
    words: text.split(' ').map((word) => ({ text: word, confidence: 12, polygon })),
  })),
});

test('a word without a letter or digit is not worth checking, in any script', () => {
  for (const text of ['—', '***', '|', '€', '…', '·', '«»', '()'])
    assert.ok(!isDoubtful({ text, confidence: 3 }), text);
  for (const text of ['a', '7', '€7', 'é', 'ß', '東', 'ب', 'ש', 'क', '½', '①'])
    assert.ok(isDoubtful({ text, confidence: 3 }), text);
});

test('a confident word is not unsure, unless it is handwriting', () => {
  assert.equal(isDoubtful({ text: 'Total', confidence: 80 }), false);
  assert.equal(isDoubtful({ text: 'Total', confidence: 79.9 }), true);
  assert.equal(isDoubtful({ text: 'Total', confidence: 99, textType: 'printed' }), false);
  assert.equal(isDoubtful({ text: 'Total', confidence: 99, textType: 'handwriting' }), true);
  assert.equal(
    isDoubtful({ text: '~~', confidence: 9, textType: 'handwriting' }),
    false,
    'a flourish is noise',
  );
});

test('a page of noise alone has no text; a page of text keeps its rules and dots', () => {
  assert.deepEqual(withoutNoise(detectionOf('| ~', '—', '...')), { lines: [] });
  const text = detectionOf('-----', '— Total 7.00', '* * *');
  assert.deepEqual(withoutNoise(text), text);
});
