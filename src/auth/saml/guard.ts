// What SAML asks of a service provider that receives a response, one rule after the other. node-saml verifies signatures
// and the most of the times and places; it skips several MUSTs. Nothing here replaces its verification: the rules on the
// message come before it, on bytes that nobody believes yet, and those on the assertion after it, on the verified bytes.
//   core      saml-core-2.0-os       https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf
//   profiles  saml-profiles-2.0-os   https://docs.oasis-open.org/security/saml/v2.0/saml-profiles-2.0-os.pdf
//   bindings  saml-bindings-2.0-os   https://docs.oasis-open.org/security/saml/v2.0/saml-bindings-2.0-os.pdf
import { canonicalizations, digestMethods, signatureMethods, transforms } from './algorithms.ts';
import type { Message } from './message.ts';
import type { RefusalCode } from './refusals.ts';
import { attributeOf, childrenOf, everythingIn, isNamed, momentOf, onlyChild, textOf } from './xml.ts';

/** A MUST. `broken` says what is wrong with the facts; `false` or nothing when the rule is kept. */
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
  /** The request that this answers; undefined when the provider started and may. */
  requestId: string | undefined;
  now: Date;
}

/** An assertion that was issued longer ago is refused whatever it says of itself. */
export const maxAssertionAgeMs = 300_000;

const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const success = 'urn:oasis:names:tc:SAML:2.0:status:Success';

