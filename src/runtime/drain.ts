// Ends a server without breaking off what it is doing. `server.close()` alone leaves connections open on which a request
// is answered while it closes, and those on which none ever came (browsers open some in advance), as long as the other
// side likes. https://nodejs.org/api/http.html#serverclosecallback
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** For a request that is on its way. */
const latecomersMs = 500;

/**
 * Call it before the server listens. The function it gives takes no more connections, lets requests under way be answered
 * for so many milliseconds, each with `Connection: close`, then cuts them off. Resolves when no connection is left.
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
      setTimeout(closeUnused, latecomersMs),
      setTimeout(() => server.closeAllConnections(), graceMs),
    ];
    await closed;
    for (const timer of timers) clearTimeout(timer);
  };
}

function announceLastOccurrence(response: ServerResponse) {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}
