// The same product, whatever runs it: the end-to-end checks against web and worker as Lambda functions behind a gateway.
// `npm run image:check` runs them against the processes, the image's services and the image's functions too, and compares
// every answer of the one with the other's byte for byte.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { requestAccessToken } from '../../src/local/access-token.ts';
import { startStandIns } from '../../src/local/stand-ins.ts';
import { findFreePort } from '../support/free-port.ts';
import { type Surroundings, startFunctions } from './processes.ts';
import { runChecks } from './run-checks.ts';

let standIns: Awaited<ReturnType<typeof startStandIns>>;
let dataDirectory: string;
let surroundings: Surroundings;
let base: string;

before(async () => {
  const port = await findFreePort();
  base = `http://localhost:${port}`;
  dataDirectory = await mkdtemp(path.join(tmpdir(), 'paperlift-parity-'));
  standIns = await startStandIns({ dataDirectory, inMemory: true, ports: 'any', publicUrl: base });
  surroundings = { env: standIns.env, port };
});
after(async () => {
  await standIns.stop();
  await rm(dataDirectory, { recursive: true, force: true });
});

const tokenOf = (email: string) => requestAccessToken(standIns.userPool, email);

test('web and worker as Lambda functions pass every end-to-end check', async () => {
  const running = await startFunctions(surroundings);
  try {
    const results = await runChecks({ base, tokenOf });
    const failed = results.filter(({ error }) => error);
    assert.equal(failed.length, 0, failed.map(({ name, error }) => `${name}: ${error?.stack}`).join('\n'));
    assert.ok(results.length > 30 && results.every(({ answers }) => answers.length > 0));
  } finally {
    await running.stop();
  }
});
