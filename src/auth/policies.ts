// Who may do what, by group alone. The one place to read it; services assert it, so that no route can forget it.
import type { GroupNames, Person } from './person.ts';

/** Answers questions about a person's groups, with this deployment's names for them. */
export function createPolicies(groups: GroupNames) {
  const isAdmin = (person: Person) => person.groups.includes(groups.admins);
  const isAuditor = (person: Person) => person.groups.includes(groups.auditors);
  const isUser = (person: Person) => person.groups.includes(groups.users);
  const owns = (person: Person, thing: { ownerId: string }) => thing.ownerId === person.id;

  return {
    isAdmin,

    /** A person's roles in words, for people. */
    rolesOf: (person: Person) => [
      ...(isAdmin(person) ? ['administrator'] : []),
      ...(isAuditor(person) ? ['auditor'] : []),
      ...(isUser(person) ? ['user'] : []),
    ],
    maySignIn: (person: Person) => isUser(person) || isAdmin(person) || isAuditor(person),
    mayCreateProject: (person: Person) => isUser(person) || isAdmin(person),
    mayListAllProjects: (person: Person) => isAdmin(person) || isAuditor(person),
    mayReadProject: (person: Person, project: { ownerId: string }) =>
      isAdmin(person) || isAuditor(person) || (isUser(person) && owns(person, project)),
    mayChangeProject: (person: Person, project: { ownerId: string }) =>
      isAdmin(person) || (isUser(person) && owns(person, project)),
  };
}

export type Policies = ReturnType<typeof createPolicies>;
