import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isAlive, LocalStackError, readRunning } from '../../src/local/data-directory.ts';
import { createLocalStack, StoppedWhileStarting } from '../../src/local/local-stack.ts';
import { findFreePort } from '../support/free-port.ts';

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const substitute = (name: string) => new URL(`./substitutes/${name}.ts`, import.meta.url);

let dataDirectory: string;
let port: number;
let printed: string[];
let stacks: ReturnType<typeof createLocalStack>[];

beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'paperlift-local-'));
  port = await findFreePort();
  printed = [];
  stacks = [];
});

afterEach(async () => {
  for (const stack of stacks) await stack.stop();
  await rm(dataDirectory, { recursive: true });
});

function buildStack(
  entryPoints: Record<string, URL> = { web: substitute('web'), worker: substitute('worker') },
) {
  const stack = createLocalStack({
    config: {
      port,
      publicUrl: `http://localhost:${port}`,
      dataDirectory,
      logLevel: 'warn',
      secondCompany: false,
      endWithParent: false,
      inheritedEnvironment: {},
    },
    print: (line) => printed.push(line),
    entryPoints,
    textract: false,
  });
  stacks.push(stack);
  return stack;
}

async function until<Found>(find: () => Found | Promise<Found>): Promise<NonNullable<Found>> {
  const deadline = Date.now() + 90_000;
  for (;;) {
    const found = await find();
    if (found) return found;
    assert.ok(Date.now() < deadline, `never: ${find}`);
    await wait(20);
  }
}

const pidOf = (name: string) => async () => (await readRunning(dataDirectory))?.processes[name];
const childOfWorker = () =>
  until(() => printed.map((line) => /child=(\d+)/.exec(line)?.[1]).findLast(Boolean)).then(Number);

function runToken(...people: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, LOCAL_DATA_DIR: dataDirectory };
  return new Promise((resolve) => {
    const command = [pathOf('../../src/local/token.ts'), ...people];
    execFile(process.execPath, command, { env }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

describe('the local stack', () => {
  test('is ready when the web process answers, and leaves nothing running or locked when it ends', async () => {
    const stack = buildStack();
    const { publicUrl, people } = await stack.start();
    assert.equal(await (await fetch(`http://127.0.0.1:${port}`)).text(), publicUrl);
    assert.equal(people.length, 6);
    const pids = [await until(pidOf('web')), await until(pidOf('worker')), await childOfWorker()];

    await stack.stop();
    await until(() => !pids.some(isAlive));
    const left = await readdir(dataDirectory);
    assert.ok(!left.includes('lock.json') && !left.includes('running.json'), left.join());
    await buildStack().start();
  });

  test('starts a killed worker again, and leaves nothing of the old one', async () => {
    await buildStack().start();
    const old = await until(pidOf('worker'));
    const child = await childOfWorker();
    process.kill(old, 'SIGKILL');
    await until(async () => (await pidOf('worker')()) !== old);
    await until(() => !isAlive(child));
    assert.ok(printed.some((line) => line.startsWith('The worker process was stopped by SIGKILL')));
  });

  test('takes web and worker with it when it is killed itself', async () => {
    const env = { ...process.env, LOCAL_DATA_DIR: dataDirectory, PORT: String(port) };
    const stack = spawn(process.execPath, [pathOf('./substitutes/stack.ts')], { env });
    await new Promise((resolve) => stack.stdout.once('data', resolve));
    const pids = [await until(pidOf('web')), await until(pidOf('worker'))];
    const gone = once(stack, 'exit');
    stack.kill('SIGKILL');
    await gone;
    await until(() => !pids.some(isAlive));
    await buildStack().start();
  });

  test('says which port is taken and what to do, and starts nothing', async () => {
    const other = createServer().listen(port, '127.0.0.1');
    await assert.rejects(
      buildStack().start(),
      (error: Error) =>
        error instanceof LocalStackError &&
        error.message.includes(`Port ${port} is in use`) &&
        error.message.includes(`PORT=${port + 1} npm run local`),
    );
    other.close();
    assert.equal(await readRunning(dataDirectory), undefined);
  });

  test('fails at once when a process cannot start, and shows what it said', async () => {
    await assert.rejects(
      // a web process that never answers, so that only the worker's end can end the start
      buildStack({ web: substitute('worker'), worker: substitute('broken') }).start(),
      /worker process exited with code 1/,
    );
    await until(() => printed.includes('worker   The configuration has mistakes'));
  });

  test('can be ended while it is still starting', async () => {
    const stack = buildStack({ web: substitute('worker') });
    const starting = assert.rejects(stack.start(), StoppedWhileStarting);
    await until(pidOf('web'));
    const pid = (await pidOf('web')()) as number;
    await stack.stop();
    await starting;
    assert.equal(isAlive(pid), false);
  });
});

describe('npm run token', () => {
  test('prints an access token of the running stack and nothing else', async () => {
    await buildStack().start();
    await until(pidOf('web'));
    const { code, stdout, stderr } = await runToken('carol@example.com');
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const payload = JSON.parse(Buffer.from(stdout.split('.')[1] ?? '', 'base64url').toString());
    assert.equal(payload.token_use, 'access');
    assert.deepEqual(payload['cognito:groups'], ['paperlift-admins']);

    const unknown = await runToken('mallory@example.com');
    assert.equal(unknown.code, 1);
    assert.equal(unknown.stdout, '');
    assert.match(unknown.stderr, /No user .* "mallory@example.com"/);
  });

  test('says so when no stack is running', async () => {
    const { code, stdout, stderr } = await runToken('carol@example.com');
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /No local stack is running/);
  });
});
