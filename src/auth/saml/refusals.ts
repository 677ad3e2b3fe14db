// Every reason for which a sign-in is refused: stable codes for logs, sign-in records, the doctor and docs/sign-in.md.
// The person sees none of them: one neutral page, so that a forger learns nothing.

interface Refusal {
  /** Two or three words, for a list of sign-ins. */
  label: string;
  /** What it rests on. */
  clause: string;
  /** For the operator: what was found. */
  means: string;
  /** For the operator: how to mend it. */
  mend: string;
}

const tryAgain =
  'Ask the person to start again from Paperlift. If this repeats, compare the provider’s settings.';
const forged =
  'Providers do not send this. If yours appears to, check for a proxy that rewrites forms; otherwise, possibly an attack.';
const checkSigning = 'Compare the provider’s signing settings with those for this provider in Paperlift.';
const checkClock = 'Synchronize both clocks with NTP. SAML_CLOCK_SKEW_MS allows at most one minute.';

export const refusals = {
  // the posted form
  'response-missing': {
    label: 'response missing',
    clause: 'saml-bindings 3.5.4',
    means: 'The form does not contain exactly one SAMLResponse: it is missing, empty or repeated.',
    mend: 'Set the provider’s binding for Paperlift to HTTP-POST, and its reply URL to /auth/saml/acs.',
  },
  'response-in-query': {
    label: 'wrong binding',
    clause: 'saml-bindings 3.5.4, saml-profiles 4.1.2',
    means: 'The response arrived in the URL. The profile forbids the redirect binding for responses.',
    mend: 'Set the provider’s binding for Paperlift to HTTP-POST.',
  },
  'response-too-large': {
    label: 'response too large',
    clause: 'saml-bindings 3.5 (a limit of Paperlift’s)',
    means: 'The response is larger than 100 KB or has more than 2,500 elements.',
    mend: 'Configure the provider to send only the groups assigned to Paperlift.',
  },
  'response-not-base64': {
    label: 'invalid response',
    clause: 'saml-bindings 3.5.4',
    means: 'SAMLResponse is not valid base64.',
    mend: forged,
  },
  'response-not-xml': {
    label: 'invalid response',
    clause: 'saml-core 1.1, XML 1.0 2.1',
    means: 'SAMLResponse is not a well-formed XML document.',
    mend: forged,
  },
  'document-type': {
    label: 'invalid response',
    clause: 'XML 1.0 2.8, SAML security considerations 7.1',
    means: 'The response declares a document type or entities, which SAML does not allow.',
    mend: forged,
  },

  // the message
  'not-a-response': {
    label: 'not a SAML response',
    clause: 'saml-profiles 4.1.4.2, saml-core 3.3.3',
    means: 'The message is not a SAML 2.0 Response.',
    mend: 'Configure the provider for SAML 2.0 web browser SSO.',
  },
  'element-unexpected': {
    label: 'invalid response',
    clause: 'saml-core 3.2.2, 3.3.3',
    means: 'The Response contains an unexpected or repeated element.',
    mend: forged,
  },
  'id-repeated': {
    label: 'invalid response',
    clause: 'saml-core 1.3.4',
    means: 'Two elements share an ID, or the Response or Assertion has no ID.',
    mend: forged,
  },
  'status-not-success': {
    label: 'refused by provider',
    clause: 'saml-core 3.2.2.1, 3.2.2.2',
    means: 'The provider reports that the sign-in failed.',
    mend: 'Check the provider’s log. Usually the person is not assigned to Paperlift there, or cancelled.',
  },
  'assertion-missing': {
    label: 'no assertion',
    clause: 'saml-profiles 4.1.4.2',
    means: 'The Response contains no Assertion.',
    mend: 'Configure the provider to send an Assertion with an AuthnStatement.',
  },
  'assertion-not-alone': {
    label: 'invalid response',
    clause: 'saml-profiles 4.1.4.3 (a limit of Paperlift’s)',
    means: 'There is an Assertion other than the direct child of the Response, a sign of signature wrapping.',
    mend: forged,
  },

  // signatures
  'signature-misplaced': {
    label: 'invalid signature',
    clause: 'saml-core 5.4.1, xmldsig 4.1',
    means: 'A Signature is not a direct child of the Response or the Assertion.',
    mend: forged,
  },
  'signature-repeated': {
    label: 'invalid signature',
    clause: 'saml-core 3.2.2, 2.3.3',
    means: 'The Response or the Assertion has more than one Signature.',
    mend: forged,
  },
  'signature-malformed': {
    label: 'invalid signature',
    clause: 'xmldsig 4.1 to 4.4',
    means: 'A Signature must consist of one SignedInfo, one SignatureValue and at most one KeyInfo.',
    mend: forged,
  },
  'signature-holds-content': {
    label: 'invalid signature',
    clause: 'saml-core 5.4.6, xmldsig 4.5',
    means: 'A Signature contains an Object, a comment or other content, a sign of signature wrapping.',
    mend: forged,
  },
  'signature-reference': {
    label: 'invalid signature',
    clause: 'saml-core 5.4.2',
    means: 'A Signature does not have exactly one reference to its parent element.',
    mend: forged,
  },
  'transforms-too-many': {
    label: 'invalid signature',
    clause: 'saml-core 5.4.4',
    means: 'A Signature has transforms other than enveloped-signature and exclusive canonicalization.',
    mend: forged,
  },
  'algorithm-refused': {
    label: 'unsupported algorithm',
    clause: 'saml-core 5.4, NIST SP 800-131A',
    means: 'A Signature uses an algorithm that is not allowed: SHA-1, HMAC or an unknown one.',
    mend: 'Configure the provider to use RSA-SHA256, SHA-256 digests and exclusive canonicalization.',
  },
  'nothing-signed': {
    label: 'not signed',
    clause: 'saml-profiles 4.1.4.5',
    means: 'Neither the Response nor the Assertion is signed.',
    mend: checkSigning,
  },
  'response-unsigned': {
    label: 'response not signed',
    clause: 'saml-profiles 4.1.3.5',
    means: 'The Response is not signed, but a signature is required.',
    mend: `${checkSigning} Set SAML_WANT_RESPONSE_SIGNED to false if the provider signs only assertions.`,
  },
  'assertion-unsigned': {
    label: 'assertion not signed',
    clause: 'saml-profiles 4.1.4.5',
    means: 'The Assertion is not signed, but a signature is required.',
    mend: `${checkSigning} Set SAML_WANT_ASSERTION_SIGNED to false if the provider signs only responses.`,
  },
  'signature-invalid': {
    label: 'signature mismatch',
    clause: 'saml-profiles 4.1.4.3, xmldsig 3.2',
    means:
      'The signature does not match any of the provider’s certificates: altered, or signed with another key.',
    mend: 'If the provider has a new certificate, configure it alongside the old one, or set the metadata URL.',
  },
  'library-refused': {
    label: 'invalid response',
    clause: 'saml-profiles 4.1.4.3',
    means: 'node-saml rejected the response for a reason that no other rule covers.',
    mend: 'Check the detail of this sign-in.',
  },

  // encryption
  'encryption-not-expected': {
    label: 'no decryption key',
    clause: 'saml-core 2.3.4',
    means: 'The Assertion is encrypted, but no decryption key is configured for this provider.',
    mend: 'Configure the decryption key, or turn off encryption at the provider.',
  },
  'encryption-refused': {
    label: 'unsupported encryption',
    clause: 'xmlenc-core1 5.2.4, 5.5.2, 6.1',
    means: 'The Assertion’s encryption is malformed or does not use AES-GCM with RSA-OAEP (SHA-1).',
    mend: 'Configure the provider to use AES-256-GCM or AES-128-GCM with RSA-OAEP-MGF1P. CBC and PKCS#1 1.5 are insecure.',
  },
  'decryption-failed': {
    label: 'decryption failed',
    clause: 'xmlenc-core1 4.4',
    means: 'The Assertion cannot be decrypted with the configured key.',
    mend: 'Upload the certificate that matches the configured key to the provider.',
  },

  // where it goes and what it answers
  'destination-wrong': {
    label: 'wrong destination',
    clause: 'saml-bindings 3.5.5.2, saml-core 3.2.2',
    means: 'Destination is not Paperlift’s assertion consumer service.',
    mend: 'Check that the reply URL at the provider matches PUBLIC_URL exactly.',
  },
  'issuer-wrong': {
    label: 'wrong issuer',
    clause: 'saml-profiles 4.1.4.2',
    means: 'The Issuer is not the entity ID of the provider that the request went to.',
    mend: 'Check that SAML_IDP_ISSUER matches the entityID in the provider’s metadata exactly.',
  },
  'provider-unknown': {
    label: 'unknown provider',
    clause: 'saml-profiles 4.1.5',
    means: 'The Issuer does not match any configured provider.',
    mend: 'Configure the provider, or correct its entity ID.',
  },
  unsolicited: {
    label: 'started by provider',
    clause: 'saml-profiles 4.1.5',
    means: 'The provider started the sign-in, but this is turned off.',
    mend: 'Start from Paperlift, or turn on allowUnsolicited for this provider if you accept the risk.',
  },
  'request-unknown': {
    label: 'no matching sign-in',
    clause: 'saml-profiles 4.1.4.3, saml-core 3.2.2',
    means:
      'InResponseTo does not match a sign-in in progress: it took over ten minutes, was used before or never existed.',
    mend: tryAgain,
  },
  'request-of-another-browser': {
    label: 'different browser',
    clause: 'saml-profiles 4.1.4.3 (a rule of Paperlift’s)',
    means: 'The sign-in started in another browser, or this browser sent no cookie.',
    mend: 'Ask the person to start again in one window. If there is a proxy, check that it keeps cookies and https.',
  },

  // the assertion
  'version-wrong': {
    label: 'wrong SAML version',
    clause: 'saml-core 2.3.3, 3.2.2',
    means: 'Version is not 2.0.',
    mend: 'Configure the provider for SAML 2.0.',
  },
  'assertion-issuer-wrong': {
    label: 'wrong issuer',
    clause: 'saml-profiles 4.1.4.2',
    means: 'The Assertion’s Issuer is not the provider’s entity ID.',
    mend: 'Check that SAML_IDP_ISSUER matches the entityID in the provider’s metadata exactly.',
  },
  'name-id-missing': {
    label: 'no NameID',
    clause: 'saml-profiles 4.1.4.2, saml-core 2.4.1',
    means: 'There must be exactly one Subject with one non-empty NameID.',
    mend: 'Configure the provider to send a NameID, preferably persistent.',
  },
  'confirmation-not-bearer': {
    label: 'invalid confirmation',
    clause: 'saml-profiles 4.1.4.2',
    means: 'There must be exactly one SubjectConfirmation, with the bearer method and its data.',
    mend: 'Configure the provider for web browser SSO with bearer confirmation.',
  },
  'recipient-wrong': {
    label: 'wrong recipient',
    clause: 'saml-profiles 4.1.4.2, 4.1.4.3',
    means: 'The confirmation’s Recipient is not Paperlift’s assertion consumer service.',
    mend: 'Check that the reply URL at the provider matches PUBLIC_URL exactly.',
  },
  'confirmation-expired': {
    label: 'expired',
    clause: 'saml-profiles 4.1.4.2, 4.1.4.3',
    means: 'The confirmation’s NotOnOrAfter is missing or in the past.',
    mend: checkClock,
  },
  'confirmation-not-before': {
    label: 'invalid confirmation',
    clause: 'saml-profiles 4.1.4.2',
    means: 'The confirmation has a NotBefore, which the profile forbids.',
    mend: 'Configure the provider to omit NotBefore from SubjectConfirmationData.',
  },
  'confirmation-request-wrong': {
    label: 'no matching sign-in',
    clause: 'saml-profiles 4.1.4.2, 4.1.4.3',
    means: 'The confirmation’s InResponseTo does not match this browser’s request.',
    mend: tryAgain,
  },
  'conditions-missing': {
    label: 'no conditions',
    clause: 'saml-profiles 4.1.4.2',
    means: 'There must be exactly one Conditions element with a NotOnOrAfter.',
    mend: 'Configure the provider to send Conditions with times and an AudienceRestriction.',
  },
  'condition-unknown': {
    label: 'unsupported condition',
    clause: 'saml-core 2.5.1.1',
    means: 'Conditions contains a condition that Paperlift cannot evaluate.',
    mend: 'Configure the provider to omit this condition.',
  },
  'not-yet-valid': {
    label: 'not valid yet',
    clause: 'saml-core 2.5.1.2',
    means: 'The Assertion is not valid yet, or was issued in the future.',
    mend: checkClock,
  },
  expired: {
    label: 'expired',
    clause: 'saml-core 2.5.1.2',
    means: 'The Assertion has expired.',
    mend: checkClock,
  },
  'too-old': {
    label: 'expired',
    clause: 'saml-profiles 4.1.4.3 (a limit of Paperlift’s)',
    means: 'The Assertion was issued more than five minutes ago.',
    mend: checkClock,
  },
  'audience-wrong': {
    label: 'wrong audience',
    clause: 'saml-profiles 4.1.4.2, saml-core 2.5.1.4',
    means: 'The AudienceRestriction is missing or does not name Paperlift’s entity ID.',
    mend: 'Check that the audience (entity ID, identifier) at the provider matches SAML_SP_ENTITY_ID exactly.',
  },
  'authn-statement-missing': {
    label: 'no authentication statement',
    clause: 'saml-profiles 4.1.4.2',
    means: 'The Assertion does not state when the person was authenticated.',
    mend: 'Configure the provider to send an AuthnStatement.',
  },
  'provider-session-over': {
    label: 'provider session ended',
    clause: 'saml-profiles 4.1.4.3, saml-core 2.7.2',
    means: 'The person’s session at the provider has ended (SessionNotOnOrAfter).',
    mend: tryAgain,
  },
  'attribute-repeated': {
    label: 'duplicate attribute',
    clause: 'saml-core 2.7.3 (a rule of Paperlift’s)',
    means: 'Two attributes have the same name.',
    mend: 'Keep one mapping at the provider. Send several values in one attribute.',
  },
  'attribute-name-refused': {
    label: 'invalid attribute name',
    clause: 'saml-core 2.7.3.1 (a rule of Paperlift’s)',
    means: 'An attribute has no name or a reserved name, such as nameID or __proto__.',
    mend: 'Rename or remove the attribute at the provider.',
  },

  // once only
  'request-used-up': {
    label: 'already used',
    clause: 'saml-profiles 4.1.4.5',
    means: 'Another response to the same request has already been used to sign in.',
    mend: tryAgain,
  },
  'assertion-used-before': {
    label: 'already used',
    clause: 'saml-profiles 4.1.4.5',
    means: 'The Assertion has already been used to sign in (replay).',
    mend: tryAgain,
  },

  // who it is
  'email-missing': {
    label: 'no email address',
    clause: 'configuration: the email attribute',
    means: 'The email address attribute is missing.',
    mend: 'Configure the provider to send it, or correct its name in Paperlift (SAML_EMAIL_ATTRIBUTE).',
  },
  'email-of-another-provider': {
    label: 'wrong email domain',
    clause: 'configuration: mailDomains',
    means: 'The email address belongs to a domain that signs in with another provider.',
    mend: 'Correct mailDomains, or configure the provider to send only addresses of its own domains.',
  },
  'person-disabled': {
    label: 'access blocked',
    clause: 'configuration: people',
    means: 'An administrator has blocked this person’s access.',
    mend: 'Restore access under Administration, People.',
  },
  'groups-overage': {
    label: 'too many groups',
    clause: 'Microsoft Entra: groups overage claim',
    means:
      'The person is in more groups than Entra includes in a response (150), so Entra sent a link instead.',
    mend: 'In Entra, select “Groups assigned to the application” or use app roles, and assign Paperlift’s groups.',
  },
  'no-group': {
    label: 'no matching group',
    clause: 'configuration: the group table',
    means: 'None of the person’s groups maps to a Paperlift group.',
    mend: 'Add the person to a group in the group table, or add the person’s group to the table.',
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
