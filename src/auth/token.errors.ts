import { PaperliftError } from '../errors.ts';
import type { Person } from '../people/person.ts';

export function refused(message: string, cause: unknown) {
  return new PaperliftError('not-signed-in', {
    code: 'token-invalid',
    message,
    hint: 'Request a new token for this user pool and client.',
    cause,
  });
}

export function noScope(scope: unknown) {
  return new PaperliftError('forbidden', {
    code: 'no-access',
    message: 'The token has none of its service account’s scopes.',
    hint: 'Request a token with a scope that the service account has.',
    cause: new Error(`scope: ${scope}`),
  });
}

export function noAccess(person: Person) {
  return new PaperliftError('forbidden', {
    code: 'no-access',
    message: 'None of the token’s groups that its user is still in has access to Paperlift.',
    hint: 'Ask your IT service desk for access, then request a new token.',
    cause: new Error(`groups: ${person.groups.join(', ')}`),
  });
}
