// What holds for every request, whatever it asks for.
import type { RequestHandler } from 'express';
import { PaperliftError } from '../errors.ts';

const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** No TRACE, which would answer with the request's own headers, and nothing else that no route is made for. */
export const refuseOtherMethods: RequestHandler = (request, response, next) => {
  if (knownMethods.has(request.method)) return next();
  response.setHeader('Allow', [...knownMethods].join(', '));
  throw new PaperliftError('method-unknown', {
    code: 'method-not-allowed',
    message: 'This address doesn’t support this method.',
  });
};

/** Whether a request came by https is what the configuration says, not what a header does: cookies hang on it. */
export function setScheme(https: boolean): RequestHandler {
  return (request, _response, next) => {
    Object.defineProperty(request, 'secure', { value: https });
    next();
  };
}
