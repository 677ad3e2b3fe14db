import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A free port of the loopback address. It is below the ephemeral ports, which the system assigns to sockets without a port
 * and to outgoing connections, so it stays free until it is listened on.
 */
export async function findFreePort(): Promise<number> {
  const port = randomInt(20_000, 32_000);
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return findFreePort(); // it is taken
  }
  server.close();
  await once(server, 'close');
  return port;
}
