import { timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { PaperliftError } from '../errors.ts';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether the request carries its session's token, as a header or as the first field of its form. */
function hasCsrfToken(request: Request): boolean {
  const expected = request.session?.csrfToken;
  const given = request.get('x-csrf-token') ?? (request.body as { _csrf?: unknown } | undefined)?._csrf;
  if (!expected || typeof given !== 'string') return false;
  const [one, other] = [Buffer.from(expected), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Throws unless the request may change something: always by token, by cookie only with the session's CSRF token. */
export function assertNotForged(request: Request) {
  if (safeMethods.has(request.method) || request.signedInBy !== 'cookie' || hasCsrfToken(request)) return;
  throw new PaperliftError('forbidden', {
    code: 'csrf-token-missing',
    message: 'The form has expired, or the request didn’t come from a Paperlift page.',
    hint: 'Reload the page, then try again.',
  });
}

// for uploads the token may be a field of the form, which is not parsed yet: the upload checks it
const takesFiles = /^\/projects\/[^/]+\/pages(?:\/[^/]+\/image)?\/?$/i;

/** For every request that changes something. */
export const refuseForged: RequestHandler = (request, _response, next) => {
  if (!takesFiles.test(request.path) || !request.is('multipart/form-data')) assertNotForged(request);
  next();
};
