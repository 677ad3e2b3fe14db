import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../../support/wait.ts';

const main = fileURLToPath(new URL('../../../src/local/textract/main.ts', import.meta.url));

function run(env: Record<string, string>) {
  return spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('alone it says where it listens, becomes healthy, and ends with 0 on SIGTERM', async () => {
  const child = run({ TEXTRACT_PORT: '0', TEXTRACT_WORKERS: '1' });
  const ended = once(child, 'exit');
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const url = /ready at (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1];
    assert.ok(url, line);
    await waitFor('a warm thread', async () => ((await fetch(`${url}/health`)).ok ? true : undefined));
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  } finally {
    child.kill('SIGKILL');
  }
});

test('alone with a wrong environment it names the mistake and ends with 1', async () => {
  const child = run({ TEXTRACT_PORT: 'high' });
  const ended = once(child, 'exit');
  let said = '';
  for await (const chunk of child.stderr) said += String(chunk);
  assert.match(said, /TEXTRACT_PORT/);
  assert.deepEqual(await ended, [1, null]);
});