/** The message by itself, whoever sent it. */
export const messageRules: Rule<Message>[] = [
  {
    code: 'not-a-response',
    clause: 'profiles 4.1.4.2, core 3.3.3',
    must: 'The message is a Response',
    broken: ({ response }) => !isNamed(response, 'protocol', 'Response') && response.nodeName,
  },
  {
    code: 'assertion-not-alone',
    clause: 'profiles 4.1.4.3 (processes any of them; Paperlift takes only one)',
    must: 'There is one assertion, directly in the Response, and none anywhere else',
    broken: ({ response, assertions }) =>
      assertions.length > 1
        ? `${assertions.length} assertions`
        : assertions.some((assertion) => assertion.parentNode !== response) && 'not in the Response',
  },
  {
    code: 'version-wrong',
    clause: 'core 3.2.2, 2.3.3',
    must: 'Response and Assertion are of version 2.0',
    broken: ({ response, assertion }) =>
      attributeOf(response, 'Version') !== '2.0' ||
      (assertion !== undefined && attributeOf(assertion, 'Version') !== '2.0'),
  },
  {
    code: 'status-not-success',
    clause: 'core 3.2.2.1, 3.2.2.2',
    must: 'There is exactly one Status with exactly one StatusCode, and it says Success',
    broken: ({ response }) => {
      const codes = everythingIn(response).filter(({ localName }) => localName === 'StatusCode');
      const code = onlyChild(onlyChild(response, 'protocol', 'Status'), 'protocol', 'StatusCode');
      if (codes.length === 1 && attributeOf(code, 'Value') === success) return false;
      const message = textOf(
        onlyChild(onlyChild(response, 'protocol', 'Status'), 'protocol', 'StatusMessage'),
      );
      return [...codes.map((found) => attributeOf(found, 'Value') ?? 'no value'), message].join(' ').trim();
    },
  },
  {
    code: 'assertion-missing',
    clause: 'profiles 4.1.4.2',
    must: 'The Response holds an assertion',
    broken: ({ assertions }) => assertions.length === 0,
  },
  {
    code: 'id-repeated',
    clause: 'core 1.3.4',
    must: 'Every ID is given, and no two are the same',
    broken: ({ ids, response, assertion }) => {
      const twice = ids.find((id, index) => ids.indexOf(id) !== index);
      if (twice !== undefined) return twice;
      return [response, assertion].some((element) => element && !attributeOf(element, 'ID')) && 'no ID';
    },
  },
  {
    code: 'element-unexpected',
    clause: 'core 3.2.2, 3.3.3',
    must: 'The Response holds only what its schema names, each at most once',
    broken: ({ response }) => {
      const names = childrenOf(response).map((child) =>
        isNamed(child, 'assertion', 'Issuer') ||
        isNamed(child, 'signature', 'Signature') ||
        isNamed(child, 'protocol', 'Extensions') ||
        isNamed(child, 'protocol', 'Status') ||
        isNamed(child, 'assertion', 'Assertion') ||
        isNamed(child, 'assertion', 'EncryptedAssertion')
          ? child.localName
          : `!${child.nodeName}`,
      );
      const isRepeated = (name: string, index: number) =>
        name !== 'Signature' && names.indexOf(name) !== index;
      return names.find((name, index) => name.startsWith('!') || isRepeated(name, index));
    },
  },
  {
    code: 'signature-misplaced',
    clause: 'core 5.4.1, 5.4.2',
    must: 'A Signature stands directly in what it signs',
    broken: ({ response, assertion, signatures }) =>
      signatures.some(({ parentNode }) => parentNode !== response && parentNode !== assertion),
  },
  {
    code: 'signature-repeated',
    clause: 'core 3.2.2, 2.3.3',
    must: 'Response and Assertion have at most one Signature each',
    broken: ({ signatures }) =>
      new Set(signatures.map(({ parentNode }) => parentNode)).size < signatures.length,
  },
  {
    code: 'signature-holds-content',
    clause: 'core 5.4.6; xmldsig 4.5',
    must: 'A Signature holds no Object, no element of another kind, and no comment',
    broken: ({ signatures }) => signatures.some(holdsContent),
  },
  {
    code: 'signature-malformed',
    clause: 'xmldsig 4.1',
    must: 'A Signature is one SignedInfo, one SignatureValue and at most one KeyInfo',
    broken: ({ signatures }) =>
      signatures.some(
        (signature) =>
          !onlyChild(signature, 'signature', 'SignedInfo') ||
          !onlyChild(signature, 'signature', 'SignatureValue') ||
          childrenOf(signature, 'signature', 'KeyInfo').length > 1,
      ),
  },
  {
    code: 'signature-reference',
    clause: 'core 5.4.2',
    must: 'A Signature has one Reference, to the ID of the element it stands in, with one digest',
    broken: ({ signatures }) =>
      signatures.some((signature) => {
        const reference = onlyChild(
          onlyChild(signature, 'signature', 'SignedInfo'),
          'signature',
          'Reference',
        );
        const signed = attributeOf(signature.parentNode as Element, 'ID');
        const isWhole =
          onlyChild(reference, 'signature', 'DigestMethod') &&
          onlyChild(reference, 'signature', 'DigestValue') &&
          onlyChild(reference, 'signature', 'Transforms');
        return !isWhole || attributeOf(reference, 'URI') !== `#${signed}`;
      }),
  },
  {
    code: 'transforms-too-many',
    clause: 'core 5.4.4',
    must: 'A Signature has at most two transforms',
    broken: ({ signatures }) =>
      signatures.some((signature) => algorithmsOf(signature, 'Transform').length > 2),
  },
  {
    code: 'algorithm-refused',
    clause: 'core 5.4.3, 5.4.4; NIST SP 800-131A',
    must: 'Signature, digest, canonicalization and transforms are of the list',
    broken: ({ signatures }) => {
      for (const signature of signatures) {
        for (const [name, allowed] of allowedAlgorithms) {
          const refused = algorithmsOf(signature, name).find((algorithm) => !allowed.has(algorithm));
          if (refused !== undefined) return `${name} ${refused}`;
        }
      }
      return false;
    },
  },
];

