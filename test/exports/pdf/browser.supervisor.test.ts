import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { lacksSandbox, removeAbandonedProfiles } from '../../../src/exports/pdf/browser.process.ts';
import { createBrowserSupervisor } from '../../../src/exports/pdf/browser.supervisor.ts';
import { findChromium } from '../../../src/exports/pdf/chromium.ts';
import { PdfRenderError } from '../../../src/exports/pdf/pdf-render.error.ts';
import { processesOf, profiles, until, zombies } from './browser-processes.ts';
import { startRendering } from './rendering.ts';
import { buildPage } from './synthetic-pages.ts';

let rendering: Awaited<ReturnType<typeof startRendering>>;
beforeEach(async () => {
  rendering = await startRendering({ jobsPerBrowser: 3, graceMs: 1000 });
});
afterEach(() => rendering.stop());

const html = '<!doctype html><p>A page</p>';
const failing = (reason: string) => (error: unknown) =>
  error instanceof PdfRenderError && error.reason === reason;

async function groupOf(): Promise<number> {
  await until(() => rendering.supervisor.state().pid !== undefined);
  return rendering.supervisor.state().pid as number;
}

/** A job that is under way until `finish` is called: the document waits for its image. */
async function startSlowJob(deadlineMs = 60_000) {
  const { jpeg } = await buildPage({ width: 100, height: 100 });
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Buffer>();
  const job = rendering.render({
    html: '<!doctype html><img src="https://paperlift.invalid/images/0">',
    images: [
      () => {
        asked.resolve();
        return answer.promise;
      },
    ],
    deadlineMs,
  });
  // A job that fails before it asks for its image fails the test.
  await Promise.race([asked.promise, job]);
  job.catch(() => {});
  return { job, finish: () => answer.resolve(jpeg) };
}

async function assertNothingLeft(group: number): Promise<void> {
  await until(async () => (await processesOf(group)).length === 0);
  assert.deepEqual(await zombies(), []);
  assert.deepEqual(await profiles(), []);
}

async function assertNoFile({ but = [] as string[] } = {}): Promise<void> {
  assert.deepEqual(await readdir(rendering.directory), but);
}

test('no browser is started before the first job', () => {
  assert.deepEqual([rendering.supervisor.state().pid, rendering.supervisor.state().starts], [undefined, 0]);
});

test('jobs given at once are done one after the other by one browser, which is replaced after its number of jobs', async () => {
  const groups = new Set<number>();
  let running = 0;
  const job = async () => {
    running += 1;
    assert.equal(running, 1);
    groups.add(await groupOf());
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
  };
  const jobs = Array.from({ length: 4 }, () => rendering.supervisor.run(job, { deadlineMs: 30_000 }));
  await Promise.all(jobs);
  assert.equal(rendering.supervisor.state().starts, 2);
  assert.equal(groups.size, 2);
  const [first] = groups;
  await until(async () => (await processesOf(first as number)).length === 0);
  assert.equal((await profiles()).length, 1);
});

test('a browser killed in the middle of a PDF fails that job, leaves nothing, and the next job succeeds', async () => {
  const { job } = await startSlowJob();
  const group = await groupOf();
  process.kill(group, 'SIGKILL');
  await assert.rejects(job, failing('crashed'));
  await assertNothingLeft(group);
  await assertNoFile();
  assert.equal((await rendering.render({ html })).pageCount, 1);
  assert.notEqual(await groupOf(), group);
});

test('a browser killed between two jobs is replaced without anybody noticing', async () => {
  await rendering.render({ html });
  process.kill(await groupOf(), 'SIGKILL');
  assert.equal((await rendering.render({ html })).pageCount, 1);
  assert.equal(rendering.supervisor.state().starts, 2);
});

test('a browser that stands still is killed at the deadline with all its processes, and the next job succeeds', async () => {
  await rendering.render({ html });
  const { job, finish } = await startSlowJob(8000);
  const group = await groupOf();
  process.kill(-group, 'SIGSTOP');
  finish();
  await assert.rejects(job, failing('deadline'));
  await assertNothingLeft(group);
  await assertNoFile({ but: ['1.pdf'] });
  assert.equal((await rendering.render({ html })).pageCount, 1);
});

test('a browser that stood still between two jobs is replaced', async () => {
  await rendering.render({ html });
  const group = await groupOf();
  process.kill(-group, 'SIGSTOP');
  assert.equal((await rendering.render({ html })).pageCount, 1);
  await until(async () => (await processesOf(group)).length === 0);
});

test('a browser that ignores being closed is killed with all its processes', async () => {
  await rendering.render({ html });
  const group = await groupOf();
  process.kill(-group, 'SIGSTOP');
  await rendering.supervisor.close();
  await assertNothingLeft(group);
});

test('closing fails the job under way and the jobs behind it, and leaves nothing', async () => {
  const { job } = await startSlowJob();
  const waiting = rendering.render({ html });
  const group = await groupOf();
  await Promise.all([
    rendering.supervisor.close(),
    assert.rejects(job, failing('closed')),
    assert.rejects(waiting, failing('closed')),
  ]);
  await assert.rejects(rendering.render({ html }), failing('closed'));
  await assertNothingLeft(group);
  await assertNoFile();
});

test('an image that cannot be read fails the job with that very error', async () => {
  const gone = new Error('the page was deleted');
  await assert.rejects(
    rendering.render({
      html: '<!doctype html><img src="https://paperlift.invalid/images/0">',
      images: [() => Promise.reject(gone)],
    }),
    gone,
  );
  await assertNoFile();
  assert.equal((await rendering.render({ html })).pageCount, 1);
});

