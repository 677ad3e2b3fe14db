// What the processor can do, as Linux tells it.
import { readFileSync } from 'node:fs';

/**
 * Whether sums of 8-bit products may overflow, so that the runtime has to be told to be exact: on x64 without VNNI. Its exact way takes
 * half as long again.
 */
export function sumsMayOverflow(arch: string = process.arch, cpuInfo = '/proc/cpuinfo'): boolean {
  if (arch !== 'x64') return false;
  try {
    return !/\bavx(512)?_vnni\b/.test(readFileSync(cpuInfo, 'latin1'));
  } catch {
    return true;
  }
}
