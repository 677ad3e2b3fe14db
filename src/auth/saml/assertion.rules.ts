// The rules for an assertion: see rule.ts.
import { attributesOf, conditionsOf, confirmationOf, nameIdOf } from './assertion.ts';
import type { Expected, Rule } from './rule.ts';
import { attributeOf, childrenOf, isNamed, momentOf, onlyChild, textOf } from './xml.ts';

/** An older assertion is refused whatever validity it claims. */
export const maxAssertionAgeMs = 300_000;

/** Applied to the assertion twice: before verification to name the reason, after it to the verified bytes. */
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
    must: 'There is one Subject with one non-empty NameID',
    broken: ({ assertion }) => nameIdOf(assertion).trim() === '',
  },
  {
    code: 'confirmation-not-bearer',
    clause: 'profiles 4.1.4.2',
    must: 'There is one bearer SubjectConfirmation with one SubjectConfirmationData',
    broken: ({ assertion }) => confirmationOf(assertion) === undefined,
  },
  {
    code: 'recipient-wrong',
    clause: 'profiles 4.1.4.2, 4.1.4.3',
    must: 'Recipient is Paperlift’s assertion consumer service',
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
    must: 'The bearer confirmation’s NotOnOrAfter is present and in the future',
    broken: ({ assertion, expected }) =>
      isPast(momentOf(confirmationOf(assertion), 'NotOnOrAfter'), expected) &&
      (attributeOf(confirmationOf(assertion), 'NotOnOrAfter') ?? 'no NotOnOrAfter'),
  },
  {
    code: 'confirmation-request-wrong',
    clause: 'profiles 4.1.4.2, 4.1.4.3, 4.1.5',
    must: 'The bearer confirmation’s InResponseTo matches the request, or is absent if the provider started',
    broken: ({ assertion, expected }) => {
      const requestId = attributeOf(confirmationOf(assertion), 'InResponseTo');
      return requestId !== expected.requestId && (requestId ?? 'no InResponseTo');
    },
  },
  {
    code: 'conditions-missing',
    clause: 'profiles 4.1.4.2; core 2.5.1',
    must: 'There is one Conditions element with a NotOnOrAfter',
    broken: ({ assertion }) => momentOf(conditionsOf(assertion), 'NotOnOrAfter') === undefined,
  },
  {
    code: 'condition-unknown',
    clause: 'core 2.5.1.1',
    must: 'Every condition is supported',
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
    must: 'The Assertion’s NotOnOrAfter is in the future',
    broken: ({ assertion, expected }) =>
      isPast(momentOf(conditionsOf(assertion), 'NotOnOrAfter'), expected) &&
      attributeOf(conditionsOf(assertion), 'NotOnOrAfter'),
  },
  {
    code: 'too-old',
    clause: 'profiles 4.1.4.3 (a limit of Paperlift’s)',
    must: 'The Assertion was issued less than five minutes ago',
    broken: ({ assertion, expected }) =>
      isPast((momentOf(assertion, 'IssueInstant') ?? Number.NaN) + maxAssertionAgeMs, expected) &&
      attributeOf(assertion, 'IssueInstant'),
  },
  {
    code: 'audience-wrong',
    clause: 'profiles 4.1.4.2; core 2.5.1.4',
    must: 'There is an AudienceRestriction, and every one names Paperlift',
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
    must: 'There is an AuthnStatement',
    broken: ({ assertion }) => childrenOf(assertion, 'assertion', 'AuthnStatement').length === 0,
  },
  {
    code: 'provider-session-over',
    clause: 'profiles 4.1.4.3; core 2.7.2',
    must: 'The person’s session at the provider has not ended',
    broken: ({ assertion, expected }) =>
      childrenOf(assertion, 'assertion', 'AuthnStatement')
        .filter((statement) => statement.hasAttribute('SessionNotOnOrAfter'))
        .some((statement) => isPast(momentOf(statement, 'SessionNotOnOrAfter'), expected)),
  },
  {
    code: 'attribute-name-refused',
    clause: 'core 2.7.3.1 (a rule of Paperlift’s)',
    must: 'Every attribute has a name, and none has a reserved name',
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

// node-saml copies attributes onto its profile beside these; the last three exist on every object
const refusedNames = new Set(
  'nameID nameIDFormat nameQualifier spNameQualifier inResponseTo sessionIndex getAssertion getAssertionXml getSamlResponseXml __proto__ constructor prototype'.split(
    ' ',
  ),
);

/** A missing or unreadable time counts as past and as future, so that it never grants access. */
const isPast = (moment: number | undefined, { now, clockSkewMs }: Expected) =>
  !(now.getTime() - clockSkewMs < (moment ?? Number.NaN));

const isFuture = (moment: number | undefined, { now, clockSkewMs }: Expected) =>
  !((moment ?? Number.NaN) <= now.getTime() + clockSkewMs);
