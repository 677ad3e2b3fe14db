import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export const loopback = '127.0.0.1';

/** The address on which stand-ins listen, and the host name by which others reach them. */
export interface Reach {
  host: string;
  name: string;
  /** Whether a free port may replace one that is in use. In a container no one would find it. */
  anyPort: boolean;
}

/** This machine only, the default outside containers. */
export const onLoopback: Reach = { host: loopback, name: loopback, anyPort: true };

/**
 * Listens on the preferred port (0: any), or on any free one when that is in use and may be replaced. Returns the
 * port.
 */
export async function listenWithin({ host, anyPort }: Reach, server: Server, preferredPort: number) {
  try {
    await listen(server, preferredPort, host);
  } catch (error) {
    const taken = ['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (!taken || !anyPort || preferredPort === 0) throw error;
    await listen(server, 0, host);
  }
  return (server.address() as AddressInfo).port;
}

/** Stops listening and closes open connections, so that no keep-alive connection blocks the process. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