/** The message, by what was asked and of whom. */
export const envelopeRules: Rule<Message & { expected: Expected }>[] = [
  {
    code: 'nothing-signed',
    clause: 'profiles 4.1.4.5',
    must: 'Something is signed',
    broken: ({ signatures, isEncrypted, decrypted }) =>
      signatures.length === 0 && (!isEncrypted || decrypted !== undefined),
  },
  {
    code: 'response-unsigned',
    clause: 'profiles 4.1.4.5; configuration',
    must: 'The Response is signed where that is wanted',
    broken: ({ response, expected }) =>
      expected.wantResponseSigned && !onlyChild(response, 'signature', 'Signature'),
  },
  {
    code: 'assertion-unsigned',
    clause: 'profiles 4.1.4.5; configuration',
    must: 'The Assertion is signed where that is wanted',
    broken: ({ assertion, expected }) =>
      expected.wantAssertionSigned &&
      assertion !== undefined &&
      !onlyChild(assertion, 'signature', 'Signature'),
  },
  {
    code: 'destination-wrong',
    clause: 'bindings 3.5.5.2; core 3.2.2',
    must: 'Destination is this assertion consumer service',
    broken: ({ response, expected }) =>
      attributeOf(response, 'Destination') !== expected.acsUrl &&
      (attributeOf(response, 'Destination') ?? 'no Destination'),
  },
  {
    code: 'issuer-wrong',
    clause: 'profiles 4.1.4.2',
    must: 'A signed Response has the Issuer of the provider that was asked',
    broken: ({ response, expected }) => {
      const issuers = childrenOf(response, 'assertion', 'Issuer');
      if (issuers.length === 0) return Boolean(onlyChild(response, 'signature', 'Signature')) && 'no Issuer';
      return textOf(issuers[0]) !== expected.idpIssuer && textOf(issuers[0]);
    },
  },
];

