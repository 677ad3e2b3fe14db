// The local stack's own data on disk: its secrets, and which process runs where.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const secretsShape = z.object({ sessionSecret: z.string(), poolPassword: z.string() });
export type LocalSecrets = z.infer<typeof secretsShape>;

const runningShape = z.object({
  pid: z.number(),
  publicUrl: z.string(),
  database: z.object({ endpoint: z.string(), region: z.string(), table: z.string() }),
  userPool: z.object({ endpoint: z.string(), id: z.string(), clientId: z.string(), password: z.string() }),
  /** The process ids of web and worker, which change with a restart. */
  processes: z.record(z.string(), z.number()),
});
/** What other commands need to know about the running stack. */
export type RunningStack = z.infer<typeof runningShape>;

const lockShape = z.object({ pid: z.number(), startedAt: z.string().optional() });

/** An error whose message is for the person at the terminal. */
export class LocalStackError extends Error {
  override name = 'LocalStackError';
}

/** Writes a file that only its owner can read, atomically. */
export async function writeSecretly(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}.unfinished`;
  await writeFile(unfinished, content, { mode: 0o600 });
  await rename(unfinished, file);
}

/** The secrets of this data directory, created at the first start. */
export async function ensureSecrets(directory: string): Promise<LocalSecrets> {
  const file = join(directory, 'secrets.json');
  const existing = secretsShape.safeParse(await readJson(file));
  if (existing.success) return existing.data;
  const secrets = {
    sessionSecret: randomBytes(32).toString('base64url'),
    // Cognito's password policy requires one of each kind
    poolPassword: `Aa1!${randomBytes(18).toString('base64url')}`,
  };
  await writeSecretly(file, JSON.stringify(secrets));
  return secrets;
}

export async function writeRunning(directory: string, running: RunningStack): Promise<void> {
  await writeSecretly(join(directory, 'running.json'), JSON.stringify(running, null, 2));
}

export async function removeRunning(directory: string): Promise<void> {
  await rm(join(directory, 'running.json'), { force: true });
}

/** The stack that runs on this data directory; `undefined` when none does. */
export async function readRunning(directory: string): Promise<RunningStack | undefined> {
  const running = runningShape.safeParse(await readJson(join(directory, 'running.json')));
  return running.success && isAlive(running.data.pid) ? running.data : undefined;
}

/**
 * Locks the data directory for this process. Throws LocalStackError when another process has it. A dead process's lock
 * is replaced.
 */
export async function lockDataDirectory(directory: string): Promise<() => Promise<void>> {
  const file = join(directory, 'lock.json');
  // readable by its owner only: the user pool stores passwords in it
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const holder = lockShape.safeParse(await readJson(file)).data;
  if (holder && isAlive(holder.pid) && startTimeOf(holder.pid) === holder.startedAt) {
    throw new LocalStackError(
      `A local stack (process ${holder.pid}) is already running on ${directory}.\n` +
        'Use it, stop it, or set LOCAL_DATA_DIR to another directory.',
    );
  }
  await rm(file, { force: true });
  const lock = await open(file, 'wx', 0o600);
  await lock.writeFile(JSON.stringify({ pid: process.pid, startedAt: startTimeOf(process.pid) }));
  await lock.close();
  return () => rm(file, { force: true });
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whether the process exists and runs. */
export function isAlive(pid: number): boolean {
  // a zombie; containers without an init process keep them
  if (readStat(pid)?.[0] === 'Z') return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

// process ids are reused; together with its start time an id is unique
function startTimeOf(pid: number): string | undefined {
  return readStat(pid)?.[19];
}

// the fields after the command's name, starting with the state (proc(5)); Linux only
function readStat(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
  } catch {
    return undefined;
  }
}
