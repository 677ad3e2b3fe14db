import { randomBytes } from 'node:crypto';
import type { Request } from 'express';
import session from 'express-session';
import type { Person } from '../auth/person.ts';
import type { Config } from '../config.ts';

declare module 'express-session' {
  interface SessionData {
    person: Person;
    csrfToken: string;
  }
}

/** Session cookies: `__Host-` and Secure, but on plain http://localhost. Only a sign-in makes a session. */
export function sessions({ config, store }: { config: Config; store: session.Store }) {
  return session({
    name: config.secureCookies ? '__Host-paperlift' : 'paperlift',
    secret: config.session.secret,
    store,
    resave: false,
    saveUninitialized: false,
    cookie: { path: '/', httpOnly: true, secure: config.secureCookies, sameSite: 'lax' },
  });
}

/** Begins a person's session under a new id; the old one, if any, is dead. */
export async function beginSession(request: Request, person: Person) {
  await inSession((done) => request.session.regenerate(done));
  request.session.person = person;
  request.session.csrfToken = randomBytes(32).toString('base64url');
  await inSession((done) => request.session.save(done));
}

export async function endSession(request: Request) {
  await inSession((done) => request.session.destroy(done));
}

function inSession(call: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())));
}