/** The assertion: before the verification for the reason only, after it on the verified bytes. */
export const assertionRules: Rule<{ assertion: Element; expected: Expected }>[] = [
  {
    code: 'assertion-issuer-wrong',
    clause: 'profiles 4.1.4.2',
    must: 'The Assertion’s Issuer is the provider',
    broken: ({ assertion, expected }) => {
      const issuer = textOf(onlyChild(assertion, 'assertion', 'Issuer'));
      return issuer !== expected.idpIssuer && (issuer || 'no Issuer');
    },
  },
  {
    code: 'name-id-missing',
    clause: 'profiles 4.1.4.2; core 2.4.1',
    must: 'One Subject holds one NameID that is not empty',
    broken: ({ assertion }) => nameIdOf(assertion).trim() === '',
  },
  {
    code: 'confirmation-not-bearer',
    clause: 'profiles 4.1.4.2',
    must: 'One SubjectConfirmation, of the bearer method, holds one SubjectConfirmationData',
    broken: ({ assertion }) => confirmationOf(assertion) === undefined,
  },
  {
    code: 'recipient-wrong',
    clause: 'profiles 4.1.4.2, 4.1.4.3',
    must: 'Recipient is this assertion consumer service',
    broken: ({ assertion, expected }) => {
      const recipient = attributeOf(confirmationOf(assertion), 'Recipient');
      return recipient !== expected.acsUrl && (recipient ?? 'no Recipient');
    },
  },
  {
    code: 'confirmation-not-before',
    clause: 'profiles 4.1.4.2',
    must: 'The bearer confirmation has no NotBefore',
    broken: ({ assertion }) => attributeOf(confirmationOf(assertion), 'NotBefore'),
  },
  {
    code: 'confirmation-expired',
    clause: 'profiles 4.1.4.2, 4.1.4.3',
    must: 'The bearer confirmation’s NotOnOrAfter is given and not past',
    broken: ({ assertion, expected }) =>
      isPast(momentOf(confirmationOf(assertion), 'NotOnOrAfter'), expected) &&
      (attributeOf(confirmationOf(assertion), 'NotOnOrAfter') ?? 'no NotOnOrAfter'),
  },
  {
    code: 'confirmation-request-wrong',
    clause: 'profiles 4.1.4.2, 4.1.4.3, 4.1.5',
    must: 'The bearer confirmation answers the request, or no request when the provider started',
    broken: ({ assertion, expected }) => {
      const requestId = attributeOf(confirmationOf(assertion), 'InResponseTo');
      return requestId !== expected.requestId && (requestId ?? 'no InResponseTo');
    },
  },
  {
    code: 'conditions-missing',
    clause: 'profiles 4.1.4.2; core 2.5.1',
    must: 'One Conditions says until when',
    broken: ({ assertion }) => momentOf(conditionsOf(assertion), 'NotOnOrAfter') === undefined,
  },
  {
    code: 'condition-unknown',
    clause: 'core 2.5.1.1',
    must: 'Every condition is one that is understood',
    broken: ({ assertion }) =>
      childrenOf(conditionsOf(assertion)).find(
        (condition) =>
          !isNamed(condition, 'assertion', 'AudienceRestriction') &&
          !isNamed(condition, 'assertion', 'OneTimeUse') && // each assertion is used once anyway
          !isNamed(condition, 'assertion', 'ProxyRestriction'), // speaks to those who issue assertions on this one
      )?.nodeName,
  },
  {
    code: 'not-yet-valid',
    clause: 'core 2.5.1.2, 2.3.3',
    must: 'The Assertion’s NotBefore and IssueInstant are not in the future',
    broken: ({ assertion, expected }) =>
      isFuture(momentOf(conditionsOf(assertion), 'NotBefore') ?? 0, expected)
        ? attributeOf(conditionsOf(assertion), 'NotBefore')
        : isFuture(momentOf(assertion, 'IssueInstant'), expected) &&
          (attributeOf(assertion, 'IssueInstant') ?? 'no IssueInstant'),
  },
  {
    code: 'expired',
    clause: 'core 2.5.1.2',
    must: 'The Assertion’s NotOnOrAfter is not past',
    broken: ({ assertion, expected }) =>
      isPast(momentOf(conditionsOf(assertion), 'NotOnOrAfter'), expected) &&
      attributeOf(conditionsOf(assertion), 'NotOnOrAfter'),
  },
  {
    code: 'too-old',
    clause: 'profiles 4.1.4.3 (a limit of Paperlift’s)',
    must: 'The Assertion was issued within five minutes',
    broken: ({ assertion, expected }) =>
      isPast((momentOf(assertion, 'IssueInstant') ?? Number.NaN) + maxAssertionAgeMs, expected) &&
      attributeOf(assertion, 'IssueInstant'),
  },
  {
    code: 'audience-wrong',
    clause: 'profiles 4.1.4.2; core 2.5.1.4',
    must: 'There is an AudienceRestriction, and each names Paperlift',
    broken: ({ assertion, expected }) => {
      const restrictions = childrenOf(conditionsOf(assertion), 'assertion', 'AudienceRestriction');
      if (restrictions.length === 0) return 'no AudienceRestriction';
      const audiences = restrictions.map((restriction) =>
        childrenOf(restriction, 'assertion', 'Audience').map(textOf),
      );
      return audiences.find((names) => !names.includes(expected.spEntityId))?.join(' ');
    },
  },
  {
    code: 'authn-statement-missing',
    clause: 'profiles 4.1.4.2',
    must: 'An AuthnStatement says that the person was authenticated',
    broken: ({ assertion }) => childrenOf(assertion, 'assertion', 'AuthnStatement').length === 0,
  },
  {
    code: 'provider-session-over',
    clause: 'profiles 4.1.4.3; core 2.7.2',
    must: 'The provider’s session with the person is not over',
    broken: ({ assertion, expected }) =>
      childrenOf(assertion, 'assertion', 'AuthnStatement')
        .filter((statement) => statement.hasAttribute('SessionNotOnOrAfter'))
        .some((statement) => isPast(momentOf(statement, 'SessionNotOnOrAfter'), expected)),
  },
  {
    code: 'attribute-name-refused',
    clause: 'core 2.7.3.1 (a rule of Paperlift’s)',
    must: 'No attribute is without a name, or named like something else that is read',
    broken: ({ assertion }) => {
      const names = attributesOf(assertion).map((attribute) => attributeOf(attribute, 'Name'));
      return names.includes(undefined) ? 'no name' : names.find((name) => name && refusedNames.has(name));
    },
  },
  {
    code: 'attribute-repeated',
    clause: 'core 2.7.3 (a rule of Paperlift’s)',
    must: 'No two attributes have the same name',
    broken: ({ assertion }) => {
      const names = attributesOf(assertion).map((attribute) => attributeOf(attribute, 'Name'));
      return names.find((name, index) => names.indexOf(name) !== index);
    },
  },
];

