// Logout messages as an identity provider posts them: valid ones, and altered ones.
import { randomBytes } from 'node:crypto';
import { signXml } from '@node-saml/node-saml/lib/xml.js';
import type { Paperlift } from './paperlift.ts';
import { keyOfProvider } from './saml.ts';

export interface LogoutOptions {
  kind?: 'LogoutRequest' | 'LogoutResponse';
  id?: string;
  issuer?: string;
  destination?: string;
  issuedAt?: Date;
  notOnOrAfter?: Date;
  nameId?: string;
  sessionIndexes?: string[];
  inResponseTo?: string;
  /** Edits the XML before it is signed. */
  edit?: (xml: string) => string;
  /** PEM; false for no signature. */
  key?: string | false;
  algorithm?: 'sha1' | 'sha256';
}

/** The message as XML. */
export function buildLogout({ config, standIns }: Paperlift, options: LogoutOptions = {}) {
  const { kind = 'LogoutRequest' } = options;
  const issuedAt = options.issuedAt ?? new Date();
  const nameId =
    options.nameId ?? standIns.people.find(({ email }) => email === 'alice@example.com')?.nameId ?? '';
  const content =
    kind === 'LogoutRequest'
      ? [
          `<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">${nameId}</saml:NameID>`,
          ...(options.sessionIndexes ?? []).map(
            (index) => `<samlp:SessionIndex>${index}</samlp:SessionIndex>`,
          ),
        ]
      : [
          '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>',
        ];
  const attributes = [
    `ID="${options.id ?? `_${randomBytes(16).toString('hex')}`}" Version="2.0"`,
    `IssueInstant="${issuedAt.toISOString()}" Destination="${options.destination ?? config.saml.sloUrl}"`,
    ...(kind === 'LogoutRequest'
      ? [`NotOnOrAfter="${(options.notOnOrAfter ?? new Date(issuedAt.getTime() + 60_000)).toISOString()}"`]
      : [`InResponseTo="${options.inResponseTo}"`]),
  ];
  const xml = [
    `<samlp:${kind} xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ${attributes.join(' ')}>`,
    `<saml:Issuer>${options.issuer ?? standIns.env.SAML_IDP_ISSUER}</saml:Issuer>`,
    ...content,
    `</samlp:${kind}>`,
  ].join('');
  return options.edit?.(xml) ?? xml;
}

/** The same, signed by the provider by default. */
export function signLogout(paperlift: Paperlift, options: LogoutOptions = {}): string {
  const { kind = 'LogoutRequest', key = keyOfProvider(paperlift).privateKey } = options;
  const xml = buildLogout(paperlift, options);
  if (key === false) return xml;
  const xpath = `/*[local-name(.)="${kind}"]`;
  const location = { reference: `${xpath}/*[local-name(.)="Issuer"]`, action: 'after' as const };
  const algorithm = options.algorithm ?? 'sha256';
  return signXml(xml, xpath, location, {
    privateKey: key,
    signatureAlgorithm: algorithm,
    digestAlgorithm: algorithm,
  });
}

/** The address and hidden fields of the form that the browser is to post. */
export function formIn(html: string) {
  const action = /<form id="logout" method="post" action="([^"]*)"/.exec(html)?.[1];
  const fields = Object.fromEntries(
    [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name, value]) => [
      name,
      value,
    ]),
  ) as Record<string, string>;
  const message = fields.SAMLRequest ?? fields.SAMLResponse ?? '';
  return { action, fields, xml: Buffer.from(message, 'base64').toString() };
}
