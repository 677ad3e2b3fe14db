import type { RequestHandler } from 'express';
import { allowedMethods } from './allowed-methods.ts';
import { describeUnknown, invalidQuery } from './query.ts';

/** Refuses query parameters except for GET at these paths, whose routes read them. Throws `query-invalid`. */
export function refuseQueries({ except }: { except: RegExp }): RequestHandler {
  return (request, _response, next) => {
    const names = Object.keys(request.query);
    const mayHaveSome = request.method === 'GET' && except.test(request.path);
    if (names.length === 0 || mayHaveSome) return next();
    const allowed = allowedMethods(request.app.router, request.baseUrl + request.path);
    if (!allowed.includes(request.method)) return next(); // an unknown path or method is answered as such
    throw invalidQuery(describeUnknown(names));
  };
}
