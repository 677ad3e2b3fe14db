import type { RequestHandler } from 'express';
import { ulid } from 'ulid';
import type { Logger } from '../runtime/logger.ts';

/** Gives each request an id and a log line when it is answered. No query: it may hold what is nobody's business. */
export function logRequests(logger: Logger): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    // A request's id is no secret, and sixteen calls for secure randomness cost more than a view.
    request.id = ulid(Date.now(), Math.random);
    request.log = logger.child({ requestId: request.id });
    response.setHeader('X-Request-Id', request.id);
    response.on('close', () => {
      const { method, path, ip, person } = request;
      request.log.info(
        {
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
