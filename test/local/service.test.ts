import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { reservePorts } from '../../scripts/compose/reserve-ports.ts';
import { loadConfig } from '../../src/config/config.ts';
import { loadStandInsConfig } from '../../src/local/service.config.ts';

const program = fileURLToPath(new URL('../../src/local/service.ts', import.meta.url));
let directory: string;
let env: Record<string, string>;
let running: ChildProcess[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'paperlift-service-'));
  const ports = await reservePorts([4566, 4567, 4568, 4569]);
  const at = (port: number) => `http://127.0.0.1:${ports.get(port)}`;
  env = {
    PUBLIC_URL: 'http://localhost:3000',
    LOCAL_SHARED_DIR: join(directory, 'shared'),
    S3_ENDPOINT: at(4566),
    S3_BUCKET: 'scans',
    SQS_ENDPOINT: at(4566),
    PAGES_QUEUE_URL: `${at(4566)}/000000000000/read`,
    EXPORTS_QUEUE_URL: `${at(4566)}/000000000000/write`,
    DYNAMODB_ENDPOINT: at(4567),
    DYNAMODB_TABLE: 'things',
    COGNITO_ENDPOINT: at(4568),
    SAML_ENTRY_POINT: `http://localhost:${ports.get(4569)}/sso`,
  };
});

afterEach(async () => {
  for (const child of running) {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }
  running = [];
  await rm(directory, { recursive: true });
});

const environmentOf = (word: string) => ({
  PATH: process.env.PATH,
  ...env,
  LOCAL_DATA_DIR: join(directory, word),
});

/** Starts a service. Resolves when it says that it is ready; rejects with what it said when it ends before. */
async function start(word: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, word], { env: environmentOf(word) });
  running.push(child);
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const ended = once(child, 'close').then(([code]) => Promise.reject(new Error(`${code}: ${said}`)));
  await Promise.race([once(child.stdout, 'data'), ended]);
  ended.catch(() => {});
  return child;
}

function run(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, ...words],
      { env: environmentOf('stand-ins') },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

describe('stand-ins as services of their own', () => {
  test('are where web and worker look for them, and leave them what they need to start', async () => {
    const [standIns] = await Promise.all([start('stand-ins'), start('identity-provider')]);
    assert.equal((await run('ready')).code, 0);

    const shared = (name: string) => join(env.LOCAL_SHARED_DIR as string, name);
    const config = loadConfig({
      ...env,
      SESSION_SECRET_FILE: shared('session-secret'),
      SAML_IDP_ISSUER: 'urn:paperlift:local:identity-provider',
      SAML_IDP_CERTIFICATE_FILE: shared('identity-provider.pem'),
    });
    assert.ok(config.session.secret.length >= 32);
    assert.match(config.saml.providers[0]?.certificates[0] ?? '', /BEGIN CERTIFICATE/);
    for (const name of ['session-secret', 'identity-provider.pem']) {
      assert.equal((await stat(shared(name))).mode & 0o777, 0o600, name);
    }
    const metadata = await fetch(new URL('/metadata', env.SAML_ENTRY_POINT));
    assert.ok((await metadata.text()).includes(`Location="${env.SAML_ENTRY_POINT}"`));
    const bucket = await fetch(`${env.S3_ENDPOINT}/scans`, { method: 'HEAD' });
    assert.equal(bucket.status, 200);

    const token = await run('token', 'carol@example.com');
    assert.equal(token.code, 0, token.stderr);
    const payload = JSON.parse(Buffer.from(token.stdout.split('.')[1] ?? '', 'base64url').toString());
    assert.equal(payload.iss, `${env.COGNITO_ENDPOINT}/us-east-1_Paperlift`);

    standIns.kill('SIGTERM');
    assert.deepEqual(await once(standIns, 'exit'), [0, null]);
    const ready = await run('ready');
    assert.equal(ready.code, 1);
    assert.match(ready.stderr, /not ready/);
  });

  test('end when their port is taken: nobody would look for them at another', async () => {
    const { port } = new URL(env.DYNAMODB_ENDPOINT as string);
    const other = createServer().listen(Number(port), '127.0.0.1');
    await once(other, 'listening');
    await assert.rejects(start('stand-ins'), /EADDRINUSE/);
    other.close();
  });

  test('say which addresses contradict each other', () => {
    const elsewhere = { ...env, SQS_ENDPOINT: 'http://queues:4566' };
    assert.throws(() => loadStandInsConfig(elsewhere), /S3_ENDPOINT: all stand-ins must share one host name/);
    assert.throws(() => loadStandInsConfig({ ...env, S3_BUCKET: '' }), /S3_BUCKET/);
  });

  test('listen on this machine only, unless they are told to', () => {
    assert.equal(loadStandInsConfig(env).reach.host, '127.0.0.1');
    assert.equal(loadStandInsConfig({ ...env, LOCAL_HOST: '0.0.0.0' }).reach.host, '0.0.0.0');
  });
});
