import { type IncomingMessage, Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import dynalite from 'dynalite';
import { ensureTable } from './ensure-table.ts';
import { closeServer, listenWithin, loopback, onLoopback, type Reach } from './loopback.ts';

/**
 * Starts DynamoDB (dynalite) with its state in the directory, or in memory without one. Creates the table if missing.
 */
export async function startDatabase(options: {
  directory?: string | undefined;
  port: number;
  reach?: Reach;
  table: string;
}) {
  const server = dynalite({ ...(options.directory ? { path: options.directory } : {}), createTableMs: 0 });
  // dynalite rethrows a request's error, so a client that disconnects would end the process; its listener has run by
  // now, so this replaces it
  let inFlight = 0;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    request.removeAllListeners('error');
    request.on('error', () => {});
    inFlight += 1;
    response.once('close', () => {
      inFlight -= 1;
    });
  });
  const { reach = onLoopback } = options;
  const port = await listenWithin(reach, server, options.port);
  const ownEndpoint = `http://${loopback}:${port}`;
  await ensureTable(ownEndpoint, options.table);
  return {
    endpoint: `http://${reach.name}:${port}`,
    ownEndpoint,
    async stop() {
      // dynalite throws when its store is closed during a request, even of a client that left: an in-memory store
      // stays open, one on disk must be closed
      if (options.directory) {
        for (let waits = 0; inFlight > 0 && waits < 500; waits += 1) await delay(10);
        await delay(100);
      } else server.close = Server.prototype.close;
      await closeServer(server);
    },
  };
}
