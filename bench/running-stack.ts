// Paperlift as `npm run local` starts it: stand-ins, web and worker in separate processes.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { readRunning } from '../src/local/data-directory.ts';
import { findFreePort } from '../test/support/free-port.ts';
import { waitFor } from '../test/support/wait.ts';

const root = join(import.meta.dirname, '..');
const startTimeoutMs = 150_000;

/** Starts it on a free port. Resolves once its pages can be opened. */
export async function startStack(dataDirectory: string, env: Record<string, string> = {}) {
  const port = await findFreePort();
  const startedAt = performance.now();
  const npm = spawn('npm', ['run', 'local'], {
    cwd: root,
    env: { ...process.env, ...env, LOCAL_DATA_DIR: dataDirectory, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => npm.once('exit', () => resolve()));
  let output = '';
  npm.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const ready = new Promise<void>((resolve) => {
    npm.stdout.on('data', (chunk) => {
      output += chunk;
      if (output.includes('Paperlift is ready at')) resolve();
    });
  });
  const failed = ended.then(() => {
    throw new Error(`npm run local ended:\n${output}`);
  });
  failed.catch(() => {});
  const late = AbortSignal.timeout(startTimeoutMs);
  const tooLate = new Promise<never>((_resolve, reject) => {
    late.addEventListener('abort', () => reject(new Error(`npm run local is not ready:\n${output}`)));
  });
  await Promise.race([ready, failed, tooLate]);
  const startSeconds = (performance.now() - startedAt) / 1000;
  const running = await waitFor('the process ids', async () => {
    const found = await readRunning(dataDirectory);
    return found?.processes.web && found.processes.worker ? found : undefined;
  });

  return {
    url: running.publicUrl,
    /** From the command to "ready". */
    startSeconds,
    webPid: running.processes.web as number,
    workerPid: running.processes.worker as number,
    /** Settings for calling the S3 stand-in. */
    s3: { endpoint: endpointOf(output, 'S3 and SQS'), bucket: 'paperlift' },
    /** Its output so far. */
    output: () => output,
    async stop() {
      process.kill(running.pid, 'SIGTERM');
      await ended;
    },
  };
}

export type RunningStack = Awaited<ReturnType<typeof startStack>>;

function endpointOf(welcome: string, name: string): string {
  const line = welcome.split('\n').find((candidate) => candidate.trim().startsWith(name));
  const endpoint = line?.trim().split(/\s+/).at(-1);
  if (!endpoint) throw new Error(`npm run local does not print the address of ${name}:\n${welcome}`);
  return endpoint;
}
