import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import pino from 'pino';
import { LocalStackError, lockDataDirectory, removeRunning, writeRunning } from './data-directory.ts';
import type { LocalConfig } from './local.config.ts';
import { presentLogLine } from './log-line.presenter.ts';
import { loopback } from './loopback.ts';
import { startStandIns } from './stand-ins.ts';
import { superviseProcess } from './supervised-process.ts';

const readyWithinMs = 90_000;
/** Where `.env.example` puts a web process started by hand, beside the stack's own. */
const startedByHand = 'http://localhost:3001';

/** The start was stopped before it finished. */
export class StoppedWhileStarting extends LocalStackError {
  override name = 'StoppedWhileStarting';
}

const paperlift = {
  web: new URL('../server.ts', import.meta.url),
  worker: new URL('../worker.ts', import.meta.url),
};

type Supervised = ReturnType<typeof superviseProcess>;

/**
 * The local stack: the stand-ins in this process, web and worker in one each. The web process listens on
 * `config.port`.
 */
export function createLocalStack({
  config,
  print,
  entryPoints = paperlift,
  textract,
}: {
  config: LocalConfig;
  print: (line: string) => void;
  entryPoints?: Record<string, URL>;
  /** False when the entry points need no text detector. */
  textract?: boolean;
}) {
  const undo: (() => Promise<void>)[] = [];
  const supervised: Supervised[] = [];
  const stopping = new AbortController();
  let starting: Promise<unknown> = Promise.resolve();
  let stopped: Promise<void> | undefined;
  let ready = false;
  let recording: Promise<void> = Promise.resolve();

  return {
    /** Starts everything. Resolves when pages can be opened; otherwise throws LocalStackError with a remedy. */
    start() {
      const start = startAll();
      starting = start.catch(() => {});
      return start;
    },
    /** Stops everything in order, even during the start. */
    stop() {
      stopped ??= stopAll();
      return stopped;
    },
    /** Kills web and worker. */
    kill() {
      for (const one of supervised) one.kill();
    },
  };

  async function stopAll(): Promise<void> {
    stopping.abort(new StoppedWhileStarting('Stopped while starting.'));
    await Promise.all(supervised.map((one) => one.stop()));
    await starting;
    for (const step of undo.splice(0).reverse()) await step();
  }

  async function startAll() {
    undo.push(await lockDataDirectory(config.dataDirectory));
    await assertPortIsFree(config.port);
    const standIns = await startStandIns({
      dataDirectory: config.dataDirectory,
      ports: 'fixed-if-free',
      publicUrl: config.publicUrl,
      secondCompany: config.secondCompany,
      textract,
      textractLogger: pino({ level: config.logLevel }, { write: (line) => show('textract', line) }),
      otherPublicUrls: config.publicUrl === startedByHand ? [] : [startedByHand],
    });
    undo.push(standIns.stop);
    stopping.signal.throwIfAborted();
    const processes = startProcesses(standIns);
    undo.push(async () => {
      await recording;
      await removeRunning(config.dataDirectory);
    });
    await Promise.race([waitUntilReady(), processes.failedAtStart]);
    ready = true;
    return { publicUrl: config.publicUrl, people: standIns.people, endpoints: standIns.endpoints };
  }

  function show(source: string, line: string): void {
    const shown = presentLogLine(source, line, config.logLevel);
    if (shown) print(shown);
  }

  function startProcesses(standIns: Awaited<ReturnType<typeof startStandIns>>) {
    const env = { ...config.inheritedEnvironment, ...standIns.env };
    const processes: Record<string, number> = {};
    const failure = Promise.withResolvers<never>();
    for (const [name, entryPoint] of Object.entries(entryPoints)) {
      const one = superviseProcess({
        entryPoint,
        env: name === 'worker' ? { ...env, ...besideWeb(env.METRICS_PORT) } : env,
        onLine: (line) => show(name, line),
        onStart: (pid) => {
          processes[name] = pid;
          recordRunning();
        },
        onEnd: (how, again) => {
          if (!ready)
            failure.reject(new LocalStackError(`The ${name} process ${how} while it was starting.`));
          else print(`The ${name} process ${how}; restarting in ${again / 1000} s.`);
        },
      });
      supervised.push(one);
    }
    failure.promise.catch(() => {});
    return { failedAtStart: failure.promise };

    function recordRunning() {
      const { database, userPool } = standIns;
      recording = recording
        .then(() =>
          writeRunning(config.dataDirectory, {
            pid: process.pid,
            publicUrl: config.publicUrl,
            database,
            userPool,
            processes: { ...processes },
          }),
        )
        .catch((error) => print(`Could not write running.json: ${error.message}`));
    }
  }

  async function waitUntilReady(): Promise<void> {
    const url = `http://${loopback}:${config.port}/health/ready`;
    const deadline = Date.now() + readyWithinMs;
    let last = 'no response';
    while (Date.now() < deadline) {
      stopping.signal.throwIfAborted();
      try {
        const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
        if (response.ok) return;
        last = `status ${response.status}: ${(await response.text()).slice(0, 500)}`;
      } catch (error) {
        last = (error as Error).message;
      }
      await wait(50);
    }
    throw new LocalStackError(`Paperlift was not ready within ${readyWithinMs / 1000} s (${last}).`);
  }
}

/** The worker's metrics are on the port after the web's. */
function besideWeb(port: string | undefined): { METRICS_PORT?: string } {
  return port ? { METRICS_PORT: String(Number(port) + 1) } : {};
}

/** Throws LocalStackError when the port is in use, at either address of `localhost`. */
async function assertPortIsFree(port: number): Promise<void> {
  for (const host of [loopback, '::1']) {
    const code = await tryPort(port, host);
    if (code === 'EADDRINUSE') {
      throw new LocalStackError(
        `Port ${port} is in use by another program.\nStop that program, or use another port: PORT=${port + 1} npm run local`,
      );
    }
    if (code === 'EACCES') {
      throw new LocalStackError(
        `You do not have permission to use port ${port}. Use a port above 1023: PORT=3000 npm run local`,
      );
    }
  }
}

function tryPort(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}
