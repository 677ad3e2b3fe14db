// The ways of running that need no image: web and worker as processes, and both as Lambda functions.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startFunction } from '../support/lambda/function.ts';
import { startLambdaFront } from '../support/lambda/http-front.ts';
import { startLambdaQueueFront } from '../support/lambda/queue-front.ts';

const { PATH, NODE_COMPILE_CACHE } = process.env;

const root = path.join(import.meta.dirname, '../..');

/** The environment that both get, and the port on which people reach the web. */
export interface Surroundings {
  env: Record<string, string>;
  port: number;
}

export async function startProcesses({ env, port }: Surroundings) {
  const children = ['src/server.ts', 'src/worker.ts'].map((entryPoint) =>
    startProcess(entryPoint, { ...env, PORT: String(port) }),
  );
  const stop = async () => {
    await Promise.all(children.map(end));
  };
  return readyOrStopped(port, stop, []);
}

function startProcess(entryPoint: string, env: Record<string, string>) {
  return spawn(process.execPath, [entryPoint], {
    cwd: root,
    env: { PATH, NODE_COMPILE_CACHE, LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function end(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

export async function startFunctions({ env, port }: Surroundings) {
  const front = await startLambdaFront({ httpPort: port });
  const queues = await startLambdaQueueFront({
    endpoint: env.SQS_ENDPOINT as string,
    queueUrls: [env.PAGES_QUEUE_URL as string, env.EXPORTS_QUEUE_URL as string],
    sweepEveryMs: 5000,
  });
  const start = (entryPoint: string, runtimeApi: string) =>
    startFunction({ module: path.join(root, entryPoint), runtimeApi, env: { LOG_LEVEL: 'warn', ...env } });
  const functions = [
    start('src/lambda.ts', front.runtimeApi),
    start('src/lambda.ts', front.runtimeApi),
    start('src/lambda-worker.ts', queues.runtimeApi),
    start('src/lambda-worker.ts', queues.runtimeApi),
  ];
  const stop = async () => {
    await Promise.all(functions.map((one) => one.stop()));
    await Promise.all([front.stop(), queues.stop()]);
  };
  return readyOrStopped(port, stop, [front.started, queues.started]);
}

async function readyOrStopped(port: number, stop: () => Promise<void>, started: Promise<void>[]) {
  try {
    await Promise.all([waitUntilReady(port), ...started]);
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function waitUntilReady(port: number) {
  const url = `http://127.0.0.1:${port}/health/ready`;
  const until = performance.now() + 30_000;
  for (;;) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
    if (answer?.ok) return;
    if (performance.now() > until) throw new Error(`Not ready in 30 s: ${answer?.status}`);
    await delay(50);
  }
}
