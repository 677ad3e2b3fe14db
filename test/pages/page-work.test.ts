import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasWork } from '../../src/pages/page-work.ts';
import { buildPage } from '../support/pages.ts';

test('a page has work that would be lost once somebody corrected, added, accepted or reviewed something', () => {
  const added = { l1a: { text: 'Total', polygon: [] } } as never;
  for (const work of [
    { reviewedAt: '2026-11-21' },
    { corrections: { l1: 'Total' } },
    { added },
    { accepted: { l1: [0] } },
  ])
    assert.equal(hasWork(buildPage(work)), true, JSON.stringify(work));
  for (const none of [{}, { corrections: {}, added: {}, accepted: {} }, { text: 'Total', edits: 2 }])
    assert.equal(hasWork(buildPage(none)), false, JSON.stringify(none));
});
