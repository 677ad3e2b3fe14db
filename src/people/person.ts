import { createHash } from 'node:crypto';

/** Somebody signed in. `groups` are Cognito group names, the only thing that authorization reads. */
export interface Person {
  id: string;
  name: string;
  email: string;
  groups: string[];
}

/** The names that this deployment gives the three groups. */
export interface GroupNames {
  admins: string;
  users: string;
  auditors: string;
}

/**
 * A person's id, the same at every sign-in: derived from the identity provider's entity id and the NameID, which are
 * unique together (saml-core 8.3.7). Never made from a Cognito `sub`, which changes with the pool.
 */
export function personIdOf(issuer: string, nameId: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([issuer, nameId]))
    .digest('base64url');
  return `p-${digest.slice(0, 27)}`;
}
