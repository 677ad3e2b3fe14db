// All permissions, by group alone. Services assert them, so that no route can forget to.
import type { GroupNames, Person } from './person.ts';

/**
 * The permissions of each role; anything not listed is denied. A person with several roles has the permissions of all.
 */
export const permissions = {
  users: ['projects.create', 'projects.read-own', 'projects.change-own'],
  auditors: ['projects.list-all', 'projects.read-all', 'trails.read'],
  admins: [
    'projects.create',
    'projects.list-all',
    'projects.read-all',
    'projects.change-all',
    'trails.read',
    'sign-ins.read', // the sign-in doctor: names and groups of people who were refused, too
    'settings.read',
    'people.sign-out',
  ],
} as const satisfies Record<keyof GroupNames, readonly string[]>;

type Role = keyof typeof permissions;
export type Permission = (typeof permissions)[Role][number];

const roleWords: Record<Role, string> = { admins: 'Administrator', auditors: 'Auditor', users: 'User' };

/** Answers questions about a person's permissions, using this deployment's group names. */
export function createPolicies(groups: GroupNames) {
  const rolesOf = (person: Person) =>
    (Object.keys(roleWords) as Role[]).filter((role) => person.groups.includes(groups[role]));
  const may = (person: Person, permission: Permission) =>
    rolesOf(person).some((role) => (permissions[role] as readonly Permission[]).includes(permission));
  const owns = (person: Person, thing: { ownerId: string }) => thing.ownerId === person.id;

  return {
    isAdmin: (person: Person) => person.groups.includes(groups.admins),

    /** The names of a person's roles, for display. */
    rolesOf: (person: Person) => rolesOf(person).map((role) => roleWords[role]),
    maySignIn: (person: Person) => rolesOf(person).length > 0,
    mayCreateProject: (person: Person) => may(person, 'projects.create'),
    mayListAllProjects: (person: Person) => may(person, 'projects.list-all'),
    mayReadProject: (person: Person, project: { ownerId: string }) =>
      may(person, 'projects.read-all') || (may(person, 'projects.read-own') && owns(person, project)),
    mayChangeProject: (person: Person, project: { ownerId: string }) =>
      may(person, 'projects.change-all') || (may(person, 'projects.change-own') && owns(person, project)),
    /** The audit trails of every project and person. */
    mayReadTrails: (person: Person) => may(person, 'trails.read'),
    maySeeSignIns: (person: Person) => may(person, 'sign-ins.read'),
    maySeeSettings: (person: Person) => may(person, 'settings.read'),
    maySignOutOthers: (person: Person) => may(person, 'people.sign-out'),
  };
}

export type Policies = ReturnType<typeof createPolicies>;
