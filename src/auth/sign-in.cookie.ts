// Binds a pending sign-in to its browser. The provider's response is a cross-site POST, with which a Lax cookie is not
// sent: hence SameSite=None, except on plain http://localhost, where None would need Secure.
import { createHash, randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import { readCookie } from '../http/cookies.ts';
import { pendingRequestMs } from './saml.store.ts';

// a sibling host can set a cookie without the prefix for this one (RFC 6265bis 4.1.3.2)
const cookieName = (secure: boolean) => (secure ? '__Host-paperlift-signin' : 'paperlift-signin');

function secretOf(request: Request): string | undefined {
  const value = readCookie(request.headers.cookie, cookieName(request.secure));
  return value && /^[\w-]{43}$/.test(value) ? value : undefined;
}

/** Sets the browser's cookie, or keeps it: several tabs may sign in at once. */
export function bindBrowser(request: Request, response: Response) {
  const { secure } = request;
  const secret = secretOf(request) ?? randomBytes(32).toString('base64url');
  const name = cookieName(secure);
  response.cookie(name, secret, {
    path: '/',
    httpOnly: true,
    secure,
    sameSite: secure ? 'none' : 'lax',
    maxAge: pendingRequestMs,
  });
  request.headers.cookie = `${name}=${secret}; ${request.headers.cookie ?? ''}`;
}

/** The stored form of the browser's cookie. A browser without one matches nothing. */
export function hashOfBrowser(request: Request): string {
  const secret = secretOf(request) ?? randomBytes(32).toString('base64url');
  return createHash('sha256').update(secret).digest('base64url');
}
