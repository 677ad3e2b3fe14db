// The logout messages that Paperlift sends: signed, by POST (saml-core 3.7, saml-bindings 3.5).
import { randomBytes } from 'node:crypto';
import { signXml } from '@node-saml/node-saml/lib/xml.js';
import { escapeXml } from './saml/sp-metadata.presenter.ts';

interface Envelope {
  destination: string;
  spEntityId: string;
  /** PEM. */
  privateKey: string;
  now: Date;
}

const lifetimeMs = 300_000;

/** A SAML ID: 160 bits, not starting with a digit (saml-core 1.3.4). */
const createId = () => `_${randomBytes(20).toString('hex')}`;

export function buildLogoutRequest(
  session: { nameId: string; nameIdFormat?: string | undefined; sessionIndex?: string | undefined },
  envelope: Envelope,
) {
  const { nameId, nameIdFormat, sessionIndex } = session;
  const format = nameIdFormat ? ` Format="${escapeXml(nameIdFormat)}"` : '';
  const notOnOrAfter = new Date(envelope.now.getTime() + lifetimeMs).toISOString();
  return sign('LogoutRequest', envelope, ` NotOnOrAfter="${notOnOrAfter}"`, [
    `<saml:NameID${format}>${escapeXml(nameId)}</saml:NameID>`,
    sessionIndex ? `<samlp:SessionIndex>${escapeXml(sessionIndex)}</samlp:SessionIndex>` : '',
  ]);
}

export function buildLogoutResponse(answer: { inResponseTo: string; isKnown: boolean }, envelope: Envelope) {
  const code = (name: string, inner = '') =>
    `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${name}"${inner ? `>${inner}</samlp:StatusCode>` : '/>'}`;
  const status = answer.isKnown ? code('Success') : code('Requester', code('UnknownPrincipal'));
  return sign('LogoutResponse', envelope, ` InResponseTo="${escapeXml(answer.inResponseTo)}"`, [
    `<samlp:Status>${status}</samlp:Status>`,
  ]);
}

function sign(element: string, envelope: Envelope, attributes: string, content: string[]) {
  const { destination, spEntityId, privateKey, now } = envelope;
  const id = createId();
  const xml = [
    `<samlp:${element} xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"`,
    ` ID="${id}" Version="2.0" IssueInstant="${now.toISOString()}" Destination="${escapeXml(destination)}"${attributes}>`,
    `<saml:Issuer>${escapeXml(spEntityId)}</saml:Issuer>`,
    ...content,
    `</samlp:${element}>`,
  ].join('');
  const xpath = `/*[local-name(.)="${element}"]`;
  const location = { reference: `${xpath}/*[local-name(.)="Issuer"]`, action: 'after' as const };
  const signed = signXml(xml, xpath, location, {
    privateKey,
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
  });
  return { id, destination, value: Buffer.from(signed).toString('base64') };
}
