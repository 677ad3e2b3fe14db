// Ties a sign-in under way to the browser that began it. The provider's answer is a cross-site POST, on which a Lax
// cookie does not travel: hence SameSite=None, except on plain http://localhost, where None needs Secure.
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

/** Gives the browser its cookie, keeping the one it has: several tabs may sign in at once. */
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

/** What is stored of the browser's cookie; a browser without one matches nothing. */
export function hashOfBrowser(request: Request): string {
  const secret = secretOf(request) ?? randomBytes(32).toString('base64url');
  return createHash('sha256').update(secret).digest('base64url');
}
