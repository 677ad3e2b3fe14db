import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presentLogLine } from '../../src/local/log-line.presenter.ts';

const entry = (level: number, more: object) =>
  JSON.stringify({ level, time: 1, pid: 2, hostname: 'h', ...more });

test('a log entry becomes one compact line', () => {
  const line = presentLogLine('web', entry(40, { msg: 'refused', requestId: 'r-1', file: 'a b' }), 'warn');
  assert.equal(line, 'web      warn  refused requestId=r-1 file="a b"');
});

test('entries below the level are not shown', () => {
  assert.equal(presentLogLine('web', entry(30, { msg: 'request' }), 'warn'), undefined);
  assert.ok(presentLogLine('web', entry(30, { msg: 'request' }), 'info'));
});

test('what is no log entry is shown as it is', () => {
  assert.equal(presentLogLine('worker', 'Error: broken', 'warn'), 'worker   Error: broken');
  assert.equal(presentLogLine('worker', '{"not":"an entry"}', 'warn'), 'worker   {"not":"an entry"}');
});

test('an error keeps its stack, on the same line', () => {
  const line = presentLogLine(
    'web',
    entry(50, { msg: 'failed', err: { message: 'm', stack: 'm\n  at x' } }),
    'warn',
  );
  assert.equal(line, 'web      error failed err="m\\n  at x"');
});

test('nothing that is logged moves the cursor of the terminal', () => {
  const line = presentLogLine('web', entry(40, { msg: 'a\u001b[2Jb\nc' }), 'warn');
  assert.equal(line, 'web      warn  a [2Jb c');
});
