// Who is to review a project, or a page of it: the owner, or someone whom it is shared with as reviewer or editor.
import { type MemberRole, relations } from '../people/permissions.ts';
import { isServiceAccountId } from '../people/service-account.ts';
import { isTeamId } from '../people/team.ts';
import type { Assignment, Grantee, Project } from './project.ts';

type Shared = Pick<Project, 'ownerId' | 'members'>;

/** The roles in which someone can be assigned a review. */
export const reviewingRoles = (Object.keys(relations) as (MemberRole | 'owner')[]).filter(
  (role): role is MemberRole => role !== 'owner' && relations[role].includes('review'),
);

/** A program reviews nothing: it has no queue to look into. */
const mayReview = ({ id, role }: { id: string; role: MemberRole }) =>
  reviewingRoles.includes(role) && !isServiceAccountId(id);

/** Whom the project and its pages can be assigned to, the owner first. */
export function listAssignees({
  ownerId,
  ownerName,
  members = [],
}: Shared & Pick<Project, 'ownerName'>): Grantee[] {
  const owner: Grantee = { id: ownerId, kind: isTeamId(ownerId) ? 'team' : 'person', name: ownerName };
  return [...(isServiceAccountId(ownerId) ? [] : [owner]), ...members.filter(mayReview)];
}

export const isAssignable = ({ ownerId, members = [] }: Shared, id: string): boolean =>
  (id === ownerId && !isServiceAccountId(id)) ||
  members.some((member) => member.id === id && mayReview(member));

/** What holds for a page: its own assignment, else the project's. One to somebody who may no longer review counts for nothing. */
export function assignmentOf(
  project: Shared & Pick<Project, 'assignment'>,
  page: { assignment?: Assignment } = {},
): Assignment | undefined {
  return [page.assignment, project.assignment].find((given) => given && isAssignable(project, given.id));
}
