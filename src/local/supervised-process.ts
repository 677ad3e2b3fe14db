import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const followParent = new URL('./follow-parent.ts', import.meta.url).href;
const firstDelayMs = 250;
const longestDelayMs = 15_000;
// a little more than the 25 seconds within which a process promises to end
const timeoutMs = 27_000;

/**
 * Runs one of Paperlift's entry points and restarts it when it ends, after a delay that doubles while it keeps
 * failing.
 */
export function superviseProcess(options: {
  entryPoint: URL;
  env: Record<string, string | undefined>;
  onLine(line: string): void;
  onStart(pid: number): void;
  /** Called when it ended, with how; `again` is the delay of the restart in milliseconds. */
  onEnd(how: string, again: number): void;
}) {
  const stopping = new AbortController();
  let current: ChildProcess | undefined;
  const ended = keepRunning();

  return {
    /** Stops it, and kills it when it does not end in time. */
    async stop() {
      stopping.abort();
      if (isRunning(current)) current.kill('SIGTERM');
      const killing = setTimeout(() => killGroup(current), timeoutMs);
      await ended;
      clearTimeout(killing);
    },
    kill() {
      stopping.abort();
      if (isRunning(current)) killGroup(current);
    },
  };

  async function keepRunning(): Promise<void> {
    let delay = firstDelayMs;
    while (!stopping.signal.aborted) {
      const startedAt = Date.now();
      const how = await runOnce();
      if (stopping.signal.aborted) return;
      delay = Date.now() - startedAt > longestDelayMs ? firstDelayMs : delay;
      options.onEnd(how, delay);
      await wait(delay, undefined, { signal: stopping.signal }).catch(() => {});
      delay = Math.min(delay * 2, longestDelayMs);
    }
  }

  function runOnce(): Promise<string> {
    return new Promise((resolve) => {
      // a process group of its own: Ctrl-C reaches only the supervisor, which then ends each in turn
      const child = spawn(process.execPath, ['--import', followParent, fileURLToPath(options.entryPoint)], {
        env: options.env,
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: true,
      });
      current = child;
      child.stdin.on('error', () => {});
      createInterface({ input: child.stdout }).on('line', options.onLine);
      createInterface({ input: child.stderr }).on('line', options.onLine);
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => {
        // processes that it left behind, for example when killed, must not hold files or memory that its successor
        // needs
        killGroup(child);
        resolve(signal ? `was stopped by ${signal}` : `exited with code ${code}`);
      });
      if (child.pid) options.onStart(child.pid);
    });
  }
}

function isRunning(child: ChildProcess | undefined): child is ChildProcess {
  return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

function killGroup(leader: ChildProcess | undefined): void {
  if (!leader?.pid) return;
  try {
    process.kill(-leader.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
