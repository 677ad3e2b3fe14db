// Rules for every request.
import type { RequestHandler } from 'express';
import { PaperliftError } from '../errors.ts';

const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** Rejects TRACE, which would echo the request's headers, and all methods without routes. */
export const refuseOtherMethods: RequestHandler = (request, response, next) => {
  if (knownMethods.has(request.method)) return next();
  response.setHeader('Allow', [...knownMethods].join(', '));
  throw new PaperliftError('method-unknown', {
    code: 'method-not-allowed',
    message: 'This address doesn’t support this method.',
  });
};

/** The configuration decides whether requests came by https, not a header: cookies depend on it. */
export function setScheme(https: boolean): RequestHandler {
  return (request, _response, next) => {
    Object.defineProperty(request, 'secure', { value: https });
    next();
  };
}
