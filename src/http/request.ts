// What Paperlift adds to Express's request.
import type { Request } from 'express';
import { PaperliftError } from '../errors.ts';
import type { Person } from '../people/person.ts';
import type { Logger } from '../runtime/logger.ts';

declare global {
  namespace Express {
    interface Request {
      /** Names this request in answers, logs and error pages. */
      id: string;
      log: Logger;
      person?: Person;
      /** A token travels only where a program put it; a cookie travels by itself and needs the CSRF token beside it. */
      signedInBy?: 'cookie' | 'token';
    }
  }
}

/** The person signed in. Throws `not-signed-in`. */
export function personOf(request: Request): Person {
  if (request.person) return request.person;
  throw new PaperliftError('not-signed-in', {
    code: 'not-signed-in',
    message: 'You’re not signed in, or your session has ended.',
    hint: 'Sign in, then try again.',
  });
}
