import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A port of the loopback address that nobody has at the moment. It is below those which systems give to whoever asks for any,
 * or who connects to somewhere: by the time it is listened on, it is still nobody's.
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
