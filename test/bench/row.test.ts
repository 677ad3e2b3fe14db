import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRow, median } from '../../bench/row.ts';

const row = { id: 'a', what: 'A', value: 3, unit: 's' };
const beside = { what: 'B', value: 2, unit: 's' };

test('a target is compared with what it speaks of', () => {
  assert.equal(createRow({ ...row, beside, target: { of: 'ratio', atMost: 1.5 } }).reached, true);
  assert.equal(createRow({ ...row, beside, target: { of: 'ratio', atMost: 1.4 } }).reached, false);
  assert.equal(createRow({ ...row, beside, target: { of: 'value', atLeast: 3 } }).reached, true);
  assert.equal(createRow({ ...row, beside, target: { of: 'value', atLeast: 4 } }).reached, false);
});

test('without the peer nobody says that a ratio is reached', () => {
  assert.equal(createRow({ ...row, target: { of: 'ratio', atMost: 1.5 } }).reached, undefined);
});

test('the median of an even count lies between the middle two', () => {
  assert.equal(median([4, 1, 10]), 4);
  assert.equal(median([4, 1, 10, 5]), 4.5);
});
