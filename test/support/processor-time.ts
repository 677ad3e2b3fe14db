/**
 * How many milliseconds of processor time this process spends while `run` runs, the least of several runs. Unlike the
 * time that passes, it is not longer on a busy machine.
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
