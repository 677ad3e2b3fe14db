import { Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import dynalite from 'dynalite';
import { ensureTable } from './ensure-table.ts';
import { closeServer, listenWithin, loopback, onLoopback, type Reach } from './loopback.ts';

const maxStopMs = 10_000;

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
  const requests = trackRequests(server);
  const { reach = onLoopback } = options;
  const port = await listenWithin(reach, server, options.port);
  const ownEndpoint = `http://${loopback}:${port}`;
  await ensureTable(ownEndpoint, options.table);
  return {
    endpoint: `http://${reach.name}:${port}`,
    ownEndpoint,
    async stop() {
      // dynalite throws when its store is closed during a request: an in-memory store stays open, one on disk must be
      // closed
      if (options.directory) await requests.finish();
      else server.close = Server.prototype.close;
      await closeServer(server);
    },
  };
}

/** Counts the requests that dynalite works on. It finishes also those whose client has left. */
function trackRequests(server: Server) {
  const unfinished = new Set<ServerResponse>();
  let isStopping = false;
  const [handle] = server.listeners('request');
  server.removeAllListeners('request').on('request', (request, response) => {
    if (isStopping) return request.socket.destroy();
    unfinished.add(response);
    const { end } = response;
    response.end = (...given: unknown[]) => {
      unfinished.delete(response);
      return Reflect.apply(end, response, given);
    };
    handle?.(request, response);
    // dynalite rethrows a request's error, so a client that disconnects would end the process
    request.removeAllListeners('error').on('error', () => {});
    request.once('close', () => {
      if (!request.complete) unfinished.delete(response);
    });
  });
  return {
    /** Refuses further requests, and waits for the others. */
    async finish() {
      isStopping = true;
      const until = performance.now() + maxStopMs;
      while (unfinished.size > 0 && performance.now() < until) await delay(5);
    },
  };
}
