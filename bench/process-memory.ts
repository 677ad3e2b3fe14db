// Reads the memory of processes from proc(5).
import { readdirSync, readFileSync } from 'node:fs';

/** In MB of 2^20 bytes; 0 for a process that has ended. */
export function readResident(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readProcess(pid, 'status'))?.[1] ?? 0) / 1024;
}

/** The same, each shared page divided by the processes that share it, so that the figures of several processes add up. */
export function readProportional(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(readProcess(pid, 'smaps_rollup'))?.[1] ?? 0) / 1024;
}

export function findChildren(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter(
      (other) => other > 0 && readProcess(other, 'stat').split(') ').at(-1)?.split(' ')[1] === String(pid),
    );
}

/** Empty for a process that has ended. */
function readProcess(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
