import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatBytes, formatFileName } from '../../src/http/formatting.ts';
import { type ProjectPageInput, presentProjectPage } from '../../src/projects/project.presenter.ts';
import { buildOverview } from '../support/projects.ts';

const now = new Date('2026-11-21T10:00:00.000Z');

function buildPage(overrides: Partial<ProjectPageInput> = {}) {
  return presentProjectPage({
    ...buildOverview(),
    relation: 'owner',
    personId: 'p-1',
    isOwn: true,
    mayChange: true,
    mayManage: true,
    now,
    languages: { defaults: [], isReadByTextract: false },
    limits: { maxFileBytes: 50 * 1024 ** 2, maxDocumentBytes: 200 * 1024 ** 2, maxFiles: 100 },
    ...overrides,
  });
}

describe('the head of a project', () => {
  test('only what is the case is told', () => {
    assert.deepEqual(buildPage().facts, ['24 pages']);
    assert.deepEqual(buildPage({ underWayCount: 2, failedCount: 1, doubtfulCount: 7 }).facts, [
      '24 pages',
      '2 processing',
      '1 failed',
      '7 words to check',
    ]);
  });

  test('the owner is told who else can see it, others whose it is', () => {
    assert.equal(buildPage().visibility, 'only you, admins and auditors can see this');
    const others = buildPage({ relation: 'editor', isOwn: false, mayChange: true });
    assert.deepEqual([others.ownerName, others.visibility], ['Alice', 'you can edit']);
    assert.equal(buildPage({ relation: undefined, isOwn: false, mayChange: false }).visibility, 'view only');
  });

  test('the limits are told before an upload fails on them', () => {
    assert.equal(
      buildPage().uploadHint,
      'JPEG, PNG, WebP, HEIC or AVIF up to 50 MB, or PDF or TIFF up to 200 MB.',
    );
  });

  test('before deleting, a person reads how much goes', () => {
    assert.match(buildPage().deleteWarning, /24 pages/);
    assert.match(buildPage({ pageCount: 0 }).deleteWarning, /no pages/);
  });
});

test('file names are shortened in the middle, and cannot turn the writing round', () => {
  assert.equal(formatFileName('receipt.jpg'), 'receipt.jpg');
  assert.equal(formatFileName('invoice\u202egpj.exe'), 'invoicegpj.exe');
  const said = formatFileName(`${'🧾'.repeat(5000)}.jpg`);
  assert.equal([...said].length, 41);
  assert.ok(said.endsWith('.jpg') && said.isWellFormed());
});

test('sizes are said in the unit that fits', () => {
  assert.deepEqual([1, 830, 12_300, 4_300_000, 52_428_800, 3_000_000_000].map(formatBytes), [
    '1 byte',
    '830 bytes',
    '12 KB',
    '4.1 MB',
    '50 MB',
    '2,861 MB',
  ]);
});
