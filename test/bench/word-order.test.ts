import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOrder, lettersOf, shareFound, wordsOf } from '../../bench/word-order.ts';

test('words of any script are compared without case and punctuation', () => {
  assert.deepEqual(wordsOf('Größe: 1,5 – नमस्ते!'), ['größe', '1', '5', 'नमस्ते']);
  assert.deepEqual(lettersOf('人人、自由 。'), ['人', '人', '自', '由']);
});

test('a word counts as found as often as it was read', () => {
  assert.equal(shareFound(['a', 'a', 'b', 'c'], ['a', 'c', 'x']), 0.5);
});

test('words count in order only as far as one reading passes through them', () => {
  assert.equal(inOrder(['a', 'b', 'c', 'd'], ['c', 'd', 'a', 'b']), 0.5);
  assert.equal(inOrder(['a', 'b'], ['a', 'x', 'b']), 1);
});
