import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scoreWords, sumScores } from '../../bench/word-score.ts';

test('words count as often as they are written, whatever their case and order', () => {
  const score = scoreWords('Total: 9.50\nTOTAL 9', 'total 50 9 other total total');
  assert.deepEqual(score, { found: 4, written: 5, read: 6 });
});

test('pages count by their words', () => {
  const scores = [
    { found: 1, written: 1, read: 2 },
    { found: 1, written: 4, read: 2 },
  ];
  assert.deepEqual(sumScores(scores), { recall: 0.4, precision: 0.5 });
});
