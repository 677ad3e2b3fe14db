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

/** Processing the page again would discard what people made of its text. */
export function correctionsWouldBeLost() {
  return new PaperliftError('conflict', {
    code: 'corrections-would-be-lost',
    message:
      'The page has corrections or is marked as reviewed. They are lost when its text is detected again.',
    hint: 'To discard them, open the page and confirm it there. In the API, set discardCorrections.',
  });
}

export function noOwnText() {
  return new PaperliftError('conflict', {
    code: 'no-own-text',
    message: 'The page has no text of its own: it isn’t from a PDF with text, or that PDF is gone.',
    hint: 'Keep the text that was read from its image.',
  });
}

export function pageNotFailed() {
  return new PaperliftError('conflict', {
    code: 'page-not-failed',
    message: 'Only a failed page can be retried.',
    hint: 'Check the page: it is ready or being processed. To detect a ready page’s text again, choose its languages.',
  });
}

export function noTilt() {
  return new PaperliftError('conflict', {
    code: 'no-tilt',
    message: 'No tilt to straighten was found on this page.',
    hint: 'Pages can be straightened when their lines are tilted by 0.3 to 15 degrees.',
  });
}
