// The rules for a response that depend on the request and the provider: see rule.ts.
import type { Message } from './message.ts';
import type { Expected, Rule } from './rule.ts';
import { attributeOf, childrenOf, onlyChild, textOf } from './xml.ts';

/** Rules that depend on the request and the provider. */
export const envelopeRules: Rule<Message & { expected: Expected }>[] = [
  {
    code: 'nothing-signed',
    clause: 'profiles 4.1.4.5',
    must: 'The Response or the Assertion is signed',
    broken: ({ signatures, isEncrypted, decrypted }) =>
      signatures.length === 0 && (!isEncrypted || decrypted !== undefined),
  },
  {
    code: 'response-unsigned',
    clause: 'profiles 4.1.4.5; configuration',
    must: 'The Response is signed if required',
    broken: ({ response, expected }) =>
      expected.wantResponseSigned && !onlyChild(response, 'signature', 'Signature'),
  },
  {
    code: 'assertion-unsigned',
    clause: 'profiles 4.1.4.5; configuration',
    must: 'The Assertion is signed if required',
    broken: ({ assertion, expected }) =>
      expected.wantAssertionSigned &&
      assertion !== undefined &&
      !onlyChild(assertion, 'signature', 'Signature'),
  },
  {
    code: 'destination-wrong',
    clause: 'bindings 3.5.5.2; core 3.2.2',
    must: 'Destination is Paperlift’s assertion consumer service',
    broken: ({ response, expected }) =>
      attributeOf(response, 'Destination') !== expected.acsUrl &&
      (attributeOf(response, 'Destination') ?? 'no Destination'),
  },
  {
    code: 'issuer-wrong',
    clause: 'profiles 4.1.4.2',
    must: 'A signed Response has the Issuer of the provider that the request went to',
    broken: ({ response, expected }) => {
      const issuers = childrenOf(response, 'assertion', 'Issuer');
      if (issuers.length === 0) return Boolean(onlyChild(response, 'signature', 'Signature')) && 'no Issuer';
      return textOf(issuers[0]) !== expected.idpIssuer && textOf(issuers[0]);
    },
  },
];