/** What a verified assertion says of the person. For assertions that keep the rules only. */
export function readAssertion(assertion: Element) {
  const confirmation = confirmationOf(assertion);
  const conditions = conditionsOf(assertion);
  const ends = [momentOf(confirmation, 'NotOnOrAfter'), momentOf(conditions, 'NotOnOrAfter')];
  const [statement] = childrenOf(assertion, 'assertion', 'AuthnStatement');
  const nameId = onlyChild(onlyChild(assertion, 'assertion', 'Subject'), 'assertion', 'NameID');
  return {
    assertionId: attributeOf(assertion, 'ID') ?? '',
    issuer: textOf(onlyChild(assertion, 'assertion', 'Issuer')),
    nameId: nameIdOf(assertion),
    nameIdFormat: attributeOf(nameId, 'Format'),
    /** The provider's name for its session with the person, which a logout request repeats (profiles 4.4.3.3). */
    sessionIndex: attributeOf(statement, 'SessionIndex'),
    notOnOrAfter: new Date(Math.max(...ends.map((end) => end ?? 0))),
    attributes: new Map(
      attributesOf(assertion).map((attribute) => [
        attributeOf(attribute, 'Name') ?? '',
        childrenOf(attribute, 'assertion', 'AttributeValue').map(textOf),
      ]),
    ),
  };
}

// node-saml copies attributes onto its profile beside these, and objects have the last three by themselves
const refusedNames = new Set(
  'nameID nameIDFormat nameQualifier spNameQualifier inResponseTo sessionIndex getAssertion getAssertionXml getSamlResponseXml __proto__ constructor prototype'.split(
    ' ',
  ),
);

const allowedAlgorithms: [string, Set<string>][] = [
  ['CanonicalizationMethod', canonicalizations],
  ['SignatureMethod', signatureMethods],
  ['DigestMethod', digestMethods],
  ['Transform', transforms],
];

function algorithmsOf(signature: Element, name: string): string[] {
  return everythingIn(signature)
    .filter(({ localName }) => localName === name)
    .map((element) => attributeOf(element, 'Algorithm') ?? 'none');
}

const signatureElements = new Set(
  'Signature SignedInfo CanonicalizationMethod SignatureMethod Reference Transforms Transform DigestMethod DigestValue SignatureValue'.split(
    ' ',
  ),
);

function holdsContent(signature: Element): boolean {
  const keyInfo = onlyChild(signature, 'signature', 'KeyInfo');
  return everythingIn(signature).some((element) => {
    if (element === keyInfo || isWithin(element, keyInfo)) return element.localName === 'Object';
    const isOther =
      !isNamed(element, 'signature', element.localName) || !signatureElements.has(element.localName);
    if (isOther && element.localName !== 'InclusiveNamespaces') return true;
    return Array.from(element.childNodes).some(
      ({ nodeType }) => nodeType !== element.ELEMENT_NODE && nodeType !== element.TEXT_NODE,
    );
  });
}

function isWithin(element: Element, ancestor: Element | undefined): boolean {
  for (let node: Node | null = element; ancestor && node; node = node.parentNode) {
    if (node === ancestor) return true;
  }
  return false;
}

const nameIdOf = (assertion: Element) =>
  textOf(onlyChild(onlyChild(assertion, 'assertion', 'Subject'), 'assertion', 'NameID'));

const conditionsOf = (assertion: Element) => onlyChild(assertion, 'assertion', 'Conditions');

/** The data of the one confirmation, if it is the bearer's. */
function confirmationOf(assertion: Element): Element | undefined {
  const confirmation = onlyChild(
    onlyChild(assertion, 'assertion', 'Subject'),
    'assertion',
    'SubjectConfirmation',
  );
  if (attributeOf(confirmation, 'Method') !== bearer) return undefined;
  return onlyChild(confirmation, 'assertion', 'SubjectConfirmationData');
}

const attributesOf = (assertion: Element) =>
  childrenOf(assertion, 'assertion', 'AttributeStatement').flatMap((statement) =>
    childrenOf(statement, 'assertion', 'Attribute'),
  );

/** A moment that is missing or unreadable is past, and in the future too: it never lets anybody in. */
const isPast = (moment: number | undefined, { now, clockSkewMs }: Expected) =>
  !(now.getTime() - clockSkewMs < (moment ?? Number.NaN));

const isFuture = (moment: number | undefined, { now, clockSkewMs }: Expected) =>
  !((moment ?? Number.NaN) <= now.getTime() + clockSkewMs);
