// How a text is cut for a translator that takes so many bytes at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutForTranslation, joinBrokenLines } from '../../src/exports/translation-parts.ts';

const bytes = (text: string) => Buffer.byteLength(text);

test('a short text stays whole, and an empty one is no part', () => {
  assert.deepEqual(cutForTranslation('One.\nTwo.', 100), ['One.\nTwo.']);
  assert.deepEqual(cutForTranslation('', 100), []);
});

test('a long text is cut after lines, a long line after sentences, and nothing is lost', () => {
  assert.deepEqual(cutForTranslation('First line\nSecond line\nThird line', 24), [
    'First line\nSecond line\n',
    'Third line',
  ]);
  assert.deepEqual(cutForTranslation('One is here. Two is here. Three is here.', 28), [
    'One is here. Two is here. ',
    'Three is here.',
  ]);
});

test('a sentence that is too long is cut between words, a word between letters, never inside one', () => {
  for (const [text, limit] of [
    ['word '.repeat(50), 33],
    ['ぎ'.repeat(40), 10],
    ['👩‍👩‍👧‍👦'.repeat(5), 30],
    [`${'a'.repeat(100)}. Short.`, 20],
    ['مرحبا بالعالم '.repeat(20), 40],
  ] as const) {
    const parts = cutForTranslation(text, limit);
    assert.equal(parts.join(''), text);
    for (const part of parts) {
      assert.ok(bytes(part) <= limit, `${bytes(part)} bytes of ${limit}`);
      assert.ok(part.isWellFormed());
    }
  }
  assert.ok(cutForTranslation('word '.repeat(50), 33).every((part) => part.endsWith(' ')));
});

test('lines that the paper broke are joined, others are not', () => {
  assert.equal(
    joinBrokenLines('Please pay the amount\nwithin ten days.\nThank you\nKind regards'),
    'Please pay the amount within ten days.\nThank you\nKind regards',
  );
  assert.equal(joinBrokenLines('Die Rech-\nnung vom Mai'), 'Die Rechnung vom Mai');
  for (const apart of [
    'Total: 12\nnet: 10',
    'Done.\nand more',
    '1. one\n2. two',
    '請求書\n合計',
    '',
    'a\n\nb',
  ])
    assert.equal(joinBrokenLines(apart), apart.replace('12\nnet', '12 net'));
});
