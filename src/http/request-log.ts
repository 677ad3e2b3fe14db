import type { RequestHandler } from 'express';
import { ulid } from 'ulid';
import type { Logger } from '../runtime/logger.ts';

/** Gives each request an id, and logs it when it is answered. Leaves out the query, which may be private. */
export function logRequests(logger: Logger): RequestHandler {
  // the line's fields are fixed and none is secret: looking for secrets would take longer than the rest of it
  const lines = logger.child({}, { redact: [] });
  return (request, response, next) => {
    const startedAt = performance.now();
    // a request's id is not secret, and 16 calls for secure randomness cost more than a view
    request.id = ulid(Date.now(), Math.random);
    request.log = logger.child({ requestId: request.id });
    response.setHeader('X-Request-Id', request.id);
    response.on('close', () => {
      const { method, path, ip, person } = request;
      lines.info(
        {
          requestId: request.id,
          method,
          path,
          ip,
          personId: person?.id,
          status: response.statusCode,
          complete: response.writableFinished,
          ms: Math.round(performance.now() - startedAt),
        },
        'request',
      );
    });
    next();
  };
}
