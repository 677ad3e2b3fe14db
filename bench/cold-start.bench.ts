// Measures the web function's time from process start to first answer, and the memory of an idle web process.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { findFreePort } from '../test/support/free-port.ts';
import { startRuntimeApi } from '../test/support/lambda/runtime-api.ts';
import { waitFor } from '../test/support/wait.ts';
import { createRow, median } from './row.ts';
import type { RunningStack } from './running-stack.ts';
import type { Visitor } from './visitor.ts';

const rounds = 15;
const root = join(import.meta.dirname, '..');

interface Given {
  stack: RunningStack;
  visitor: Visitor;
  projectId: string;
  folder: string;
}

interface Start {
  /** From process start to the answer. */
  ms: number;
  /** Processor time of its threads meanwhile. */
  cpuMs: number;
}

/** Runs production's bundles, as functions and as a process, on the running stack's stand-ins. */
export async function measureColdStart({ stack, visitor, projectId, folder }: Given) {
  await promisify(execFile)(process.execPath, ['scripts/build.ts'], { cwd: root });
  const runtime = await bundle('test/support/lambda/function.process.ts', join(folder, 'runtime.mjs'));
  const bare = await bundle('bench/bare.function.ts', join(folder, 'bare.mjs'));
  const web = join(root, 'dist/lambda.mjs');
  const env = environmentOf(stack.webPid);
  const eventFor = (path: string) => buildEvent(path, visitor.headers.cookie);
  const kinds = {
    bare: () => startFunction({ runtime, module: bare, env, event: eventFor('/health/live') }),
    health: () => startFunction({ runtime, module: web, env, event: eventFor('/health/live') }),
    page: () => startFunction({ runtime, module: web, env, event: eventFor(`/projects/${projectId}`) }),
  };
  const nothing: number[] = [];
  const found = { bare: [] as Start[], health: [] as Start[], page: [] as Start[] };
  for (let round = 0; round <= rounds; round += 1) {
    const node = await timeEmptyProcess(env);
    for (const [name, start] of Object.entries(kinds)) {
      const one = await start();
      if (round > 0) found[name as keyof typeof found].push(one); // the first reads everything from the disk
    }
    if (round > 0) nothing.push(node);
  }
  const middle = (name: keyof typeof found, of: keyof Start) => median(found[name].map((one) => one[of]));
  const peers = `node -e 0: ${median(nothing).toFixed(0)} ms`;
  const beside = { what: 'bare Express function', value: middle('bare', 'ms'), unit: 'ms' };
  const note = (name: keyof typeof found) =>
    `from process start to answer, medians of ${rounds}; ${peers}; processor time ${middle(name, 'cpuMs').toFixed(0)} ms, the bare function’s ${middle('bare', 'cpuMs').toFixed(0)} ms`;
  return [
    createRow({
      id: 'cold-start-health',
      what: 'lambda-web cold start, health',
      value: middle('health', 'ms'),
      unit: 'ms',
      beside,
      target: { of: 'value', atMost: 260 },
      note: note('health'),
    }),
    createRow({
      id: 'cold-start-page',
      what: 'lambda-web cold start, project page',
      value: middle('page', 'ms'),
      unit: 'ms',
      beside,
      target: { of: 'value', atMost: 450 },
      note: note('page'),
    }),
    await measureIdleMemory({ env, visitor, projectId }),
  ];
}

async function measureIdleMemory(given: Pick<Given, 'visitor' | 'projectId'> & { env: NodeJS.ProcessEnv }) {
  const { env, visitor, projectId } = given;
  const port = await findFreePort();
  const web = spawn(process.execPath, ['dist/server.mjs'], {
    cwd: root,
    env: { ...env, PORT: String(port), HOST: '127.0.0.1' },
    stdio: 'ignore',
  });
  try {
    const url = `http://127.0.0.1:${port}`;
    await waitFor('the web', async () => (await fetch(`${url}/health/live`).catch(() => undefined)) && true);
    const paths = ['/health/ready', '/', `/projects/${projectId}`, '/api/v1/projects', '/account'];
    for (let round = 0; round < 5; round += 1) {
      for (const path of paths) {
        const response = await fetch(url + path, { headers: visitor.headers });
        if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
        await response.arrayBuffer();
      }
    }
    await delay(2000);
    return createRow({
      id: 'idle-memory',
      what: 'Web memory, idle',
      value: Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${web.pid}/status`, 'utf8'))?.[1]) / 1024,
      unit: 'MB',
      target: { of: 'value', atMost: 130 },
      note: `resident size of dist/server.mjs after ${5 * paths.length} requests`,
    });
  } finally {
    web.kill('SIGKILL');
    await once(web, 'exit');
  }
}

export async function bundle(source: string, outfile: string): Promise<string> {
  await build({
    absWorkingDir: root,
    entryPoints: [source],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    logLevel: 'warning',
    banner: {
      js: "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);",
    },
  });
  return outfile;
}

/** The process's initial environment (proc(5)). */
export function environmentOf(pid: number): NodeJS.ProcessEnv {
  const pairs = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
  const given = Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
  return { ...given, LOG_LEVEL: 'warn' };
}

async function timeEmptyProcess(env: NodeJS.ProcessEnv): Promise<number> {
  const startedAt = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { env, stdio: 'ignore' }), 'exit');
  return performance.now() - startedAt;
}

/** Starts the process with an event waiting for it, until it has answered. */
export async function startFunction(given: {
  runtime: string;
  module: string;
  env: NodeJS.ProcessEnv;
  event: object;
}): Promise<Start> {
  const { runtime, module, env, event } = given;
  const api = await startRuntimeApi();
  const answering = api.invoke(event);
  const startedAt = performance.now();
  const child = spawn(process.execPath, [runtime, module], {
    env: { ...env, AWS_LAMBDA_RUNTIME_API: api.address },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    const outcome = await answering;
    const ms = performance.now() - startedAt;
    const answer = 'payload' in outcome ? JSON.parse(outcome.payload.toString()) : outcome.error;
    if (answer.statusCode !== 200) throw new Error(`${module}: ${JSON.stringify(answer).slice(0, 1000)}`);
    return { ms, cpuMs: readCpuMs(child.pid as number) };
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
    await api.stop();
  }
}

/** Nanoseconds on a processor: the first number in each thread's schedstat (proc(5)). */
export function readCpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const read = (thread: string) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8');
  return threads.reduce((sum, thread) => sum + Number(read(thread).split(' ')[0]) / 1e6, 0);
}

export function buildEvent(path: string, cookie: string) {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    cookies: [cookie],
    headers: { host: 'localhost', accept: '*/*' },
    requestContext: {
      stage: '$default',
      http: { method: 'GET', path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'bench' },
    },
    isBase64Encoded: false,
  };
}
