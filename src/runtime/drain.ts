// Ends a server without cutting off its requests. `server.close()` alone waits without limit for connections on which
// a request is being answered and for those that were opened in advance and never used.
// https://nodejs.org/api/http.html#serverclosecallback
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** For requests that are already on their way. */
const lateRequestsMs = 500;

/**
 * Call it before the server listens. The returned function accepts no more connections, gives requests in flight
 * `graceMs` milliseconds to finish, each answered with `Connection: close`, then closes their connections. Resolves
 * when none is left.
 */
export function createDrain(server: Server) {
  const answering = new Map<Socket, Set<ServerResponse>>();
  let isDraining = false;

  server.prependListener('connection', (socket) => {
    answering.set(socket, new Set());
    socket.once('close', () => answering.delete(socket));
  });

  server.prependListener('request', ({ socket }, response) => {
    const answers = answering.get(socket);
    answers?.add(response);
    if (isDraining) announceLastOccurrence(response);
    response.once('close', () => {
      answers?.delete(response);
      if (isDraining) setImmediate(closeUnused);
    });
  });

  function closeUnused() {
    for (const [socket, answers] of answering) if (answers.size === 0) socket.destroySoon();
  }

  return async (graceMs: number): Promise<void> => {
    isDraining = true;
    for (const answers of answering.values()) answers.forEach(announceLastOccurrence);
    const closed = new Promise((resolve) => server.close(resolve));
    const timers = [
      setTimeout(closeUnused, lateRequestsMs),
      setTimeout(() => server.closeAllConnections(), graceMs),
    ];
    await closed;
    for (const timer of timers) clearTimeout(timer);
  };
}

function announceLastOccurrence(response: ServerResponse) {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}
