// With whom a project is shared, and whose it is. All within one organisation.
import type { AuditService } from '../audit/audit.service.ts';
import { notFound } from '../errors.ts';
import { organisationOf } from '../people/organisation.ts';
import type { MemberRole } from '../people/permissions.ts';
import type { PersonStore } from '../people/person.store.ts';
import { isBlocked, type Person } from '../people/person.ts';
import type { Policies } from '../people/policies.ts';
import type { ServiceAccountStore } from '../people/service-account.store.ts';
import { isServiceAccountId } from '../people/service-account.ts';
import type { TeamStore } from '../people/team.store.ts';
import { isTeamId } from '../people/team.ts';
import { reviewingRoles } from './assignment.ts';
import { aboutProject, type ProjectService } from './project.service.ts';
import type { ProjectStore } from './project.store.ts';
import type { Grantee, Project, ProjectMember } from './project.ts';
import { alreadyOwner, granteeUnknown, memberNotFound, tooManyMembers } from './sharing.errors.ts';

interface Dependencies {
  projects: Pick<ProjectService, 'read' | 'open' | 'view'>;
  store: Pick<
    ProjectStore,
    'find' | 'setMember' | 'removeMember' | 'dropRole' | 'changeOwner' | 'followOwner' | 'endHandOver'
  >;
  people: Pick<PersonStore, 'find' | 'list' | 'listByName'>;
  teams: Pick<TeamStore, 'find' | 'listByName'>;
  serviceAccounts: Pick<ServiceAccountStore, 'find' | 'listByName'>;
  policies: Policies;
  assignments: {
    /** Takes the pages of a project from someone who may no longer review them, or handed it over. */
    withdraw: (projectId: string, assigneeId: string) => Promise<void>;
  };
  texts: {
    /** Carries the postings of a project over to its new owner. */
    followOwner: (projectId: string) => Promise<void>;
  };
  audit: Pick<AuditService, 'recordChange'>;
  now: () => Date;
}

const idShape = /^[pts]-[\w-]{1,60}$/;
const suggestionsShown = 8;
/** By then a hand-over whose process ended is carried on by the sweeper. */
const handOverWithinMs = 60_000;

