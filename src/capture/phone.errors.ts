import { PaperliftError } from '../errors.ts';

export function linkNotFound() {
  return new PaperliftError('not-found', {
    code: 'phone-link-not-found',
    message: 'This link doesn’t exist, or someone else created it.',
    hint: 'Select “Use your phone” on the project page.',
  });
}

export function linkOver() {
  return new PaperliftError('not-signed-in', {
    code: 'phone-link-over',
    message: 'This link was already used or has expired.',
    hint: 'On your computer, choose “Use your phone” again and scan the new code.',
  });
}

export function phoneSignedOut() {
  return new PaperliftError('not-signed-in', {
    code: 'phone-signed-out',
    message: 'This phone is signed out.',
    hint: 'On your computer, choose “Use your phone” again and scan the new code.',
  });
}
