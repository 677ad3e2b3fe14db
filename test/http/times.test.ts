import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTime } from '../../src/http/times.ts';

const now = new Date('2026-11-21T10:00:00.000Z');

for (const [iso, text] of [
  ['2026-11-21T09:59:31.000Z', 'just now'],
  ['2026-11-21T10:00:05.000Z', 'just now'],
  ['2026-11-21T09:59:00.000Z', '1 minute ago'],
  ['2026-11-21T09:00:01.000Z', '59 minutes ago'],
  ['2026-11-21T08:59:00.000Z', '1 hour ago'],
  ['2026-11-20T10:00:01.000Z', '23 hours ago'],
  ['2026-11-20T09:00:00.000Z', 'yesterday'],
  ['2026-11-19T23:59:00.000Z', '19 November'],
  ['2025-11-03T12:00:00.000Z', '3 November 2025'],
] as const) {
  test(`a person reads “${text}” for ${iso}`, () => assert.equal(formatTime(iso, now).text, text));
}

test('the exact time stays at hand, and the machine’s form with it', () => {
  const said = formatTime('2026-11-20T09:05:07.000Z', now);
  assert.equal(said.exact, '20 November 2026, 09:05:07 UTC');
  assert.equal(said.iso, '2026-11-20T09:05:07.000Z');
});
