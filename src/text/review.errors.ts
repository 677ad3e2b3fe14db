// Why a change of a page's lines is refused.
import { PaperliftError } from '../errors.ts';

export function noSuchLine(lineId: string) {
  return new PaperliftError('invalid', {
    code: 'line-unknown',
    message: `The page has no line "${lineId}".`,
    hint: 'Use the line ids of the current page.',
  });
}

export function notAdded(lineId: string) {
  return new PaperliftError('invalid', {
    code: 'line-not-added',
    message: `The line "${lineId}" was detected, so its polygon can’t be changed.`,
    hint: 'Only lines added by hand can have their polygon changed.',
  });
}

export function noSuchWord(wordId: string) {
  return new PaperliftError('invalid', {
    code: 'word-unknown',
    message: `The page has no detected word "${wordId}".`,
    hint: 'Use the word ids of the current page.',
  });
}

export function uncheckedWords() {
  return new PaperliftError('conflict', {
    code: 'words-unchecked',
    message: 'Some words on this page are still unchecked.',
    hint: 'Check them, or confirm that the page is reviewed.',
  });
}

export function nothingToUndo() {
  return new PaperliftError('conflict', {
    code: 'nothing-to-undo',
    message: 'You have nothing to undo on this page.',
  });
}

export function undoneByOthers() {
  return new PaperliftError('conflict', {
    code: 'undo-overtaken',
    message: 'Your last change can’t be undone because someone else has changed the same thing since.',
    hint: 'Reload to see the page as it is now.',
  });
}

export function tooMuch() {
  return new PaperliftError('too-large', {
    code: 'review-too-large',
    message: 'This page has reached its limit for corrections.',
    hint: 'Restore some lines, or replace the image with a better one.',
  });
}
