// Presents who is to review a project or a page, and whom it can be assigned to.
import { type FormattedTime, formatTime } from '../http/times.ts';
import { listAssignees } from './assignment.ts';
import type { Assignment, Project } from './project.ts';

export interface PresentedAssignment {
  id: string;
  name: string;
  /** Whether it is assigned to the viewer by name. */
  isYou: boolean;
  by: string;
  since: FormattedTime;
}

export function presentAssignment(
  { id, kind, name, by, since }: Assignment,
  { personId, now }: { personId: string; now: Date },
): PresentedAssignment {
  return {
    id,
    name: nameOf({ kind, name }),
    isYou: id === personId,
    by: by.id === personId ? 'you' : by.name,
    since: formatTime(since, now),
  };
}

/** The options of a form that assigns. */
export const presentAssignees = (project: Project, personId: string) =>
  listAssignees(project).map(({ id, kind, name }) => ({
    id,
    label: id === personId ? `${name} (you)` : nameOf({ kind, name }),
  }));

export const nameOf = ({ kind, name }: Pick<Assignment, 'kind' | 'name'>) =>
  kind === 'team' ? `${name} (team)` : name;
