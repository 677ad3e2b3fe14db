// Every reason for which a sign-in is refused: stable codes for logs, sign-in records, the doctor and docs/sign-in.md.
// The person sees none of them: one neutral page, so that a forger learns nothing.

interface Refusal {
  /** What it rests on. */
  clause: string;
  /** For the operator: what was found. */
  means: string;
  /** For the operator: how to mend it. */
  mend: string;
}

const tryAgain =
  'Have the person start again from Paperlift. If it repeats, compare the provider’s settings.';
const forged =
  'No provider sends this. If it comes from yours, look for a proxy that rewrites forms; else somebody is trying.';
const checkSigning = 'Compare the provider’s signing settings with those for this provider in Paperlift.';
const checkClock = 'Set both clocks by NTP; SAML_CLOCK_SKEW_MS allows at most a minute.';

export const refusals = {
  // the posted form
  'response-missing': {
    clause: 'saml-bindings 3.5.4',
    means: 'The form has no single SAMLResponse: it is missing, empty, or given more than once.',
    mend: 'Set the provider’s binding for Paperlift to HTTP-POST, and its reply address to /auth/saml/acs.',
  },
  'response-in-query': {
    clause: 'saml-bindings 3.5.4, saml-profiles 4.1.2',
    means: 'The response came in the address; the profile forbids the redirect binding for responses.',
    mend: 'Set the provider’s binding for Paperlift to HTTP-POST.',
  },
  'response-too-large': {
    clause: 'saml-bindings 3.5 (a limit of Paperlift’s)',
    means: 'The response is larger than 100 KB, or has more than 2 500 tags.',
    mend: 'Have the provider send only the groups assigned to Paperlift.',
  },
  'response-not-base64': {
    clause: 'saml-bindings 3.5.4',
    means: 'SAMLResponse is not base64.',
    mend: forged,
  },
  'response-not-xml': {
    clause: 'saml-core 1.1, XML 1.0 2.1',
    means: 'SAMLResponse is not one well-formed XML document.',
    mend: forged,
  },
  'document-type': {
    clause: 'XML 1.0 2.8, SAML security considerations 7.1',
    means: 'The response declares a document type or entities, which no SAML message has.',
    mend: forged,
  },

  // the message
  'not-a-response': {
    clause: 'saml-profiles 4.1.4.2, saml-core 3.3.3',
    means: 'The message is something else than a Response of SAML 2.0.',
    mend: 'Set the provider to the SAML 2.0 protocol and Web browser SSO.',
  },
  'element-unexpected': {
    clause: 'saml-core 3.2.2, 3.3.3',
    means: 'The Response holds elements that the schema does not allow there, or one of them twice.',
    mend: forged,
  },
  'id-repeated': {
    clause: 'saml-core 1.3.4',
    means: 'Two elements have the same ID, or the Response or the Assertion has none.',
    mend: forged,
  },
  'status-not-success': {
    clause: 'saml-core 3.2.2.1, 3.2.2.2',
    means: 'The provider says that it did not sign the person in.',
    mend: 'See the provider’s log. Often the person is not assigned to Paperlift there, or cancelled.',
  },
  'assertion-missing': {
    clause: 'saml-profiles 4.1.4.2',
    means: 'The Response holds no Assertion.',
    mend: 'Have the provider send an Assertion with an AuthnStatement.',
  },
  'assertion-not-alone': {
    clause: 'saml-profiles 4.1.4.3 (a limit of Paperlift’s)',
    means:
      'There is an Assertion besides the one that the Response holds directly: the mark of signature wrapping.',
    mend: forged,
  },

  // signatures
  'signature-misplaced': {
    clause: 'saml-core 5.4.1, xmldsig 4.1',
    means: 'A Signature stands elsewhere than directly in the Response or the Assertion.',
    mend: forged,
  },
  'signature-repeated': {
    clause: 'saml-core 3.2.2, 2.3.3',
    means: 'The Response or the Assertion has two Signatures.',
    mend: forged,
  },
  'signature-malformed': {
    clause: 'xmldsig 4.1 to 4.4',
    means: 'A Signature is not made of one SignedInfo, one SignatureValue and at most one KeyInfo.',
    mend: forged,
  },
  'signature-holds-content': {
    clause: 'saml-core 5.4.6, xmldsig 4.5',
    means: 'A Signature holds an Object or other content, comments included: the mark of signature wrapping.',
    mend: forged,
  },
  'signature-reference': {
    clause: 'saml-core 5.4.2',
    means: 'A Signature does not refer, once, to the element that it stands in.',
    mend: forged,
  },
  'transforms-too-many': {
    clause: 'saml-core 5.4.4',
    means:
      'A Signature has more than two transforms, or another than enveloped and exclusive canonicalization.',
    mend: forged,
  },
  'algorithm-refused': {
    clause: 'saml-core 5.4, NIST SP 800-131A',
    means: 'A Signature uses an algorithm that is not allowed: SHA-1, HMAC, or an unknown one.',
    mend: 'Set the provider to RSA-SHA256 with SHA-256 digests and exclusive canonicalization.',
  },
  'nothing-signed': {
    clause: 'saml-profiles 4.1.4.5',
    means: 'Neither the Response nor the Assertion is signed.',
    mend: checkSigning,
  },
  'response-unsigned': {
    clause: 'saml-profiles 4.1.3.5',
    means: 'The Response is not signed, and it is wanted signed.',
    mend: `${checkSigning} SAML_WANT_RESPONSE_SIGNED may be false for a provider that signs assertions only.`,
  },
  'assertion-unsigned': {
    clause: 'saml-profiles 4.1.4.5',
    means: 'The Assertion is not signed, and it is wanted signed.',
    mend: `${checkSigning} SAML_WANT_ASSERTION_SIGNED may be false for a provider that signs responses only.`,
  },
  'signature-invalid': {
    clause: 'saml-profiles 4.1.4.3, xmldsig 3.2',
    means: 'A signature does not verify with any of the provider’s certificates: altered, or another key.',
    mend: 'If the provider has a new certificate, configure it beside the old one, or give its metadata’s address.',
  },
  'library-refused': {
    clause: 'saml-profiles 4.1.4.3',
    means: 'node-saml refused the response for a reason that no other rule names.',
    mend: 'See the detail in the record.',
  },

  // encryption
  'encryption-not-expected': {
    clause: 'saml-core 2.3.4',
    means: 'The Assertion is encrypted, and no decryption key is configured for this provider.',
    mend: 'Configure the decryption key, or switch encryption off at the provider.',
  },
  'encryption-refused': {
    clause: 'xmlenc-core1 5.2.4, 5.5.2, 6.1',
    means:
      'The Assertion is encrypted with something else than AES-GCM and RSA-OAEP (SHA-1 as its hash), or oddly.',
    mend: 'Set the provider to AES-256-GCM (or 128) and RSA-OAEP-MGF1P. CBC and PKCS#1 1.5 leak what they hide.',
  },
  'decryption-failed': {
    clause: 'xmlenc-core1 4.4',
    means: 'The Assertion cannot be decrypted with the configured key.',
    mend: 'Give the provider the certificate that belongs to the configured key.',
  },

  // where it goes and what it answers
  'destination-wrong': {
    clause: 'saml-bindings 3.5.5.2, saml-core 3.2.2',
    means: 'Destination is not Paperlift’s assertion consumer service.',
    mend: 'Compare the reply address at the provider with PUBLIC_URL, letter by letter.',
  },
  'issuer-wrong': {
    clause: 'saml-profiles 4.1.4.2',
    means: 'The Issuer is not the entity id of the provider that was asked.',
    mend: 'Compare SAML_IDP_ISSUER with the entityID in the provider’s metadata, letter by letter.',
  },
  'provider-unknown': {
    clause: 'saml-profiles 4.1.5',
    means: 'The Issuer is none of the configured providers.',
    mend: 'Configure the provider, or correct its entity id.',
  },
  unsolicited: {
    clause: 'saml-profiles 4.1.5',
    means: 'The provider started the sign-in, which is off for it.',
    mend: 'Start at Paperlift; or switch allowUnsolicited on for this provider, knowing what it risks.',
  },
  'request-unknown': {
    clause: 'saml-profiles 4.1.4.3, saml-core 3.2.2',
    means:
      'InResponseTo names no sign-in under way: it took longer than ten minutes, was used before, or never was.',
    mend: tryAgain,
  },
  'request-of-another-browser': {
    clause: 'saml-profiles 4.1.4.3 (a rule of Paperlift’s)',
    means: 'The sign-in was begun in another browser, or this one sent no cookie.',
    mend: 'Have the person start again in one window. Behind a proxy, check that it keeps cookies and https.',
  },

  // the assertion
  'version-wrong': {
    clause: 'saml-core 2.3.3, 3.2.2',
    means: 'Version is not 2.0.',
    mend: 'Set the provider to SAML 2.0.',
  },
  'assertion-issuer-wrong': {
    clause: 'saml-profiles 4.1.4.2',
    means: 'The Assertion’s Issuer is not the provider’s entity id.',
    mend: 'Compare SAML_IDP_ISSUER with the entityID in the provider’s metadata, letter by letter.',
  },
  'name-id-missing': {
    clause: 'saml-profiles 4.1.4.2, saml-core 2.4.1',
    means: 'There is not exactly one Subject with one NameID that is not empty.',
    mend: 'Have the provider send a NameID, best the persistent one.',
  },
  'confirmation-not-bearer': {
    clause: 'saml-profiles 4.1.4.2',
    means: 'There is not exactly one SubjectConfirmation, of the bearer method, with its data.',
    mend: 'Have the provider use Web browser SSO with bearer confirmation.',
  },
  'recipient-wrong': {
    clause: 'saml-profiles 4.1.4.2, 4.1.4.3',
    means: 'The confirmation’s Recipient is not Paperlift’s assertion consumer service.',
    mend: 'Compare the reply address at the provider with PUBLIC_URL, letter by letter.',
  },
  'confirmation-expired': {
    clause: 'saml-profiles 4.1.4.2, 4.1.4.3',
    means: 'The confirmation’s NotOnOrAfter is missing or past.',
    mend: checkClock,
  },
  'confirmation-not-before': {
    clause: 'saml-profiles 4.1.4.2',
    means: 'The confirmation has a NotBefore, which the profile forbids.',
    mend: 'Have the provider leave NotBefore out of SubjectConfirmationData.',
  },
  'confirmation-request-wrong': {
    clause: 'saml-profiles 4.1.4.2, 4.1.4.3',
    means: 'The confirmation’s InResponseTo is not the request that this browser made.',
    mend: tryAgain,
  },
  'conditions-missing': {
    clause: 'saml-profiles 4.1.4.2',
    means: 'There is not exactly one Conditions with a NotOnOrAfter.',
    mend: 'Have the provider send Conditions with times and an AudienceRestriction.',
  },
  'condition-unknown': {
    clause: 'saml-core 2.5.1.1',
    means:
      'Conditions holds a condition that Paperlift does not understand, so nobody knows whether it holds.',
    mend: 'Have the provider leave the condition out.',
  },
  'not-yet-valid': {
    clause: 'saml-core 2.5.1.2',
    means: 'The Assertion is not valid yet, or was issued in the future.',
    mend: checkClock,
  },
  expired: { clause: 'saml-core 2.5.1.2', means: 'The Assertion’s time is over.', mend: checkClock },
  'too-old': {
    clause: 'saml-profiles 4.1.4.3 (a limit of Paperlift’s)',
    means: 'The Assertion was issued more than five minutes ago.',
    mend: checkClock,
  },
  'audience-wrong': {
    clause: 'saml-profiles 4.1.4.2, saml-core 2.5.1.4',
    means: 'An AudienceRestriction is missing, or does not name Paperlift’s entity id.',
    mend: 'Compare the audience (entity id, identifier) at the provider with SAML_SP_ENTITY_ID, letter by letter.',
  },
  'authn-statement-missing': {
    clause: 'saml-profiles 4.1.4.2',
    means: 'The Assertion does not say that and when the person was authenticated.',
    mend: 'Have the provider send an AuthnStatement.',
  },
  'provider-session-over': {
    clause: 'saml-profiles 4.1.4.3, saml-core 2.7.2',
    means: 'The provider’s session with the person (SessionNotOnOrAfter) is over.',
    mend: tryAgain,
  },
  'attribute-repeated': {
    clause: 'saml-core 2.7.3 (a rule of Paperlift’s)',
    means: 'Two attributes have the same name, so nobody knows which one counts.',
    mend: 'Keep one of the mappings at the provider; several values belong into one attribute.',
  },
  'attribute-name-refused': {
    clause: 'saml-core 2.7.3.1 (a rule of Paperlift’s)',
    means: 'An attribute has no name, or one like nameID or __proto__ that could stand for something else.',
    mend: 'Rename or remove the attribute at the provider.',
  },

  // once only
  'request-used-up': {
    clause: 'saml-profiles 4.1.4.5',
    means: 'Another response to the same request signed somebody in meanwhile.',
    mend: tryAgain,
  },
  'assertion-used-before': {
    clause: 'saml-profiles 4.1.4.5',
    means: 'The Assertion has signed somebody in before: a replay.',
    mend: tryAgain,
  },

  // who it is
  'email-missing': {
    clause: 'configuration: the mail address attribute',
    means: 'The attribute that should hold the mail address is missing.',
    mend: 'Have the provider send it, or correct its name in Paperlift (SAML_EMAIL_ATTRIBUTE).',
  },
  'email-of-another-provider': {
    clause: 'configuration: mailDomains',
    means: 'The mail address is of a domain whose people sign in with another provider.',
    mend: 'Correct mailDomains, or have the provider send addresses of its own domains only.',
  },
  'person-disabled': {
    clause: 'configuration: people',
    means: 'An administrator of Paperlift keeps the person out.',
    mend: 'Let the person in again on the administrators’ page.',
  },
  'groups-overage': {
    clause: 'Microsoft Entra: groups overage claim',
    means:
      'The person is in more groups than Entra puts into a response (150); it sent a link in their place.',
    mend: 'In Entra, send only “Groups assigned to the application”, or use app roles, and assign Paperlift’s groups.',
  },
  'no-group': {
    clause: 'configuration: the group table',
    means: 'None of the person’s groups leads to a group of Paperlift’s.',
    mend: 'Put the person into one of the groups of the table, or add the person’s group to the table.',
  },
} as const satisfies Record<string, Refusal>;

export type RefusalCode = keyof typeof refusals;

/** A sign-in that is refused, and why. Nothing of it is for the person. */
export class SignInRefused extends Error {
  override name = 'SignInRefused';
  readonly code: RefusalCode;
  readonly detail: string | undefined;

  constructor(code: RefusalCode, detail?: string, cause?: unknown) {
    super(detail ? `${code}: ${detail}` : code, { cause });
    this.code = code;
    this.detail = detail;
  }
}
