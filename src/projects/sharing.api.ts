// Members of a project in the API.
import * as z from 'zod';
import { memberRoles } from '../people/permissions.ts';
import type { Project, ProjectMember } from './project.ts';

export const memberBody = z.strictObject({ role: z.enum(memberRoles) });

/** The id of a person, a team or a service account. */
export const granteeId = z
  .string()
  .regex(/^[pts]-[\w-]{1,60}$/, 'must be the id of a person, a team or a service account');

export const ownerBody = z.strictObject({ id: granteeId });

/** Words at the beginning of a name or an email address. */
export const granteeQuery = z.strictObject({
  q: z.string().max(200, 'must have 200 characters or fewer').default(''),
});

export const memberAnswer = z.strictObject({
  id: z.string(),
  kind: z.enum(['person', 'team', 'service']),
  name: z.string(),
  email: z.string().optional(),
  role: z.enum(memberRoles),
  /** When the project was first shared with them. */
  since: z.iso.datetime(),
});

export const memberListAnswer = z.strictObject({
  owner: z.strictObject({ id: z.string(), name: z.string() }),
  items: z.array(memberAnswer),
});

export const granteeListAnswer = z.strictObject({
  items: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.enum(['person', 'team', 'service']),
      name: z.string(),
      email: z.string().optional(),
    }),
  ),
});

export function toMemberAnswer(member: ProjectMember): z.infer<typeof memberAnswer> {
  const { id, kind, name, email, role, since } = member;
  return { id, kind, name, ...(email ? { email } : {}), role, since };
}

export function toMemberListAnswer(project: Project): z.infer<typeof memberListAnswer> {
  return {
    owner: { id: project.ownerId, name: project.ownerName },
    items: (project.members ?? []).map(toMemberAnswer),
  };
}
