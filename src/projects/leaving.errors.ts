import { PaperliftError } from '../errors.ts';

export function samePerson() {
  return new PaperliftError('conflict', {
    code: 'same-person',
    message: 'Everything already belongs to this person.',
    hint: 'Choose someone else.',
  });
}

export function underWay() {
  return new PaperliftError('conflict', {
    code: 'hand-over-under-way',
    message: 'This person’s projects are being handed over.',
    hint: 'Wait until it is done.',
  });
}
