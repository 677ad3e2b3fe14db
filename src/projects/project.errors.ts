import { PaperliftError, readOnly } from '../errors.ts';
import type { ProjectAction } from '../people/permissions.ts';
import type { Person } from '../people/person.ts';
import type { Policies } from '../people/policies.ts';
import type { Project } from './project.ts';

/** What a person who may view the project is told when they may not do more. */
export function refuse(policies: Policies, person: Person, action: ProjectAction, project: Project) {
  if (action !== 'manage' || !policies.mayInProject(person, 'edit', project)) return readOnly();
  return new PaperliftError('forbidden', {
    code: 'owner-only',
    message: 'Only the owner of this project can do this.',
    hint: 'Ask its owner or an administrator.',
  });
}

export function notInTeam() {
  return new PaperliftError('invalid', {
    code: 'team-unknown',
    message: 'You aren’t in that team.',
    hint: 'Choose one of your teams, or none.',
  });
}
