// What SAML asks of a service provider that receives a response, one rule after the other. node-saml verifies signatures
// and the most of the times and places; it skips several MUSTs. Nothing here replaces its verification: the rules on the
// message come before it, on bytes that are not trusted yet, and those on the assertion after it, on the verified bytes.
//   core      saml-core-2.0-os       https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf
//   profiles  saml-profiles-2.0-os   https://docs.oasis-open.org/security/saml/v2.0/saml-profiles-2.0-os.pdf
//   bindings  saml-bindings-2.0-os   https://docs.oasis-open.org/security/saml/v2.0/saml-bindings-2.0-os.pdf
import type { RefusalCode } from './refusals.ts';

/** A MUST. `broken` describes the violation; `false` or nothing when the rule is kept. */
export interface Rule<Facts> {
  code: RefusalCode;
  clause: string;
  must: string;
  broken(facts: Facts): string | boolean | undefined;
}

export interface Expected {
  idpIssuer: string;
  wantAssertionSigned: boolean;
  wantResponseSigned: boolean;
  acsUrl: string;
  spEntityId: string;
  clockSkewMs: number;
  /** The request that this answers; `undefined` when the provider started the sign-in and may do so. */
  requestId: string | undefined;
  now: Date;
}
