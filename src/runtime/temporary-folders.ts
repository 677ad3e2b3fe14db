// Folders for copies of documents. Their names identify machine and process, so that the next process removes what a
// killed one left behind.
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { hostname, tmpdir, uptime } from 'node:os';
import { join } from 'node:path';

const prefix = 'paperlift-work-';
/** Containers may share a directory, but have process ids of their own. */
const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
const ticksPerSecond = 100; // of /proc, on every Linux that Node supports

/** Creates an empty folder of this process. `kind` tells people who look at the directory what it holds. */
export function makeTemporaryFolder(kind: 'file' | 'export'): Promise<string> {
  return mkdtemp(join(tmpdir(), `${prefix}${machine}-${process.pid}-${kind}-`));
}

/** Removes the folders of this machine whose processes have ended. Never rejects. */
export async function removeAbandonedFolders(directory = tmpdir()): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  const removed: string[] = [];
  for (const name of names) {
    const [, owner] = new RegExp(`^${prefix}${machine}-(\\d+)-(?:file|export)-`).exec(name) ?? [];
    const folder = join(directory, name);
    if (owner === undefined || (await isOwned(folder, Number(owner)))) continue;
    await rm(folder, { recursive: true, force: true }).then(
      () => removed.push(name),
      () => {}, // owned by another user
    );
  }
  return removed;
}

/** Whether the process that made the folder still runs. A process that started later only has the same id. */
async function isOwned(folder: string, pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const [startedAt, made] = await Promise.all([startOf(pid), stat(folder).catch(() => undefined)]);
  return startedAt === undefined || made === undefined || made.mtimeMs >= startedAt - 2000;
}

/** Milliseconds since the epoch; `undefined` where there is no /proc. */
async function startOf(pid: number): Promise<number | undefined> {
  if (pid === process.pid) return Date.now() - process.uptime() * 1000;
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  const ticks = Number(line?.slice(line.lastIndexOf(')') + 2).split(' ')[19]); // proc(5), field 22
  return Number.isFinite(ticks) ? Date.now() - uptime() * 1000 + (ticks / ticksPerSecond) * 1000 : undefined;
}
