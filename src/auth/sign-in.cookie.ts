// Ties a sign-in under way to the browser that began it. The provider's answer is a cross-site POST, on which a Lax
// cookie does not travel: hence SameSite=None, except on plain http://localhost, where None needs Secure.
import { createHash, randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import { readCookie } from '../http/cookies.ts';
import { pendingRequestMs } from './saml.store.ts';

const cookieNames = ['__Host-paperlift-signin', 'paperlift-signin'] as const;

function secretOf(request: Request): string | undefined {
  for (const name of cookieNames) {
    const value = readCookie(request.headers.cookie, name);
    if (value && /^[\w-]{43}$/.test(value)) return value;
  }
  return undefined;
}

/** Gives the browser its cookie, keeping the one it has: several tabs may sign in at once. */
export function bindBrowser(request: Request, response: Response, secure: boolean) {
  const secret = secretOf(request) ?? randomBytes(32).toString('base64url');
  const name = secure ? cookieNames[0] : cookieNames[1];
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
