import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRightToLeft } from '../../src/text/text-direction.ts';

test('a text is written in the direction of most of its letters', () => {
  for (const text of ['חשבונית 12.50', 'فاتورة PDF', 'ܫܠܡܐ', 'ދިވެހި'])
    assert.equal(isRightToLeft(text), true, text);
  for (const text of ['Invoice of שלום', 'Total 12.50', '請求書', '12.50', ''])
    assert.equal(isRightToLeft(text), false, text);
});
