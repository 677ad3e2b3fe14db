import { createHash } from 'node:crypto';

/** A signed-in person. `groups` are Cognito group names, the only input of authorization. */
export interface Person {
  id: string;
  name: string;
  email: string;
  groups: string[];
}

/** This deployment's names of the three groups. */
export interface GroupNames {
  admins: string;
  users: string;
  auditors: string;
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
