// Starts a function's process: the module's `handler` under a small runtime of our own (function.process.ts).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

interface Options {
  /** `src/lambda.ts`, `dist/lambda.mjs`, … as a path. */
  module: string;
  /** The address from the front. */
  runtimeApi: string;
  env: Record<string, string | undefined>;
  /** Whether to drop its standard error. */
  quiet?: boolean;
}

/** One execution environment. Start several for several requests at a time. `lines` is what it logged. */
export function startFunction({ module, runtimeApi, env, quiet = false }: Options) {
  const runtime = new URL('./function.process.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [runtime, module], {
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      AWS_LAMBDA_FUNCTION_NAME: 'paperlift',
      ...env,
      AWS_LAMBDA_RUNTIME_API: runtimeApi,
    },
    stdio: ['ignore', 'pipe', quiet ? 'ignore' : 'inherit'],
    detached: true, // its own process group, which can be frozen
  });
  const ended = once(child, 'exit');
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));

  return {
    pid: child.pid as number,
    lines,
    ended,
    /** Freezes the function and its browser, as Lambda does between two invocations. */
    freeze: () => process.kill(-(child.pid as number), 'SIGSTOP'),
    thaw: () => {
      if (child.exitCode === null && child.signalCode === null)
        process.kill(-(child.pid as number), 'SIGCONT');
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await ended;
    },
  };
}

export type LambdaFunction = ReturnType<typeof startFunction>;