test('a browser that does not start is an error that says so', async () => {
  const supervisor = createBrowserSupervisor({ findChromium: async () => ({ path: '/bin/false', env: {} }) });
  await assert.rejects(
    supervisor.run(async () => {}, { deadlineMs: 10_000 }),
    failing('no-browser'),
  );
  await supervisor.close();
  assert.deepEqual(await profiles(), []);
  await assert.rejects(findChromium({ path: '/nowhere/chromium' }), /CHROMIUM_PATH/);
});

test('the profiles of programs that were killed are removed, those of running programs stay', async () => {
  const abandoned = join(tmpdir(), 'paperlift-browser-4194305-abandoned');
  await mkdir(abandoned, { recursive: true });
  await writeFile(join(abandoned, 'file'), '');
  await rendering.render({ html });
  await removeAbandonedProfiles();
  assert.ok(!(await readdir(tmpdir())).includes('paperlift-browser-4194305-abandoned'));
  assert.equal((await profiles()).length, 1);
});

async function writeProgram(script: string) {
  const directory = await mkdtemp(join(tmpdir(), 'paperlift-no-sandbox-'));
  const path = join(directory, 'chromium');
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { path, env: {}, remove: () => rm(directory, { recursive: true }) };
}

test('where the platform lets a browser have no sandbox, as in most containers, it is started without one', async () => {
  const chromium = await findChromium({});
  const program = await writeProgram(`case "$*" in
  *--no-sandbox*) exec ${chromium.path} "$@" ;;
  *) echo "[1122/014844:ERROR:zygote_host_impl_linux.cc(130)] No usable sandbox! You can try using --no-sandbox." >&2; exit 1 ;;
esac`);
  const supervisor = createBrowserSupervisor({
    findChromium: async () => ({ path: program.path, env: chromium.env }),
    sandbox: true,
  });
  try {
    const version = await supervisor.run((browser) => browser.version(), { deadlineMs: 30_000 });
    assert.match(version, /Chrom/);
    assert.equal(supervisor.state().sandbox, false);
  } finally {
    await supervisor.close();
    await program.remove();
  }
  assert.deepEqual(await profiles(), []);
});

test('a pipe that is reset after its browser failed to start does not end the process', async () => {
  const program = await writeProgram('exit 1');
  const children: ChildProcess[] = [];
  const onChild = (message: unknown) => children.push((message as { process: ChildProcess }).process);
  subscribe('child_process', onChild);
  const supervisor = createBrowserSupervisor({
    findChromium: async () => ({ path: program.path, env: {} }),
    sandbox: false,
  });
  try {
    await assert.rejects(supervisor.run(() => Promise.resolve(), { deadlineMs: 30_000 }));
    // others start programs meanwhile
    const failed = children.filter(({ spawnfile }) => spawnfile === program.path);
    const pipes = failed.flatMap(({ stdio }) => stdio ?? []).flatMap((pipe) => pipe ?? []);
    assert.ok(pipes.length >= 2);
    for (const pipe of pipes) pipe.emit('error', new Error('read ECONNRESET')); // throws when nobody listens
  } finally {
    unsubscribe('child_process', onChild);
    await supervisor.close();
    await program.remove();
  }
});

test('a pipe that is reset while its browser starts does not end the process', async () => {
  const program = await writeProgram('exec sleep 30');
  const ending = new AbortController();
  const thrown: unknown[] = [];
  const resetPipes = (child: ChildProcess) => {
    for (const pipe of child.stdio) {
      try {
        pipe?.emit('error', new Error('read ECONNRESET'));
      } catch (error) {
        thrown.push(error);
      }
    }
    ending.abort(new Error('given up'));
  };
  const onChild = (message: unknown) => {
    const child = (message as { process: ChildProcess }).process;
    child.once('spawn', () => {
      if (child.spawnfile === program.path) setImmediate(resetPipes, child);
    });
  };
  subscribe('child_process', onChild);
  const supervisor = createBrowserSupervisor({
    findChromium: async () => ({ path: program.path, env: {} }),
    sandbox: false,
  });
  try {
    const job = { deadlineMs: 30_000, signal: ending.signal };
    await assert.rejects(
      supervisor.run(() => Promise.resolve(), job),
      /given up/,
    );
    assert.deepEqual(thrown, []);
  } finally {
    unsubscribe('child_process', onChild);
    await supervisor.close();
    await program.remove();
  }
});

test('only a browser that complains of its sandbox is started without one', async () => {
  const broken = await writeProgram('echo "error while loading shared libraries: libnss3.so" >&2; exit 127');
  const well = await writeProgram('echo "sandbox: not supported" >&2; exit 0');
  assert.equal(await lacksSandbox(broken), false);
  assert.equal(await lacksSandbox(well), false);
  const refused = await writeProgram(
    'echo "FATAL:zygote_host_impl_linux.cc Failed to move to new namespace: Operation not permitted" >&2; exit 1',
  );
  assert.equal(await lacksSandbox(refused), true);
  await refused.remove();
  const supervisor = createBrowserSupervisor({ findChromium: async () => broken, sandbox: true });
  await assert.rejects(
    supervisor.run(async () => {}, { deadlineMs: 10_000 }),
    failing('no-browser'),
  );
  assert.equal(supervisor.state().sandbox, true);
  await Promise.all([broken.remove(), well.remove(), supervisor.close()]);
});
