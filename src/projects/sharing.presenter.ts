// Presents who sees a project.
import { type MemberRole, memberRoles } from '../people/permissions.ts';
import type { Person } from '../people/person.ts';
import { projectUrl } from './project.presenter.ts';
import type { Grantee, Project } from './project.ts';

const roleWords: Record<MemberRole, { label: string; explanation: string }> = {
  viewer: { label: 'Viewer', explanation: 'views pages, text and exports' },
  reviewer: { label: 'Reviewer', explanation: 'also corrects text' },
  editor: { label: 'Editor', explanation: 'also changes pages and creates exports' },
};

const kindWords = { team: 'team', service: 'service account' };

/** What a name stands for. People have an email address. */
export const describeKind = ({ kind, email = '' }: { kind: Grantee['kind']; email?: string | undefined }) =>
  kind === 'person' ? email : kind === 'team' ? 'Team' : 'Service account';

interface SharingInput {
  project: Project;
  person: Person;
  mayManage: boolean;
  /** What was typed to find people, and what was found. */
  q?: string;
  found?: Grantee[];
  /** A member whom the project was just taken back from. */
  removed?: { id: string; role: MemberRole; name: string } | undefined;
  notice?: string | undefined;
}

/** The model of `projects/members`. */
export function presentSharing(input: SharingInput) {
  const { project, person, mayManage, q = '', found = [] } = input;
  const url = `${projectUrl(project)}/members`;
  const members = (project.members ?? []).map(({ id, kind, name, email, role }) => ({
    id,
    name,
    note: describeKind({ kind, email }),
    isYou: id === person.id,
    role,
    roleLabel: roleWords[role].label,
    roleUrl: `${url}/${id}`,
    removeUrl: `${url}/${id}/remove`,
  }));
  const ownTeams = person.teams.filter(({ id }) => id !== project.ownerId);
  return {
    project: { name: project.name, url: projectUrl(project) },
    url,
    owner: { name: project.ownerName, isYou: project.ownerId === person.id },
    members,
    mayManage,
    leaveUrl: members.find(({ isYou }) => isYou)?.removeUrl ?? '',
    roles: memberRoles.map((role) => ({ value: role, ...roleWords[role] })),
    q,
    found: found.map(({ id, kind, name, email }) => ({
      id,
      name,
      note: describeKind({ kind, email }),
    })),
    isNothingFound: q.trim() !== '' && found.length === 0,
    ownerUrl: `${projectUrl(project)}/owner`,
    newOwners: [
      ...(project.members ?? []).map(({ id, name, kind }) => ({
        id,
        label: kind === 'person' ? name : `${name} (${kindWords[kind]})`,
      })),
      ...ownTeams
        .filter(({ id }) => !project.members?.some((member) => member.id === id))
        .map(({ id, name }) => ({ id, label: `${name} (team)` })),
    ],
    removed: input.removed,
    notice: input.notice ?? '',
  };
}
