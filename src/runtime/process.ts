// How a Paperlift process starts and ends.
import { ConfigError } from '../errors.ts';
import { endAtOnce } from './end-at-once.ts';
import type { Logger } from './logger.ts';

/** Orchestrators kill a process after 30 seconds (the default of ECS). Draining ends before that. */
const graceMs = 20_000;
const limitMs = 24_000;
/** For the last spans, after everything else ended. */
export const flushMs = 2000;

/**
 * Drains at the first SIGTERM or SIGINT, then exits with 0. Further signals are ignored. A timeout ends a drain that
 * hangs.
 */
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

/** Reports why the process cannot start; without a stack when the configuration or the port is at fault. */
export function failToStart(error: unknown): never {
  const { code, message, stack } = error as NodeJS.ErrnoException;
  const isPlain = error instanceof ConfigError || code === 'EADDRINUSE' || code === 'EACCES';
  process.stderr.write(`${isPlain ? message : stack}\n`);
  process.exit(1);
}
