import { createHash } from 'node:crypto';
import { teamPrefix } from '../people/team.ts';

/** Maps the identity provider's groups to Cognito groups and to teams. Others are dropped. */
export const groupTable: Record<string, string> = {
  'Paperlift Users': 'paperlift-users',
  'Paperlift Admins': 'paperlift-admins',
  'Paperlift Auditors': 'paperlift-auditors',
  'Paperlift Records': 'paperlift-records',
  Finance: 'team:Finance',
};

// a name with a comma, as directories use, and one that the table does not know
const allStaff = 'CN=All Staff, HQ,OU=Groups,DC=example,DC=com';

/** The people in the local identity provider and the local user pool. */
export const localPeople = [
  describePerson('alice@example.com', 'Alice Archer', ['Paperlift Users', 'Finance', allStaff]),
  describePerson('bob@example.com', 'Bob Baker', ['Paperlift Users', 'Finance']),
  describePerson('carol@example.com', 'Carol Carpenter', ['Paperlift Admins', allStaff]),
  describePerson('erin@example.com', 'Erin Ellis', ['Paperlift Auditors']),
  describePerson('rita@example.com', 'Rita Romero', ['Paperlift Records']),
  describePerson('dave@example.com', 'Dave Draper', [allStaff]),
];

export type LocalPerson = ReturnType<typeof describePerson>;

export function describePerson(email: string, name: string, providerGroups: string[]) {
  const targets = providerGroups.flatMap((group) => groupTable[group] ?? []);
  return {
    email,
    name,
    /** The provider's own group names. */
    providerGroups,
    /** The Cognito groups that the table maps them to. */
    groups: targets.filter((to) => !to.startsWith(teamPrefix)),
    /** The names of the teams. */
    teams: targets.filter((to) => to.startsWith(teamPrefix)).map((to) => to.slice(teamPrefix.length)),
    /** Opaque, and the same on every machine and after every restart. */
    nameId: `_${createHash('sha256').update(`paperlift local person ${email}`).digest('hex').slice(0, 32)}`,
  };
}
