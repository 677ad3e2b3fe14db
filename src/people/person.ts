import { createHash } from 'node:crypto';
import { defaultOrganisationId } from './organisation.ts';
import type { Permission, RoleId } from './permissions.ts';
import type { Team } from './team.ts';

/** Someone signed in. `groups` are Cognito group names: roles come from nothing else. */
export interface Person {
  id: string;
  name: string;
  email: string;
  groups: string[];
  organisationId: string;
  teams: Team[];
  /** A service account has these instead of groups. */
  scopes?: Permission[];
}

/** This deployment's names of the groups that give roles. */
export type GroupNames = Record<RoleId, string>;

/** What is stored of a person: those who signed in before there were organisations and teams have neither. */
interface StoredPerson {
  id: string;
  name: string;
  email: string;
  groups?: string[];
  organisationId?: string;
  teams?: Team[];
}

/** The person that an item describes, as of their last sign-in. */
export function toPerson({ id, name, email, groups, organisationId, teams }: StoredPerson): Person {
  return {
    id,
    name,
    email,
    groups: groups ?? [],
    organisationId: organisationId ?? defaultOrganisationId,
    teams: teams ?? [],
  };
}

/**
 * A person's id, the same at every sign-in. Derived from the identity provider's entity id and the NameID, which are
 * unique together (saml-core 8.3.7), and never from a Cognito `sub`, which changes with the pool.
 */
export function personIdOf(issuer: string, nameId: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([issuer, nameId]))
    .digest('base64url');
  return `p-${digest.slice(0, 27)}`;
}

/** Whether an administrator or the company's directory has blocked access. */
export const isBlocked = (person: { disabledAt?: string; directoryBlockedAt?: string }): boolean =>
  Boolean(person.disabledAt || person.directoryBlockedAt);
