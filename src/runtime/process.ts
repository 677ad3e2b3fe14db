// How a process of Paperlift's starts and ends.
import { ConfigError } from '../errors.ts';
import { endAtOnce } from './end-at-once.ts';
import type { Logger } from './logger.ts';

/** Orchestrators kill after 30 seconds (ECS's default); the process has ended by then by itself. */
const graceMs = 20_000;
const limitMs = 24_000;

/** Drains once at SIGTERM or SIGINT, then exits 0. A second signal changes nothing; the time limit does. */
export function drainOnSignal(logger: Logger, drain: (graceMs: number) => Promise<void>) {
  let draining = false;
  const begin = (signal: string) => {
    if (draining) return;
    draining = true;
    logger.info({ signal }, 'draining');
    setTimeout(() => {
      logger.warn('draining timed out');
      process.exit(0);
    }, limitMs).unref();
    drain(graceMs).then(
      () => process.exit(0),
      (error) => {
        logger.error({ err: error }, 'draining failed');
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, begin);
    process.off(signal, endAtOnce);
  }
}

/** Says why the process cannot start, without a stack where the configuration or a port is to blame. */
export function failToStart(error: unknown): never {
  const { code, message, stack } = error as NodeJS.ErrnoException;
  const isPlain = error instanceof ConfigError || code === 'EADDRINUSE' || code === 'EACCES';
  process.stderr.write(`${isPlain ? message : stack}\n`);
  process.exit(1);
}
