// Identifies the caller: a browser by its session, a program by its token.
import type { Request, RequestHandler } from 'express';
import { PaperliftError } from '../errors.ts';
import { personOf } from '../http/request.ts';
import type { TokenVerifier } from './token.verifier.ts';

/** For pages: the cookie's session, if any. */
export const authenticateByCookie: RequestHandler = (request, _response, next) => {
  const person = request.session?.person;
  if (person) {
    request.person = person;
    request.signedInBy = 'cookie';
  }
  next();
};

/**
 * For the API: a bearer token (RFC 6750) takes precedence over the cookie. An invalid token is refused, never ignored.
 */
export function authenticateByToken(tokens: TokenVerifier | undefined): RequestHandler {
  return async (request, _response, next) => {
    const token = bearerToken(request);
    if (token === undefined) return next();
    if (!tokens) {
      throw new PaperliftError('not-signed-in', {
        code: 'tokens-not-accepted',
        message: 'Tokens are not accepted: no user pool is configured.',
        hint: 'Sign in in a browser instead.',
      });
    }
    request.person = await tokens.verify(token);
    request.signedInBy = 'token';
    next();
  };
}

function bearerToken(request: Request): string | undefined {
  const [scheme, token] = (request.get('authorization') ?? '').split(/ +/, 2);
  return scheme?.toLowerCase() === 'bearer' ? (token ?? '') : undefined;
}

/** Redirects to the sign-in, and back to this URL afterwards. */
export const requireSignIn: RequestHandler = (request, response, next) => {
  if (request.person) return next();
  if (request.method !== 'GET' || request.get('hx-request')) {
    throw new PaperliftError('not-signed-in', {
      code: 'not-signed-in',
      message: 'Your session has ended.',
      hint: 'Sign in again, then repeat your last step.',
    });
  }
  response.redirect(303, `/auth/login?returnTo=${encodeURIComponent(request.originalUrl)}`);
};

/** For the API: answers 401 before the body is read. */
export const requireApiSignIn: RequestHandler = (request, _response, next) => {
  personOf(request);
  next();
};
