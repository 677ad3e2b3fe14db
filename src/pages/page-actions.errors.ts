import { PaperliftError } from '../errors.ts';

export function noneChosen() {
  return new PaperliftError('invalid', {
    code: 'no-page-chosen',
    message: 'No pages are selected.',
    hint: 'Select pages, then try again.',
  });
}

export function noAssignee() {
  return new PaperliftError('invalid', {
    code: 'no-assignee',
    message: 'No one is selected.',
    hint: 'Select a person or a team, then try again.',
  });
}

export function noPosition() {
  return new PaperliftError('invalid', {
    code: 'no-position',
    message: 'The position is missing or isn’t a number.',
    hint: 'Enter a position of 1 or higher.',
  });
}
