// The only reader of the environment for the local stack.
import { resolve } from 'node:path';
import { z } from 'zod';
import { LocalStackError } from './data-directory.ts';

const environment = z.object({
  PORT: z.coerce.number().int().min(1).max(65535).default(3000),
  LOCAL_DATA_DIR: z.string().min(1).default('.local'),
  /** 2: a second company signs in here, too. */
  LOCAL_COMPANIES: z.coerce.number().int().min(1).max(2).default(1),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('warn'),
});

/** Parses the environment of `npm run local`. Throws LocalStackError that names the mistakes. */
export function loadLocalConfig() {
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new LocalStackError(`Invalid configuration:\n  ${mistakes.join('\n  ')}`);
  }
  // a person's own AWS profile, session or endpoint must not reach the stand-ins' clients, nor theirs reach AWS
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
  return {
    port: parsed.data.PORT,
    publicUrl: `http://localhost:${parsed.data.PORT}`,
    secondCompany: parsed.data.LOCAL_COMPANIES === 2,
    dataDirectory: resolve(parsed.data.LOCAL_DATA_DIR),
    /** The minimum level of the web's and the worker's log lines shown. */
    logLevel: parsed.data.LOG_LEVEL,
    /** npm ends without waiting for its command, and its shell passes no signals on. */
    endWithParent: process.env.npm_lifecycle_event !== undefined,
    inheritedEnvironment: Object.fromEntries(inherited),
  };
}

export type LocalConfig = ReturnType<typeof loadLocalConfig>;
