// What the local stack keeps on disk besides the stand-ins' own state: its secrets, who is running, and where.
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
  /** The process ids of web and worker; they change when one is started anew. */
  processes: z.record(z.string(), z.number()),
});
/** What other commands need to know of the running stack. */
export type RunningStack = z.infer<typeof runningShape>;

const lockShape = z.object({ pid: z.number(), startedAt: z.string().optional() });

/** Thrown with a message for the person at the terminal. */
export class LocalStackError extends Error {
  override name = 'LocalStackError';
}

/** Writes a file that only its owner can read, whole or not at all. */
export async function writeSecretly(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}.unfinished`;
  await writeFile(unfinished, content, { mode: 0o600 });
  await rename(unfinished, file);
}

/** The secrets of this data directory, made at the first start. */
export async function ensureSecrets(directory: string): Promise<LocalSecrets> {
  const file = join(directory, 'secrets.json');
  const existing = secretsShape.safeParse(await readJson(file));
  if (existing.success) return existing.data;
  const secrets = {
    sessionSecret: randomBytes(32).toString('base64url'),
    // Cognito's password policy wants one of each kind.
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

/** The stack that runs on this data directory, or undefined when none does. */
export async function readRunning(directory: string): Promise<RunningStack | undefined> {
  const running = runningShape.safeParse(await readJson(join(directory, 'running.json')));
  return running.success && isAlive(running.data.pid) ? running.data : undefined;
}

/** Takes the data directory for this process. Throws LocalStackError when another has it; a dead one's lock is taken over. */
export async function lockDataDirectory(directory: string): Promise<() => Promise<void>> {
  const file = join(directory, 'lock.json');
  // Its owner's alone: the user pool keeps passwords in it.
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

/** Whether there is such a process, and it runs. */
export function isAlive(pid: number): boolean {
  // Dead, and only not yet collected by its parent: containers without an init process keep such for ever.
  if (readStat(pid)?.[0] === 'Z') return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

// A process id is used again some day; with its start time it is not.
function startTimeOf(pid: number): string | undefined {
  return readStat(pid)?.[19];
}

// The fields behind the command's name, from the state on (proc(5)). Only Linux tells them.
function readStat(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
  } catch {
    return undefined;
  }
}
