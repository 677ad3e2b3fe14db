// Paperlift's additions to Express's request.
import type { Request } from 'express';
import { PaperliftError } from '../errors.ts';
import type { Person } from '../people/person.ts';
import type { Logger } from '../runtime/logger.ts';

declare global {
  namespace Express {
    interface Request {
      /** Identifies this request in responses, logs and error pages. */
      id: string;
      log: Logger;
      person?: Person;
      /** A token is only sent where a program puts it. A cookie is sent automatically and needs the CSRF token. */
      signedInBy?: 'cookie' | 'token';
    }
  }
}

/** The signed-in person. Throws `not-signed-in`. */
export function personOf(request: Request): Person {
  if (request.person) return request.person;
  throw new PaperliftError('not-signed-in', {
    code: 'not-signed-in',
    message: 'You’re not signed in, or your session has ended.',
    hint: 'Sign in, then try again.',
  });
}
