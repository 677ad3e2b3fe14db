import { randomBytes } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import session from 'express-session';
import type { Config } from '../config/config.ts';
import { readCookie } from '../http/cookies.ts';
import { nameDevice } from '../http/device.ts';
import { type Person, toPerson } from '../people/person.ts';
import type { ProviderSession } from './person-sessions.store.ts';
import { unattended } from './session.store.ts';

declare module 'express-session' {
  interface SessionData {
    person: Person;
    csrfToken: string;
    /** The identity provider's id of this session, if it sent one. */
    provider?: ProviderSession;
    device?: string;
    /** Milliseconds since the epoch, as stored; missing while the session begins. */
    idleUntil?: number;
    endsAt?: number;
  }
}

const beginners = new WeakMap<object, string>();

/** Session cookies: `__Host-` and Secure, except on plain http://localhost. Only a sign-in creates a session. */
export function sessions({ config, store }: { config: Config; store: session.Store }) {
  return session({
    name: cookieName(config.secureCookies),
    secret: config.session.secret,
    store,
    resave: false,
    saveUninitialized: false,
    genid: (request) => `${randomBytes(24).toString('base64url')}.${beginners.get(request) ?? ''}`,
    cookie: { path: '/', httpOnly: true, secure: config.secureCookies, sameSite: 'lax' },
  });
}

/** Begins a person's session under a new id. The previous session ends. */
export async function beginSession(request: Request, person: Person, provider?: ProviderSession) {
  beginners.set(request, person.id);
  await inSession((done) => request.session.regenerate(done));
  request.session.person = toPerson(person);
  request.session.csrfToken = randomBytes(32).toString('base64url');
  request.session.device = nameDevice(request.get('user-agent'));
  if (provider) request.session.provider = provider;
  await inSession((done) => request.session.save(done));
}

/** For what an open page asks by itself every few seconds, which would otherwise keep its session from ending when idle. */
export const leaveIdle: RequestHandler = (request, _response, next) => {
  if (request.session) unattended.add(request.session);
  next();
};

export async function endSession(request: Request) {
  await inSession((done) => request.session.destroy(done));
}

/** Whether the browser sent a session cookie, valid or not. */
export function hasSessionCookie(request: Request, secure: boolean): boolean {
  return readCookie(request.headers.cookie, cookieName(secure)) !== undefined;
}

/**
 * Answers unmatched requests: 405 with `Allow` where a route handles another method at this path, else 404. Searches
 * the whole app; routers that are loaded on use are not visible there and pass themselves.
 */
export function clearSessionCookie(response: Response, secure: boolean) {
  response.clearCookie(cookieName(secure), { path: '/', secure, httpOnly: true, sameSite: 'lax' });
}

function cookieName(secure: boolean): string {
  return secure ? '__Host-paperlift' : 'paperlift';
}

function inSession(call: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())));
}
