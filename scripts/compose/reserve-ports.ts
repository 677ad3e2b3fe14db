import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// below the ephemeral ports (Linux: from 32768), so that no other process gets one by chance
const lowest = 20_000;
const highest = 32_000;

/** A different free port of the loopback address for each of these. */
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
