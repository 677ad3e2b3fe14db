import { PaperliftError } from '../errors.ts';

export function personNotFound() {
  return new PaperliftError('not-found', {
    code: 'person-not-found',
    message: 'This person doesn’t exist.',
    hint: 'Check the address.',
  });
}

export function inactiveInDirectory() {
  return new PaperliftError('conflict', {
    code: 'inactive-in-directory',
    message: 'Your company’s directory has blocked this person’s access.',
    hint: 'Activate or assign them there; access is then restored.',
  });
}

export function sessionNotFound() {
  return new PaperliftError('not-found', {
    code: 'session-not-found',
    message: 'This session doesn’t exist or has already ended.',
    hint: 'Go back to your account.',
  });
}
