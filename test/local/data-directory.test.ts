import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import {
  ensureSecrets,
  LocalStackError,
  lockDataDirectory,
  readRunning,
  writeRunning,
} from '../../src/local/data-directory.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'paperlift-data-'));
});

afterEach(() => rm(directory, { recursive: true }));

test('a data directory belongs to one stack at a time, and is free again afterwards', async () => {
  const unlock = await lockDataDirectory(directory);
  await assert.rejects(
    lockDataDirectory(directory),
    (error: Error) => error instanceof LocalStackError && error.message.includes(`process ${process.pid}`),
  );
  await unlock();
  await (await lockDataDirectory(directory))();
});

test('the lock of a stack that was killed is taken over', async () => {
  const stale = [
    { pid: 2 ** 22 + 1 },
    // The same process id, used again by somebody else since.
    { pid: process.pid, startedAt: '1' },
  ];
  for (const lock of stale) {
    await writeFile(join(directory, 'lock.json'), JSON.stringify(lock));
    await (await lockDataDirectory(directory))();
  }
  await writeFile(join(directory, 'lock.json'), '{"pi');
  await (await lockDataDirectory(directory))();
});

test('a stack that was killed does not count as running', async () => {
  const running = {
    pid: process.pid,
    publicUrl: 'http://localhost:3000',
    database: { endpoint: '', region: '', table: '' },
    userPool: { endpoint: '', id: '', clientId: '', password: '' },
    processes: { web: 1 },
  };
  assert.equal(await readRunning(directory), undefined);
  await writeRunning(directory, running);
  assert.deepEqual(await readRunning(directory), running);
  await writeRunning(directory, { ...running, pid: 2 ** 22 + 1 });
  assert.equal(await readRunning(directory), undefined);
});

test('secrets are made once, and only their owner can read them', async () => {
  const secrets = await ensureSecrets(directory);
  assert.deepEqual(await ensureSecrets(directory), secrets);
  assert.ok(secrets.sessionSecret.length >= 32);
  assert.equal((await stat(join(directory, 'secrets.json'))).mode & 0o777, 0o600);
});
