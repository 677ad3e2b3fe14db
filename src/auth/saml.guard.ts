// What node-saml does not look at. Before: the posted form. After: the verified bytes of the assertion only.
import { PaperliftError } from '../errors.ts';

const responseLimitBytes = 100 * 1024;

export function refusedSignIn(reason: string, cause?: unknown): PaperliftError {
  return new PaperliftError('forbidden', {
    code: 'sign-in-refused',
    message: 'The sign-in was not accepted.',
    todo: 'Go back to the start and sign in again. If that fails too, give your IT service desk the request number below.',
    cause: new Error(reason, { cause }),
  });
}

/** Checks the posted form before anything parses it. Throws `saml-response-malformed`. */
export function checkPostedResponse(body: unknown): { xml: string } {
  const response = (body as { SAMLResponse?: unknown } | undefined)?.SAMLResponse;
  const refuse = (reason: string) =>
    new PaperliftError('invalid', {
      code: 'saml-response-malformed',
      message: 'This is no answer of an identity provider.',
      todo: 'Go back to the start and sign in again.',
      cause: new Error(reason),
    });
  if (typeof response !== 'string' || response === '') throw refuse('SAMLResponse is missing or given twice');
  if (response.length > responseLimitBytes * 1.4) throw refuse('SAMLResponse is too long');
  if (!/^[A-Za-z0-9+/=\s]+$/.test(response)) throw refuse('SAMLResponse is not base64');
  const xml = Buffer.from(response, 'base64').toString('utf8');
  if (xml.length > responseLimitBytes) throw refuse('SAMLResponse is too long');
  if (/<!DOCTYPE|<!ENTITY/i.test(xml)) throw refuse('SAMLResponse has a document type');
  if (/<\s*</.test(xml) || !xml.trimStart().startsWith('<')) throw refuse('SAMLResponse is not XML');
  return { xml };
}

// xml2js: every element is an array, attributes lie in $, text in _
type Element = { $?: Record<string, string>; _?: string } & { [name: string]: Element[] | undefined };

/** Reads the subject from a verified assertion (saml-profiles 4.1.4.2, 4.1.4.3). Throws `sign-in-refused`. */
export function readVerifiedAssertion(
  parsed: Record<string, unknown>,
  expected: { idpIssuer: string; acsUrl: string; requestId: string | undefined },
) {
  const assertion = parsed.Assertion as Element | undefined;
  const only = (elements: Element[] | string | undefined, name: string): Element => {
    if (!Array.isArray(elements) || elements.length !== 1) throw refusedSignIn(`not exactly one ${name}`);
    return elements[0] as Element;
  };
  const textOf = (element: Element | string): string =>
    typeof element === 'string' ? element : (element._ ?? '');

  if (!assertion) throw refusedSignIn('no assertion');
  if (textOf(only(assertion.Issuer, 'Issuer')) !== expected.idpIssuer)
    throw refusedSignIn('Issuer of the assertion');
  only(assertion.Conditions, 'Conditions');
  const subject = only(assertion.Subject, 'Subject');
  const nameId = textOf(only(subject.NameID, 'NameID'));
  if (nameId.trim() === '') throw refusedSignIn('NameID is empty');

  const confirmation = only(subject.SubjectConfirmation, 'SubjectConfirmation');
  if (confirmation.$?.Method !== 'urn:oasis:names:tc:SAML:2.0:cm:bearer')
    throw refusedSignIn('method is not bearer');
  const data = only(confirmation.SubjectConfirmationData, 'SubjectConfirmationData').$ ?? {};
  if (data.Recipient !== expected.acsUrl) throw refusedSignIn('Recipient');
  if (!expected.requestId || data.InResponseTo !== expected.requestId)
    throw refusedSignIn('InResponseTo of the subject');
  const notOnOrAfter = new Date(data.NotOnOrAfter ?? '');
  if (Number.isNaN(notOnOrAfter.getTime())) throw refusedSignIn('NotOnOrAfter of the subject');

  const assertionId = assertion.$?.ID;
  if (!assertionId) throw refusedSignIn('the assertion has no ID');
  return { assertionId, nameId, notOnOrAfter, attributes: readAttributes(assertion, textOf) };
}

function readAttributes(
  assertion: Element,
  textOf: (element: Element | string) => string,
): Map<string, string[]> {
  const attributes = new Map<string, string[]>();
  for (const statement of assertion.AttributeStatement ?? []) {
    for (const attribute of statement.Attribute ?? []) {
      const name = attribute.$?.Name;
      if (!name || attributes.has(name)) throw refusedSignIn(`attribute ${name} without a name or twice`);
      attributes.set(name, (attribute.AttributeValue ?? []).map(textOf));
    }
  }
  return attributes;
}
