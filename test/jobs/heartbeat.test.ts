import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createHeartbeat } from '../../src/jobs/heartbeat.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'paperlift-heartbeat-'));
after(() => rmSync(directory, { recursive: true }));

test('a health check sees when the worker last came round, to within five seconds', () => {
  const file = path.join(directory, 'heartbeat');
  let time = 1_700_000_000_000;
  const beat = createHeartbeat({ file, now: () => time });
  const seen = () => Math.round(statSync(file).mtimeMs);
  beat();
  assert.equal(seen(), time);
  time += 4000;
  beat();
  assert.equal(seen(), time - 4000);
  time += 1000;
  beat();
  assert.equal(seen(), time);
});

test('a worker without a heartbeat file, or with one that cannot be written, works on', () => {
  createHeartbeat({})();
  const file = path.join(directory, 'missing/heartbeat');
  createHeartbeat({ file })();
  assert.equal(existsSync(file), false);
});
