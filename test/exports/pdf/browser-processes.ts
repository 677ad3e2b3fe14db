// What a browser leaves on the machine, as /proc and the temporary directory show it.
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** The running processes of a process group; zombies count unless they wait for the machine's first process. */
export async function processesOf(group: number): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    const stat = /^\d+$/.test(entry) ? await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '') : '';
    const [state, parent, processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(processGroup) === group && !(state === 'Z' && parent === '1')) found.push(Number(entry));
  }
  return found;
}

/** Our children that ended and were not waited for. */
export async function zombies(): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir('/proc')) {
    const stat = /^\d+$/.test(entry) ? await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '') : '';
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' && Number(parent) === process.pid) found.push(entry);
  }
  return found;
}

export async function profiles(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith(`paperlift-browser-${process.pid}-`));
}

/** Polls until the condition holds; fails after a minute, long after a busy machine would be done. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('timed out after a minute');
    await delay(10);
  }
}
