import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below those that systems hand out by themselves (Linux from 32768 on): nobody gets one of these meanwhile by chance.
const lowest = 20_000;
const highest = 32_000;

/** A port of the loopback address for each of these, different ones, that nobody has at the moment. */
export async function reservePorts(wanted: number[]): Promise<Map<number, number>> {
  const ports = new Map<number, number>();
  for (const port of wanted) {
    let candidate = randomInt(lowest, highest);
    while ([...ports.values()].includes(candidate) || !(await isFree(candidate))) {
      candidate = randomInt(lowest, highest);
    }
    ports.set(port, candidate);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
