import { PaperliftError } from '../errors.ts';

/** A user pool has 1,000 clients by default, and revoked accounts stay in the list. */
export const maxInUse = 100;

export function nameTaken(name: string) {
  return new PaperliftError('conflict', {
    code: 'name-taken',
    message: `There is already a service account named “${name}”.`,
    hint: 'Use another name, or revoke that account first.',
  });
}

export function tooMany() {
  return new PaperliftError('conflict', {
    code: 'too-many-service-accounts',
    message: `Your organisation has ${maxInUse} service accounts, the most that it can have.`,
    hint: 'Revoke accounts that are no longer used.',
  });
}

export function notKnown() {
  return new PaperliftError('not-found', {
    code: 'service-account-not-found',
    message: 'This service account doesn’t exist.',
    hint: 'Go back to the list of service accounts.',
  });
}