export function createSharingService(dependencies: Dependencies) {
  const { projects, store, people, teams, serviceAccounts, policies, assignments, texts, audit, now } =
    dependencies;

  /** Someone of the organisation. Others are as unknown as those who do not exist. */
  async function findGrantee(organisationId: string, id: string): Promise<Grantee> {
    if (!idShape.test(id)) throw granteeUnknown();
    if (isTeamId(id)) {
      const team = await teams.find(id);
      if (team?.organisationId === organisationId) return { id, kind: 'team', name: team.name };
    } else if (isServiceAccountId(id)) {
      const account = await serviceAccounts.find(id);
      if (account && !account.revokedAt && account.organisationId === organisationId)
        return { id, kind: 'service', name: account.name };
    } else {
      const person = await people.find(id);
      if (person && !isBlocked(person) && organisationOf(person) === organisationId)
        return { id, kind: 'person', name: person.name, email: person.email };
    }
    throw granteeUnknown();
  }

  /** Those of the organisation whose name or address begins so, without those that are known already. */
  async function findGrantees(organisationId: string, text: string, knownIds: string[]): Promise<Grantee[]> {
    const start = text.trim();
    if (start === '') return [];
    const [byName, byMail, ofTeams, machines] = await Promise.all([
      people.listByName(organisationId, start, suggestionsShown),
      people.list(organisationId, { mail: start }),
      teams.listByName(organisationId, start, suggestionsShown),
      serviceAccounts.listByName(organisationId, start, suggestionsShown),
    ]);
    const known = new Set(knownIds);
    const found: Grantee[] = [
      ...ofTeams.map(({ id, name }) => ({ id, kind: 'team' as const, name })),
      ...[...byName, ...byMail.items]
        .filter((person) => !isBlocked(person))
        .map(({ id, name, email }) => ({ id, kind: 'person' as const, name, email })),
      ...machines.map(({ id, name }) => ({ id, kind: 'service' as const, name })),
    ];
    return found.filter(({ id }) => !known.has(id) && known.add(id)).slice(0, suggestionsShown);
  }

  /** When this fails, the change stands: what is assigned to them counts for nothing, and the sweeper takes it away. */
  const withdraw = (projectId: string, assigneeId: string) =>
    assignments.withdraw(projectId, assigneeId).catch(() => {});

  /** Carries lists and search over to the project's owner. May be repeated. */
  async function finishHandOver(projectId: string) {
    const project = await store.find(projectId);
    if (!project) return;
    await store.followOwner(project);
    await texts.followOwner(projectId);
    await store.endHandOver(project);
  }

  /** Makes someone else the owner of a project, whoever asked. The caller has checked that they may. */
  async function giveTo(actor: Person, project: Project, owner: Grantee) {
    const detail = `${project.ownerName} → ${describe(owner)}`;
    const dueAt = new Date(now().getTime() + handOverWithinMs);
    const about = { ...aboutProject(actor, project), action: 'project.handed-over' as const, detail };
    await audit.recordChange(owner.kind === 'team' ? about : { ...about, personId: owner.id }, async () => {
      if (!(await store.changeOwner(project, owner, dueAt))) throw notFound('project');
    });
    await store.dropRole(project.id, owner.id); // an owner needs none
    await assignments.withdraw(project.id, project.ownerId);
  }

  return {
    finishHandOver,
    giveTo,
    findGrantee,
    findGrantees,

    /** The project with who sees it, for everyone who does. */
    viewMembers: (person: Person, projectId: string): Promise<Project> => projects.view(person, projectId),

    /** Throws what `share` and `handOver` throw for a person who may do neither. */
    assertMayManage: async (person: Person, projectId: string): Promise<void> => {
      await projects.open(person, projectId, 'manage');
    },

    /** Those of the organisation whose name or address begins so, without those who have the project already. */
    async suggest(person: Person, projectId: string, text: string): Promise<Grantee[]> {
      const project = await projects.open(person, projectId, 'manage');
      const known = [project.ownerId, ...(project.members ?? []).map(({ id }) => id)];
      return findGrantees(project.organisationId, text, known);
    },

    /** Shares the project with someone, or changes their role. Throws `grantee-unknown`, `already-owner`, `too-many-members`. */
    async share(person: Person, projectId: string, { id, role }: { id: string; role: MemberRole }) {
      const project = await projects.open(person, projectId, 'manage');
      const grantee = await findGrantee(project.organisationId, id);
      if (grantee.id === project.ownerId) throw alreadyOwner();
      const before = project.members?.find((member) => member.id === id);
      if (before?.role === role) return before;
      const member: ProjectMember = { ...grantee, role, since: before?.since ?? now().toISOString() };
      const detail = `${describe(grantee)}: ${before ? `${before.role} → ` : ''}${role}`;
      const about = { ...aboutProject(person, project), action: 'project.shared' as const, detail };
      return audit.recordChange(grantee.kind === 'team' ? about : { ...about, personId: id }, async () => {
        if (await store.setMember(projectId, member)) {
          if (before && !reviewingRoles.includes(role)) await withdraw(projectId, id);
          return member;
        }
        throw (await store.find(projectId)) ? tooManyMembers() : notFound('project');
      });
    },

    /** Takes a share back: anyone who may manage the project, and members who leave. Throws `member-not-found`. */
    async unshare(
      person: Person,
      projectId: string,
      memberId: string,
    ): Promise<{ member: ProjectMember; staysVisible: boolean }> {
      const isSelf = memberId === person.id;
      const project = isSelf
        ? await projects.read(person, projectId)
        : await projects.open(person, projectId, 'manage');
      const member = project.members?.find(({ id }) => id === memberId);
      if (!member) throw memberNotFound();
      const about = {
        ...aboutProject(person, project),
        action: 'project.unshared' as const,
        detail: `${describe(member)}: ${member.role}`,
      };
      await audit.recordChange(
        member.kind === 'team' ? about : { ...about, personId: memberId },
        async () => {
          await store.removeMember(projectId, memberId);
          await withdraw(projectId, memberId);
        },
      );
      const left = { ...project, members: project.members?.filter(({ id }) => id !== memberId) ?? [] };
      return { member, staysVisible: policies.mayInProject(person, 'view', left) };
    },

    /** Hands the project over. The owner until now stays as an editor, unless a team of theirs has it. */
    async handOver(person: Person, projectId: string, toId: string): Promise<Project> {
      const project = await projects.open(person, projectId, 'manage');
      if (toId === project.ownerId) throw alreadyOwner();
      const owner = await findGrantee(project.organisationId, toId);
      await giveTo(person, project, owner);
      const stays = project.ownerId === person.id && !person.teams.some(({ id }) => id === toId);
      if (stays) {
        const { id, name, email, scopes } = person;
        await store.setMember(projectId, {
          id,
          ...(scopes ? { kind: 'service', name } : { kind: 'person', name, email }),
          role: 'editor',
          since: now().toISOString(),
        });
      }
      await finishHandOver(projectId);
      return (await store.find(projectId)) ?? project;
    },

    /** What the person may do here, for pages that offer it. */
    mayManage: (person: Person, project: Project) => policies.mayInProject(person, 'manage', project),
  };
}

export type SharingService = ReturnType<typeof createSharingService>;

/** For the audit trail. */
function describe({ name, email, kind }: Pick<Grantee, 'name' | 'email' | 'kind'>): string {
  if (kind === 'team') return `team “${name}”`;
  if (kind === 'service') return `service account “${name}”`;
  return email ? `${name} (${email})` : name;
}
