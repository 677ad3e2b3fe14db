import { PaperliftError } from '../errors.ts';

export function granteeUnknown() {
  return new PaperliftError('invalid', {
    code: 'grantee-unknown',
    message: 'This person, team or service account isn’t known in your organisation.',
    hint: 'People become known when they sign in for the first time, teams when one of their people does.',
  });
}

export function alreadyOwner() {
  return new PaperliftError('conflict', {
    code: 'already-owner',
    message: 'This project is already theirs.',
    hint: 'Choose someone else.',
  });
}

export function tooManyMembers() {
  return new PaperliftError('conflict', {
    code: 'too-many-members',
    message: 'A project can be shared with 100 people, teams and service accounts.',
    hint: 'Share it with a team, or take it back from someone.',
  });
}

export function memberNotFound() {
  return new PaperliftError('not-found', {
    code: 'member-not-found',
    message: 'The project isn’t shared with them.',
    hint: 'Reload the page.',
  });
}
