import { createHash } from 'node:crypto';

/** What the identity provider calls its groups, and the Cognito group each leads to. What is not named here is dropped. */
export const groupTable: Record<string, string> = {
  'Paperlift Users': 'paperlift-users',
  'Paperlift Admins': 'paperlift-admins',
  'Paperlift Auditors': 'paperlift-auditors',
};

// A name with a comma in it, as directories give it, and one that the table does not know.
const allStaff = 'CN=All Staff, HQ,OU=Groups,DC=example,DC=com';

/** The people that the local identity provider and the local user pool know. */
export const localPeople = [
  describePerson('alice@example.com', 'Alice Archer', ['Paperlift Users', allStaff]),
  describePerson('bob@example.com', 'Bob Baker', ['Paperlift Users']),
  describePerson('carol@example.com', 'Carol Carpenter', ['Paperlift Admins', allStaff]),
  describePerson('erin@example.com', 'Erin Ellis', ['Paperlift Auditors']),
  describePerson('dave@example.com', 'Dave Draper', [allStaff]),
];

export type LocalPerson = ReturnType<typeof describePerson>;

function describePerson(email: string, name: string, providerGroups: string[]) {
  return {
    email,
    name,
    /** What the identity provider sends: names of its own. */
    providerGroups,
    /** The Cognito groups that the table makes of them. */
    groups: providerGroups.flatMap((group) => groupTable[group] ?? []),
    /** Opaque, and the same on every machine and after every restart. */
    nameId: `_${createHash('sha256').update(`paperlift local person ${email}`).digest('hex').slice(0, 32)}`,
  };
}
