// Reads the parts of an assertion (saml-core-2.0-os 2.3.3).
import { attributeOf, childrenOf, momentOf, onlyChild, textOf } from './xml.ts';

const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';

/** What a verified assertion says about the person. Only for assertions that keep the rules. */
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
    /** The provider's id of its session with the person, which a logout request repeats (profiles 4.4.3.3). */
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

export const nameIdOf = (assertion: Element) =>
  textOf(onlyChild(onlyChild(assertion, 'assertion', 'Subject'), 'assertion', 'NameID'));

export const conditionsOf = (assertion: Element) => onlyChild(assertion, 'assertion', 'Conditions');

/** The data of the only confirmation, if it is a bearer confirmation. */
export function confirmationOf(assertion: Element): Element | undefined {
  const confirmation = onlyChild(
    onlyChild(assertion, 'assertion', 'Subject'),
    'assertion',
    'SubjectConfirmation',
  );
  if (attributeOf(confirmation, 'Method') !== bearer) return undefined;
  return onlyChild(confirmation, 'assertion', 'SubjectConfirmationData');
}

export const attributesOf = (assertion: Element) =>
  childrenOf(assertion, 'assertion', 'AttributeStatement').flatMap((statement) =>
    childrenOf(statement, 'assertion', 'Attribute'),
  );
