// Answers "may this person do this?" from the tables in permissions.ts. Services ask, so that no route can forget to.
import {
  type CustomRole,
  type MemberRole,
  type Permission,
  type ProjectAction,
  type Relation,
  type RoleId,
  relations,
  roles,
} from './permissions.ts';
import type { GroupNames, Person } from './person.ts';

/** What decides who may do what in a project. */
export interface Shared {
  organisationId: string;
  /** A person or a team. */
  ownerId: string;
  members?: readonly { id: string; role: MemberRole }[];
}

interface Given {
  groups: GroupNames;
  customRoles?: CustomRole[];
}

const strongest: readonly Relation[] = ['owner', 'editor', 'reviewer', 'viewer'];

/** The answers, with this deployment's names of groups and its organisations' own roles. */
export function createPolicies({ groups, customRoles = [] }: Given) {
  const rolesOf = (person: Person): { name: string; permissions: readonly Permission[] }[] => [
    ...(Object.keys(roles) as RoleId[])
      .filter((role) => person.groups.includes(groups[role]))
      .map((role) => roles[role]),
    ...customRoles.filter(
      ({ organisationId, group }) =>
        organisationId === person.organisationId && person.groups.includes(group),
    ),
  ];

  const may = (person: Person, permission: Permission): boolean =>
    person.scopes
      ? person.scopes.includes(permission)
      : rolesOf(person).some((role) => role.permissions.includes(permission));

  /** How the person stands to the project, by themselves or by a team; the strongest relation counts. */
  function relationTo(person: Person, { organisationId, ownerId, members = [] }: Shared) {
    if (organisationId !== person.organisationId) return undefined;
    const own = new Set([person.id, ...person.teams.map(({ id }) => id)]);
    if (own.has(ownerId)) return 'owner';
    const shared = new Set(members.filter(({ id }) => own.has(id)).map(({ role }) => role as Relation));
    return strongest.find((role) => shared.has(role));
  }

  /** Nothing reaches across organisations. */
  function mayInProject(person: Person, action: ProjectAction, project: Shared): boolean {
    if (project.organisationId !== person.organisationId) return false;
    if (may(person, 'projects.change-all')) return true;
    if (action === 'view' && may(person, 'projects.view-all')) return true;
    const relation = relationTo(person, project);
    return (
      relation !== undefined && may(person, 'projects.take-part') && relations[relation].includes(action)
    );
  }

  return {
    may,
    mayInProject,
    relationTo,
    /** Whether the project is the person's own, their team's or shared with them, whatever else they may see. */
    takesPart: (person: Person, project: Shared) =>
      may(person, 'projects.take-part') && relationTo(person, project) !== undefined,
    /** The names of a person's roles, for display. */
    rolesOf: (person: Person) => rolesOf(person).map(({ name }) => name),
    maySignIn: (person: Person) => rolesOf(person).length > 0,
  };
}

export type Policies = ReturnType<typeof createPolicies>;
