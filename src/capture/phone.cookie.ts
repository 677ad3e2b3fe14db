// A phone has no session. It sends a cookie of its own, which only src/capture reads.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';
import { PaperliftError } from '../errors.ts';
import { readCookie } from '../http/cookies.ts';

const cookieName = (secure: boolean) => (secure ? '__Host-paperlift-phone' : 'paperlift-phone');

/** Expires with the phone's hour, and is never sent from another site. */
const options = (secure: boolean) =>
  ({ path: '/', httpOnly: true, secure, sameSite: 'strict', maxAge: 60 * 60_000 }) as const;

export function givePhoneCookie(response: Response, secret: string, secure: boolean) {
  response.cookie(cookieName(secure), secret, options(secure));
}

export function clearPhoneCookie(response: Response, secure: boolean) {
  const { maxAge: _, ...rest } = options(secure);
  response.clearCookie(cookieName(secure), rest);
}

/** The phone's secret. Without a cookie it is empty, which matches no phone. */
export function phoneSecretOf(request: Request, secure: boolean): string {
  return readCookie(request.headers.cookie, cookieName(secure)) ?? '';
}

/** Sent in a header with every change. Only a page of Paperlift's own can have read it. */
export const csrfTokenOf = (secret: string) =>
  createHash('sha256').update(`csrf ${secret}`).digest('base64url');

/** Throws `csrf-token-missing` unless the request carries this phone's token. */
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
