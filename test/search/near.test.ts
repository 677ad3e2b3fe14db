import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNear } from '../../src/search/near.ts';

for (const [typed, word, expected] of [
  ['turbine', 'turbime', true],
  ['turbine', 'turbien', true],
  ['turbine', 'turbin', true],
  ['turbine', 'turbinee', true],
  ['turbine', 'tubrien', false],
  ['turbine', 'curbine', false],
  ['delivering', 'delviernig', true],
  ['delivering', 'delviernxx', false],
  ['pay', 'pax', false],
  ['4711', '4712', false],
  ['rechnung', 'rechnungen', true],
] as const)
  test(`${typed} and ${word} are ${expected ? 'one word with a typing error' : 'two words'}`, () => {
    assert.equal(isNear(typed, word), expected);
  });

test('a word as long as a page is compared in no time', () => {
  const startedAt = performance.now();
  assert.equal(isNear(`a${'b'.repeat(5000)}`, `a${'c'.repeat(5000)}`), false);
  assert.ok(performance.now() - startedAt < 500);
});
