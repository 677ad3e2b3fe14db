// Every reason to refuse a sign-in: stable codes for logs, sign-in records, diagnostics and docs/sign-in.md. The
// person sees none of them but one neutral page, so that a forger learns nothing. One table, however long, because
// operators and docs look up a code in one place.
interface Refusal {
  /** Two or three words, for a list of sign-ins. */
  label: string;
  /** The clause of the specification. */
  clause: string;
  /** For the operator: what was found. */
  meaning: string;
  /** For the operator: how to fix it. */
  remedy: string;
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
    meaning: 'The form does not contain exactly one SAMLResponse: it is missing, empty or repeated.',
    remedy: 'Set the provider’s binding for Paperlift to HTTP-POST, and its reply URL to /auth/saml/acs.',
  },
  'response-in-query': {
    label: 'wrong binding',
    clause: 'saml-bindings 3.5.4, saml-profiles 4.1.2',
    meaning: 'The response arrived in the URL. The profile forbids the redirect binding for responses.',
    remedy: 'Set the provider’s binding for Paperlift to HTTP-POST.',
  },
  'response-too-large': {
    label: 'response too large',
    clause: 'saml-bindings 3.5 (a limit of Paperlift’s)',
    meaning: 'The response is larger than 100 KB or has more than 2,500 elements.',
    remedy: 'Configure the provider to send only the groups assigned to Paperlift.',
  },
  'response-not-base64': {
    label: 'invalid response',
    clause: 'saml-bindings 3.5.4',
    meaning: 'SAMLResponse is not valid base64.',
    remedy: forged,
  },
  'response-not-xml': {
    label: 'invalid response',
    clause: 'saml-core 1.1, XML 1.0 2.1',
    meaning: 'SAMLResponse is not a well-formed XML document.',
    remedy: forged,
  },
  'document-type': {
    label: 'invalid response',
    clause: 'XML 1.0 2.8, SAML security considerations 7.1',
    meaning: 'The response declares a document type or entities, which SAML does not allow.',
    remedy: forged,
  },

  // the message
  'not-a-response': {
    label: 'not a SAML response',
    clause: 'saml-profiles 4.1.4.2, saml-core 3.3.3',
    meaning: 'The message is not a SAML 2.0 Response.',
    remedy: 'Configure the provider for SAML 2.0 web browser SSO.',
  },
  'element-unexpected': {
    label: 'invalid response',
    clause: 'saml-core 3.2.2, 3.3.3',
    meaning: 'The Response contains an unexpected or repeated element.',
    remedy: forged,
  },
  'id-repeated': {
    label: 'invalid response',
    clause: 'saml-core 1.3.4',
    meaning: 'Two elements share an ID, or the Response or Assertion has no ID.',
    remedy: forged,
  },
  'status-not-success': {
    label: 'refused by provider',
    clause: 'saml-core 3.2.2.1, 3.2.2.2',
    meaning: 'The provider reports that the sign-in failed.',
    remedy: 'Check the provider’s log. Usually the person is not assigned to Paperlift there, or cancelled.',
  },
  'assertion-missing': {
    label: 'no assertion',
    clause: 'saml-profiles 4.1.4.2',
    meaning: 'The Response contains no Assertion.',
    remedy: 'Configure the provider to send an Assertion with an AuthnStatement.',
  },
  'assertion-not-alone': {
    label: 'invalid response',
    clause: 'saml-profiles 4.1.4.3 (a limit of Paperlift’s)',
    meaning:
      'There is an Assertion other than the direct child of the Response, a sign of signature wrapping.',
    remedy: forged,
  },

  // signatures
  'signature-misplaced': {
    label: 'invalid signature',
    clause: 'saml-core 5.4.1, xmldsig 4.1',
    meaning: 'A Signature is not a direct child of the Response or the Assertion.',
    remedy: forged,
  },
  'signature-repeated': {
    label: 'invalid signature',
    clause: 'saml-core 3.2.2, 2.3.3',
    meaning: 'The Response or the Assertion has more than one Signature.',
    remedy: forged,
  },
  'signature-malformed': {
    label: 'invalid signature',
    clause: 'xmldsig 4.1 to 4.4',
    meaning: 'A Signature must consist of one SignedInfo, one SignatureValue and at most one KeyInfo.',
    remedy: forged,
  },
  'signature-holds-content': {
    label: 'invalid signature',
    clause: 'saml-core 5.4.6, xmldsig 4.5',
    meaning: 'A Signature contains an Object, a comment or other content, a sign of signature wrapping.',
    remedy: forged,
  },
  'signature-reference': {
    label: 'invalid signature',
    clause: 'saml-core 5.4.2',
    meaning: 'A Signature does not have exactly one reference to its parent element.',
    remedy: forged,
  },
  'transforms-too-many': {
    label: 'invalid signature',
    clause: 'saml-core 5.4.4',
    meaning: 'A Signature has transforms other than enveloped-signature and exclusive canonicalization.',
    remedy: forged,
  },
  'algorithm-refused': {
    label: 'unsupported algorithm',
    clause: 'saml-core 5.4, NIST SP 800-131A',
    meaning: 'A Signature uses an algorithm that is not allowed: SHA-1, HMAC or an unknown one.',
    remedy: 'Configure the provider to use RSA-SHA256, SHA-256 digests and exclusive canonicalization.',
  },
  'nothing-signed': {
    label: 'not signed',
    clause: 'saml-profiles 4.1.4.5',
    meaning: 'Neither the Response nor the Assertion is signed.',
    remedy: checkSigning,
  },
  'response-unsigned': {
    label: 'response not signed',
    clause: 'saml-profiles 4.1.3.5',
    meaning: 'The Response is not signed, but a signature is required.',
    remedy: `${checkSigning} Set SAML_WANT_RESPONSE_SIGNED to false if the provider signs only assertions.`,
  },
  'assertion-unsigned': {
    label: 'assertion not signed',
    clause: 'saml-profiles 4.1.4.5',
    meaning: 'The Assertion is not signed, but a signature is required.',
    remedy: `${checkSigning} Set SAML_WANT_ASSERTION_SIGNED to false if the provider signs only responses.`,
  },
  'signature-invalid': {
    label: 'signature mismatch',
    clause: 'saml-profiles 4.1.4.3, xmldsig 3.2',
    meaning:
      'The signature does not match any of the provider’s certificates: altered, or signed with another key.',
    remedy:
      'If the provider has a new certificate, configure it alongside the old one, or set the metadata URL.',
  },
  'library-refused': {
    label: 'invalid response',
    clause: 'saml-profiles 4.1.4.3',
    meaning: 'node-saml rejected the response for a reason that no other rule covers.',
    remedy: 'Check the detail of this sign-in.',
  },

  // encryption
  'encryption-not-expected': {
    label: 'no decryption key',
    clause: 'saml-core 2.3.4',
    meaning: 'The Assertion is encrypted, but no decryption key is configured for this provider.',
    remedy: 'Configure the decryption key, or turn off encryption at the provider.',
  },
  'encryption-refused': {
    label: 'unsupported encryption',
    clause: 'xmlenc-core1 5.2.4, 5.5.2, 6.1',
    meaning: 'The Assertion’s encryption is malformed or does not use AES-GCM with RSA-OAEP (SHA-1).',
    remedy:
      'Configure the provider to use AES-256-GCM or AES-128-GCM with RSA-OAEP-MGF1P. CBC and PKCS#1 1.5 are insecure.',
  },
  'decryption-failed': {
    label: 'decryption failed',
    clause: 'xmlenc-core1 4.4',
    meaning: 'The Assertion cannot be decrypted with the configured key.',
    remedy: 'Upload the certificate that matches the configured key to the provider.',
  },

  // destination and request
  'destination-wrong': {
    label: 'wrong destination',
    clause: 'saml-bindings 3.5.5.2, saml-core 3.2.2',
    meaning: 'Destination is not Paperlift’s assertion consumer service.',
    remedy: 'Check that the reply URL at the provider matches PUBLIC_URL exactly.',
  },
  'issuer-wrong': {
    label: 'wrong issuer',
    clause: 'saml-profiles 4.1.4.2',
    meaning: 'The Issuer is not the entity ID of the provider that the request went to.',
    remedy: 'Check that SAML_IDP_ISSUER matches the entityID in the provider’s metadata exactly.',
  },
  'provider-unknown': {
    label: 'unknown provider',
    clause: 'saml-profiles 4.1.5',
    meaning: 'The Issuer does not match any configured provider.',
    remedy: 'Configure the provider, or correct its entity ID.',
  },
  unsolicited: {
    label: 'started by provider',
    clause: 'saml-profiles 4.1.5',
    meaning: 'The provider started the sign-in, but this is turned off.',
    remedy: 'Start from Paperlift, or turn on allowUnsolicited for this provider if you accept the risk.',
  },
  'request-unknown': {
    label: 'no matching sign-in',
    clause: 'saml-profiles 4.1.4.3, saml-core 3.2.2',
    meaning:
      'InResponseTo does not match a sign-in in progress: it took over ten minutes, was used before or never existed.',
    remedy: tryAgain,
  },
  'request-of-another-browser': {
    label: 'different browser',
    clause: 'saml-profiles 4.1.4.3 (a rule of Paperlift’s)',
    meaning: 'The sign-in started in another browser, or this browser sent no cookie.',
    remedy:
      'Ask the person to start again in one window. If there is a proxy, check that it keeps cookies and https.',
  },

  // the assertion
  'version-wrong': {
    label: 'wrong SAML version',
    clause: 'saml-core 2.3.3, 3.2.2',
    meaning: 'Version is not 2.0.',
    remedy: 'Configure the provider for SAML 2.0.',
  },
  'assertion-issuer-wrong': {
    label: 'wrong issuer',
    clause: 'saml-profiles 4.1.4.2',
    meaning: 'The Assertion’s Issuer is not the provider’s entity ID.',
    remedy: 'Check that SAML_IDP_ISSUER matches the entityID in the provider’s metadata exactly.',
  },
  'name-id-missing': {
    label: 'no NameID',
    clause: 'saml-profiles 4.1.4.2, saml-core 2.4.1',
    meaning: 'There must be exactly one Subject with one non-empty NameID.',
    remedy: 'Configure the provider to send a NameID, preferably persistent.',
  },
  'confirmation-not-bearer': {
    label: 'invalid confirmation',
    clause: 'saml-profiles 4.1.4.2',
    meaning: 'There must be exactly one SubjectConfirmation, with the bearer method and its data.',
    remedy: 'Configure the provider for web browser SSO with bearer confirmation.',
  },
  'recipient-wrong': {
    label: 'wrong recipient',
    clause: 'saml-profiles 4.1.4.2, 4.1.4.3',
    meaning: 'The confirmation’s Recipient is not Paperlift’s assertion consumer service.',
    remedy: 'Check that the reply URL at the provider matches PUBLIC_URL exactly.',
  },
  'confirmation-expired': {
    label: 'expired',
    clause: 'saml-profiles 4.1.4.2, 4.1.4.3',
    meaning: 'The confirmation’s NotOnOrAfter is missing or in the past.',
    remedy: checkClock,
  },
  'confirmation-not-before': {
    label: 'invalid confirmation',
    clause: 'saml-profiles 4.1.4.2',
    meaning: 'The confirmation has a NotBefore, which the profile forbids.',
    remedy: 'Configure the provider to omit NotBefore from SubjectConfirmationData.',
  },
  'confirmation-request-wrong': {
    label: 'no matching sign-in',
    clause: 'saml-profiles 4.1.4.2, 4.1.4.3',
    meaning: 'The confirmation’s InResponseTo does not match this browser’s request.',
    remedy: tryAgain,
  },
  'conditions-missing': {
    label: 'no conditions',
    clause: 'saml-profiles 4.1.4.2',
    meaning: 'There must be exactly one Conditions element with a NotOnOrAfter.',
    remedy: 'Configure the provider to send Conditions with times and an AudienceRestriction.',
  },
  'condition-unknown': {
    label: 'unsupported condition',
    clause: 'saml-core 2.5.1.1',
    meaning: 'Conditions contains a condition that Paperlift cannot evaluate.',
    remedy: 'Configure the provider to omit this condition.',
  },
  'not-yet-valid': {
    label: 'not valid yet',
    clause: 'saml-core 2.5.1.2',
    meaning: 'The Assertion is not valid yet, or was issued in the future.',
    remedy: checkClock,
  },
  expired: {
    label: 'expired',
    clause: 'saml-core 2.5.1.2',
    meaning: 'The Assertion has expired.',
    remedy: checkClock,
  },
  'too-old': {
    label: 'expired',
    clause: 'saml-profiles 4.1.4.3 (a limit of Paperlift’s)',
    meaning: 'The Assertion was issued more than five minutes ago.',
    remedy: checkClock,
  },
  'audience-wrong': {
    label: 'wrong audience',
    clause: 'saml-profiles 4.1.4.2, saml-core 2.5.1.4',
    meaning: 'The AudienceRestriction is missing or does not name Paperlift’s entity ID.',
    remedy:
      'Check that the audience (entity ID, identifier) at the provider matches SAML_SP_ENTITY_ID exactly.',
  },
  'authn-statement-missing': {
    label: 'no authentication statement',
    clause: 'saml-profiles 4.1.4.2',
    meaning: 'The Assertion does not state when the person was authenticated.',
    remedy: 'Configure the provider to send an AuthnStatement.',
  },
  'provider-session-over': {
    label: 'provider session ended',
    clause: 'saml-profiles 4.1.4.3, saml-core 2.7.2',
    meaning: 'The person’s session at the provider has ended (SessionNotOnOrAfter).',
    remedy: tryAgain,
  },
  'attribute-repeated': {
    label: 'duplicate attribute',
    clause: 'saml-core 2.7.3 (a rule of Paperlift’s)',
    meaning: 'Two attributes have the same name.',
    remedy: 'Keep one mapping at the provider. Send several values in one attribute.',
  },
  'attribute-name-refused': {
    label: 'invalid attribute name',
    clause: 'saml-core 2.7.3.1 (a rule of Paperlift’s)',
    meaning: 'An attribute has no name or a reserved name, such as nameID or __proto__.',
    remedy: 'Rename or remove the attribute at the provider.',
  },

  // replay
  'request-used-up': {
    label: 'already used',
    clause: 'saml-profiles 4.1.4.5',
    meaning: 'Another response to the same request has already been used to sign in.',
    remedy: tryAgain,
  },
  'assertion-used-before': {
    label: 'already used',
    clause: 'saml-profiles 4.1.4.5',
    meaning: 'The Assertion has already been used to sign in (replay).',
    remedy: tryAgain,
  },

  // the person
  'email-missing': {
    label: 'no email address',
    clause: 'configuration: the email attribute',
    meaning: 'The email address attribute is missing.',
    remedy: 'Configure the provider to send it, or correct its name in Paperlift (SAML_EMAIL_ATTRIBUTE).',
  },
  'email-of-another-provider': {
    label: 'wrong email domain',
    clause: 'configuration: mailDomains',
    meaning: 'The email address belongs to a domain that signs in with another provider.',
    remedy: 'Correct mailDomains, or configure the provider to send only addresses of its own domains.',
  },
  'person-disabled': {
    label: 'access blocked',
    clause: 'configuration: people',
    meaning: 'An administrator has blocked this person’s access.',
    remedy: 'Restore access under Administration, People.',
  },
  'inactive-in-directory': {
    label: 'inactive in directory',
    clause: 'configuration: the directory (SCIM)',
    meaning: 'The company’s directory has deactivated this person, or removed them from Paperlift.',
    remedy: 'Activate the person in the directory, or assign them to Paperlift there.',
  },
  'groups-overage': {
    label: 'too many groups',
    clause: 'Microsoft Entra: groups overage claim',
    meaning:
      'The person is in more groups than Entra includes in a response (150), so Entra sent a link instead.',
    remedy:
      'In Entra, select “Groups assigned to the application” or use app roles, and assign Paperlift’s groups.',
  },
  'no-group': {
    label: 'no matching group',
    clause: 'configuration: the group table',
    meaning: 'None of the person’s groups maps to a Paperlift group.',
    remedy: 'Add the person to a group in the group table, or add the person’s group to the table.',
  },
} as const satisfies Record<string, Refusal>;

export type RefusalCode = keyof typeof refusals;
