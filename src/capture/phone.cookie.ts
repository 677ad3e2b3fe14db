// What a phone shows instead of a session: a cookie of its own, which nothing but src/capture looks at.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';
import { PaperliftError } from '../errors.ts';
import { readCookie } from '../http/cookies.ts';

const cookieName = (secure: boolean) => (secure ? '__Host-paperlift-phone' : 'paperlift-phone');

/** No longer than its hour, and never sent from another site. */
const options = (secure: boolean) =>
  ({ path: '/', httpOnly: true, secure, sameSite: 'strict', maxAge: 60 * 60_000 }) as const;

export function givePhoneCookie(response: Response, secret: string, secure: boolean) {
  response.cookie(cookieName(secure), secret, options(secure));
}

export function clearPhoneCookie(response: Response, secure: boolean) {
  const { maxAge: _, ...rest } = options(secure);
  response.clearCookie(cookieName(secure), rest);
}

/** The phone's secret. A request without one gets an empty one, which no phone has. */
export function phoneSecretOf(request: Request, secure: boolean): string {
  return readCookie(request.headers.cookie, cookieName(secure)) ?? '';
}

/** Sent in a header with whatever changes something: only a page of ours can have read it. */
export const csrfTokenOf = (secret: string) =>
  createHash('sha256').update(`csrf ${secret}`).digest('base64url');

/** Throws `csrf-token-missing` unless the request carries the token of this phone. */
export function assertNotForgedByPhone(request: Request, secret: string) {
  const [given, expected] = [request.get('x-csrf-token') ?? '', csrfTokenOf(secret)].map((text) =>
    Buffer.from(text),
  ) as [Buffer, Buffer];
  if (given.length === expected.length && timingSafeEqual(given, expected)) return;
  throw new PaperliftError('forbidden', {
    code: 'csrf-token-missing',
    message: 'The request didn’t come from a Paperlift page.',
    hint: 'Reload the page, then try again.',
  });
}
