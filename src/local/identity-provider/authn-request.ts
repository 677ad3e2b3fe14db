import { inflateRawSync } from 'node:zlib';
import { DOMParser } from '@xmldom/xmldom';
import { AuthnRequestError } from './authn-request.error.ts';

const protocol = 'urn:oasis:names:tc:SAML:2.0:protocol';
const assertion = 'urn:oasis:names:tc:SAML:2.0:assertion';
const largestRequest = 64 * 1024;

/** A registered service provider. */
export interface ServiceProvider {
  entityId: string;
  acsUrl: string;
}

/**
 * Reads an AuthnRequest of the redirect binding (saml-bindings 3.4): base64 of deflated XML. Throws AuthnRequestError
 * unless it comes from a registered service provider and asks for an answer at its registered address.
 */
export function readAuthnRequest(
  encoded: unknown,
  expected: { destination: string; serviceProviders: ServiceProvider[] },
): { id: string; serviceProvider: ServiceProvider } {
  if (typeof encoded !== 'string' || encoded === '') {
    throw new AuthnRequestError('The address has no SAMLRequest in it.');
  }
  const request = parse(inflate(encoded));
  const attribute = (name: string) => request.getAttribute(name) || undefined;
  if (request.namespaceURI !== protocol || request.localName !== 'AuthnRequest') {
    throw new AuthnRequestError('The request is no AuthnRequest.');
  }
  if (attribute('Version') !== '2.0') throw new AuthnRequestError('The request is not of SAML 2.0.');
  const id = attribute('ID');
  if (!id || !/^[A-Za-z_][\w.-]{0,200}$/.test(id))
    throw new AuthnRequestError('The request has no usable ID.');
  expect('Destination', attribute('Destination'), expected.destination);
  const issuer = request.getElementsByTagNameNS(assertion, 'Issuer')[0]?.textContent ?? '';
  const serviceProvider = expected.serviceProviders.find(({ entityId }) => entityId === issuer);
  if (!serviceProvider) throw new AuthnRequestError(`“${issuer}” is not registered here.`);
  expect('AssertionConsumerServiceURL', attribute('AssertionConsumerServiceURL'), serviceProvider.acsUrl);
  return { id, serviceProvider };
}

function expect(name: string, found: string | undefined, expected: string): void {
  if (found === undefined || found === expected) return;
  throw new AuthnRequestError(`The request’s ${name} is “${found}”, where “${expected}” is registered.`);
}

function inflate(encoded: string): string {
  try {
    return inflateRawSync(Buffer.from(encoded, 'base64'), { maxOutputLength: largestRequest }).toString(
      'utf8',
    );
  } catch {
    throw new AuthnRequestError('The SAMLRequest is not deflated and base64-encoded XML, or too large.');
  }
}

function parse(xml: string): Element {
  if (/<!doctype/i.test(xml)) throw new AuthnRequestError('The request declares a document type.');
  const refuse = () => {
    throw new AuthnRequestError('The request is not well-formed XML.');
  };
  const parser = new DOMParser({ errorHandler: { warning: refuse, error: refuse, fatalError: refuse } });
  return parser.parseFromString(xml, 'text/xml').documentElement ?? refuse();
}
