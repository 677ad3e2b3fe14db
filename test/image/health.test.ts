import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { checkHealth } from '../../image/health.mjs';

const directory = mkdtempSync(path.join(tmpdir(), 'paperlift-health-'));
after(() => rmSync(directory, { recursive: true }));

test('a web process is well when it answers that it lives, at the port and address that it was given', async () => {
  let status = 200;
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = String((server.address() as AddressInfo).port);
  const check = (env: Record<string, string>) => checkHealth({ what: 'web', env, now: Date.now() });
  await check({ PORT: port });
  await check({ PORT: port, HOST: '0.0.0.0' });
  await check({ PORT: port, HOST: '127.0.0.1' });
  assert.deepEqual(asked, ['/health/live', '/health/live', '/health/live']);
  status = 503;
  await assert.rejects(check({ PORT: port }), /answers 503/);
  const url = `http://127.0.0.1:${port}/health/ready`;
  await assert.rejects(checkHealth({ what: url, env: {}, now: Date.now() }), /ready answers 503/);
  server.close();
  server.closeAllConnections();
  await assert.rejects(check({ PORT: port }));
});

test('a worker is well when it came round within three minutes', async () => {
  const file = path.join(directory, 'heartbeat');
  const check = (now: number) => checkHealth({ what: 'worker', env: { WORKER_HEARTBEAT_FILE: file }, now });
  await assert.rejects(check(Date.now()), /ENOENT/);
  writeFileSync(file, '');
  await check(Date.now());
  await check(Date.now() + 170_000);
  await assert.rejects(check(Date.now() + 190_000), /the worker last came round 190 s ago/);
  await assert.rejects(checkHealth({ what: 'worker', env: {}, now: 0 }), /names no file/);
});

test('where nothing runs, nothing is well', async () => {
  await assert.rejects(checkHealth({ what: undefined, env: {}, now: 0 }), /neither/);
});
