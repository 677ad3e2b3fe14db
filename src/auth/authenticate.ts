// Who is asking: the session's person for a browser, the token's person for a program.
import type { Request, RequestHandler } from 'express';
import { PaperliftError } from '../errors.ts';
import { personOf } from '../http/request.ts';
import type { TokenVerifier } from './token.verifier.ts';

/** For pages: the session of the cookie, if any. */
export const authenticateByCookie: RequestHandler = (request, _response, next) => {
  const person = request.session?.person;
  if (person) {
    request.person = person;
    request.signedInBy = 'cookie';
  }
  next();
};

/** For the API: a bearer token (RFC 6750) before the cookie. A token that is no good is refused, never passed over. */
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

/** Sends somebody who is not signed in to the sign-in, and back to this address afterwards. */
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

/** For the API: says 401 before anything is read of the request. */
export const requireApiSignIn: RequestHandler = (request, _response, next) => {
  personOf(request);
  next();
};
