// The fault tests, on the engines of the Compose file instead of the stand-ins.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Part, Surroundings } from './part.ts';
import { signInAs } from './visits.ts';

const root = resolve(import.meta.dirname, '../..');
const patterns = [
  'test/faults/*.{soak,test}.ts',
  'test/lambda/{worker,sqs-event}.test.ts',
  'test/exports/pdf/browser.supervisor.test.ts',
];
/** Needs the whole product's stand-ins: its proxy loses answers of each kind of write. */
const notOnEngines = 'test/faults/lost-answers.soak.ts';
const outageMs = 10_000;

export const faultsPart: Part = {
  name: 'faults: the fault tests on the engines',
  async run(surroundings) {
    await loseDatabase(surroundings);
    const { passed, skipped } = await runTests(surroundings);
    const found = `${passed} tests pass, ${skipped} skipped (restarts, which are tried above)`;
    return [
      ...['s3', 'database', 'queues'].map((service) => ({
        service,
        tried: 'the fault tests: killed, frozen and ended workers, lost, broken, slow and refused calls',
        found,
      })),
      {
        service: 'database',
        tried: `away for ${outageMs / 1000} s, with the sessions that it keeps`,
        found: '503 meanwhile; the session goes on',
      },
    ];
  },
};

/** A person who is signed in gets 503 while the sessions cannot be read, and is still signed in afterwards. */
async function loseDatabase(surroundings: Surroundings): Promise<void> {
  const { stack, configure, print } = surroundings;
  const alice = await signInAs('alice@example.com', surroundings);
  const ask = async () => (await alice.api('GET', '/projects', { quiet: true })).status;
  assert.equal(await ask(), 200);
  await stack.stop(['database']);
  const until = performance.now() + outageMs;
  const statuses = new Map<number, number>();
  while (performance.now() < until) {
    const status = await ask();
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    await delay(500);
  }
  await configure({});
  assert.deepEqual([...statuses.keys()], [503]);
  assert.equal(await ask(), 200);
  print(`    ok  the database is away for ${outageMs / 1000} s: ${statuses.get(503)} × 503, then 200`);
}

async function runTests({ engines, directory, print }: Surroundings) {
  const files: string[] = [];
  for await (const file of glob(patterns, { cwd: root })) if (file !== notOnEngines) files.push(file);
  const child = spawn(
    process.execPath,
    [
      '--test',
      '--test-global-setup=test/support/prepared-run.ts',
      '--test-concurrency=1', // they measure time
      '--test-timeout=480000',
      '--test-reporter=spec',
      ...files.sort(),
    ],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, FAULT_ENGINES: JSON.stringify(engines), TMPDIR: directory },
    },
  );
  const log = join(directory, 'logs', 'fault-tests.log');
  child.stdout.pipe(createWriteStream(log));
  const counts: Record<string, number> = {};
  for await (const line of createInterface({ input: child.stdout })) {
    if (/^\s*[✔✖﹣▶]|^ℹ/.test(line)) print(`    ${line}`);
    const [, name, count] = /^ℹ (pass|fail|skipped|cancelled) (\d+)$/.exec(line) ?? [];
    if (name) counts[name] = Number(count);
  }
  const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
  assert.equal(code, 0, `the tests fail: ${log}`);
  return { passed: counts.pass ?? 0, skipped: counts.skipped ?? 0 };
}
