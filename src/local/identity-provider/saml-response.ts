// The response of a SAML 2.0 identity provider for the Web browser SSO profile (saml-profiles 4.1.4.2). Content and
// signing are separate and both can be changed, so that tests can build responses that must be refused.
import { randomBytes } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import { escapeMarkup } from './markup.ts';

const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const success = 'urn:oasis:names:tc:SAML:2.0:status:Success';
const lifetimeMs = 5 * 60_000;

/** The content of a response. */
export interface ResponseClaims {
  responseId: string;
  assertionId: string;
  /** The ID of the AuthnRequest. */
  inResponseTo: string;
  /** The assertion consumer service: Destination and Recipient. */
  destination: string;
  recipient: string;
  issuer: string;
  audience: string;
  nameId: string;
  nameIdFormat: string;
  sessionIndex: string;
  issuedAt: Date;
  notBefore: Date;
  notOnOrAfter: Date;
  status: string;
  attributes: Record<string, string[]>;
}

/** Fills in everything that is constant or generated. */
export function claimResponse(
  claims: Pick<
    ResponseClaims,
    'inResponseTo' | 'destination' | 'issuer' | 'audience' | 'nameId' | 'attributes'
  > &
    Partial<ResponseClaims>,
): ResponseClaims {
  const issuedAt = claims.issuedAt ?? new Date();
  return {
    responseId: createSamlId(),
    assertionId: createSamlId(),
    sessionIndex: createSamlId(),
    recipient: claims.destination,
    nameIdFormat: persistent,
    issuedAt,
    notBefore: new Date(issuedAt.getTime() - 5000),
    notOnOrAfter: new Date(issuedAt.getTime() + lifetimeMs),
    status: success,
    ...claims,
  };
}

/** A SAML ID: 160 bits, not starting with a digit (saml-core 1.3.4). */
function createSamlId(): string {
  return `_${randomBytes(20).toString('hex')}`;
}

/** The response as XML, unsigned. */
export function buildResponse(claims: ResponseClaims): string {
  const of = escapeMarkup;
  const issuedAt = claims.issuedAt.toISOString();
  const notOnOrAfter = claims.notOnOrAfter.toISOString();
  const issuer = `<saml:Issuer>${of(claims.issuer)}</saml:Issuer>`;
  const attributes = Object.entries(claims.attributes)
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => {
      const list = values.map(
        (value) => `<saml:AttributeValue xsi:type="xs:string">${of(value)}</saml:AttributeValue>`,
      );
      return `<saml:Attribute Name="${of(name)}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic">${list.join('')}</saml:Attribute>`;
    });
  return [
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"`,
    ` ID="${of(claims.responseId)}" Version="2.0" IssueInstant="${issuedAt}"`,
    ` Destination="${of(claims.destination)}" InResponseTo="${of(claims.inResponseTo)}">`,
    issuer,
    `<samlp:Status><samlp:StatusCode Value="${of(claims.status)}"/></samlp:Status>`,
    `<saml:Assertion xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`,
    ` ID="${of(claims.assertionId)}" Version="2.0" IssueInstant="${issuedAt}">`,
    issuer,
    `<saml:Subject><saml:NameID Format="${of(claims.nameIdFormat)}">${of(claims.nameId)}</saml:NameID>`,
    `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData`,
    ` InResponseTo="${of(claims.inResponseTo)}" Recipient="${of(claims.recipient)}" NotOnOrAfter="${notOnOrAfter}"/>`,
    `</saml:SubjectConfirmation></saml:Subject>`,
    `<saml:Conditions NotBefore="${claims.notBefore.toISOString()}" NotOnOrAfter="${notOnOrAfter}">`,
    `<saml:AudienceRestriction><saml:Audience>${of(claims.audience)}</saml:Audience></saml:AudienceRestriction>`,
    `</saml:Conditions>`,
    `<saml:AuthnStatement AuthnInstant="${issuedAt}" SessionIndex="${of(claims.sessionIndex)}"><saml:AuthnContext>`,
    `<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef>`,
    `</saml:AuthnContext></saml:AuthnStatement>`,
    attributes.length > 0 ? `<saml:AttributeStatement>${attributes.join('')}</saml:AttributeStatement>` : '',
    `</saml:Assertion></samlp:Response>`,
  ].join('');
}

type SignedElement = 'Assertion' | 'Response';
type Edit = (xml: string) => string;

export interface SignOptions {
  xml: string;
  /** PEM; for HMAC the shared secret. */
  privateKey: string;
  /** PEM, put into KeyInfo. */
  certificate?: string;
  /** What is signed. The assertion is signed first, because the response's signature covers it. Default: both. */
  signed?: SignedElement[];
  signatureAlgorithm?: string;
  digestAlgorithm?: string;
  transforms?: string[];
  /** Edits between the steps, for responses that must be refused. */
  beforeSigning?: Edit;
  betweenSignatures?: Edit;
  afterSigning?: Edit;
}

/** Signs a response, its assertion, or both, enveloped and with RSA-SHA256 by default. Returns the XML. */
export function signResponse(options: SignOptions): string {
  const signed = options.signed ?? ['Assertion', 'Response'];
  const unchanged: Edit = (xml) => xml;
  let xml = (options.beforeSigning ?? unchanged)(options.xml);
  if (signed.includes('Assertion')) xml = signElement(xml, 'Assertion', options);
  xml = (options.betweenSignatures ?? unchanged)(xml);
  if (signed.includes('Response')) xml = signElement(xml, 'Response', options);
  return (options.afterSigning ?? unchanged)(xml);
}

/** Signs the first element of that name. The signature follows its Issuer, as the schema requires. */
function signElement(xml: string, element: SignedElement, options: Omit<SignOptions, 'xml'>): string {
  const xpath = `(//*[local-name(.)='${element}'])[1]`;
  const signature = new SignedXml({
    privateKey: options.privateKey,
    publicCert: options.certificate,
    signatureAlgorithm: options.signatureAlgorithm ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  });
  if (options.signatureAlgorithm?.includes('hmac')) signature.enableHMAC();
  signature.addReference({
    xpath,
    digestAlgorithm: options.digestAlgorithm ?? 'http://www.w3.org/2001/04/xmlenc#sha256',
    transforms: options.transforms ?? [
      'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
      'http://www.w3.org/2001/10/xml-exc-c14n#',
    ],
  });
  signature.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: `${xpath}/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signature.getSignedXml();
}
