/**
 * The milliseconds of processor time that this process uses for `run`, the minimum of several runs. Unlike elapsed time,
 * it does not grow on a busy machine.
 */
export async function leastProcessorMs(runs: number, run: () => unknown): Promise<number> {
  const spent: number[] = [];
  for (let count = 0; count < runs; count += 1) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    spent.push((user + system) / 1000);
  }
  return Math.min(...spent);
}
