import { createHash } from 'node:crypto';
import type { Permission } from './permissions.ts';
import type { Person } from './person.ts';

/** A program that acts under its own name, with scopes instead of groups. It signs in at the user pool, never in a browser. */
export interface ServiceAccount {
  id: string;
  name: string;
  organisationId: string;
  /** The user pool's app client whose tokens act as this account. */
  clientId: string;
  scopes: Permission[];
  /** ISO 8601, as are the other times. */
  createdAt: string;
  createdBy: string;
  createdByName: string;
  lastUsedAt?: string;
  revokedAt?: string;
}

/** The permissions that a program may have. Those over people and machines stay with people. */
export const machineScopes = [
  'projects.create',
  'projects.take-part',
  'projects.list-all',
  'projects.view-all',
  'projects.change-all',
  'trails.read',
] as const satisfies Permission[];

/** The resource server that has a scope for each permission: `paperlift/projects.create`. */
export const resourceServer = 'paperlift';
export const toPoolScope = (scope: Permission) => `${resourceServer}/${scope}`;

/** An account's id, derived from its client like a person's from their NameID, so that a token leads to it by one read. */
export function serviceAccountIdOf(clientId: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(['client', clientId]))
    .digest('base64url');
  return `s-${digest.slice(0, 27)}`;
}

export const isServiceAccountId = (id: string) => id.startsWith('s-');

/** Who acts with a token that has these scopes: never more than the account may do. */
export function personOfServiceAccount(account: ServiceAccount, tokenScopes: unknown): Person {
  const granted = typeof tokenScopes === 'string' ? tokenScopes.split(' ') : [];
  const { id, name, organisationId, scopes } = account;
  return {
    id,
    name,
    email: '',
    groups: [],
    organisationId,
    teams: [],
    scopes: scopes.filter((scope) => granted.includes(toPoolScope(scope))),
  };
}
