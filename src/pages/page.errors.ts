import { PaperliftError } from '../errors.ts';

/** Another change came first. */
export function changedSince() {
  return new PaperliftError('conflict', {
    code: 'page-changed',
    message: 'The page is being processed, or someone else has changed it.',
    hint: 'Reload the page, then try again.',
  });
}

export function pageInFlight() {
  return new PaperliftError('conflict', {
    code: 'page-under-way',
    message: 'The page is being processed.',
    hint: 'Wait until it’s ready, then try again.',
  });
}

export function pageNotFailed() {
  return new PaperliftError('conflict', {
    code: 'page-not-failed',
    message: 'Only a failed page can be retried.',
    hint: 'Check the page: it is ready or being processed.',
  });
}
