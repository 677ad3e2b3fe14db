// Routes that are loaded at the first request that matches `path`. The matching routers see the whole path. `routes`
// lists them.
import { keyInfoToPem } from '@node-saml/node-saml/lib/crypto.js';
import { getVerifiedXml } from '@node-saml/node-saml/lib/xml.js';
import type { SamlProvider } from '../config/provider.config.ts';
import { messageRules } from './saml/message.rules.ts';
import { type Message, readPostedResponse } from './saml/message.ts';
import type { RefusalCode } from './saml/refusals.ts';
import { SignInRefused } from './saml/sign-in-refused.error.ts';
import { attributeOf, childrenOf, isNamed, momentOf, onlyChild, parseXml, textOf } from './saml/xml.ts';

/** The codes of refused logout messages, for the log only. */
type LogoutRefusalCode =
  | RefusalCode
  | 'logout-message-missing'
  | 'not-a-logout-message'
  | 'logout-expired'
  | 'logout-issued-at'
  | 'logout-name-id'
  | 'logout-id'
  | 'logout-used-before'
  | 'logout-request-unknown';

export class LogoutRefused extends Error {
  override name = 'LogoutRefused';
  readonly code: LogoutRefusalCode;

  constructor(code: LogoutRefusalCode, detail?: string, cause?: unknown) {
    super(detail ? `${code}: ${detail}` : code, { cause });
    this.code = code;
  }
}

export interface Expected {
  provider: SamlProvider;
  sloUrl: string;
  clockSkewMs: number;
  now: Date;
}

const kinds = { SAMLRequest: 'LogoutRequest', SAMLResponse: 'LogoutResponse' } as const;

/** An older logout message is refused whatever validity it claims. */
const maxAgeMs = 300_000;

/** The rules for every SAML message about its ID, version and signature. */
const commonRules = messageRules.filter(
  ({ code }) =>
    code.startsWith('signature-') ||
    ['version-wrong', 'id-repeated', 'transforms-too-many', 'algorithm-refused'].includes(code),
);

/** Takes the posted form apart. Nothing in it is trusted yet. Throws LogoutRefused. */
export async function readPostedLogout(body: unknown, query: unknown) {
  const form = (body ?? {}) as Record<string, unknown>;
  const names = (['SAMLRequest', 'SAMLResponse'] as const).filter((name) => Object.hasOwn(form, name));
  const [name] = names;
  if (!name || names.length > 1) throw new LogoutRefused('logout-message-missing');
  const message = await readPostedResponse({ SAMLResponse: form[name] }, query).catch((error) => {
    throw error instanceof SignInRefused ? new LogoutRefused(error.code, error.detail, error) : error;
  });
  if (!isNamed(message.response, 'protocol', kinds[name])) throw new LogoutRefused('not-a-logout-message');
  const issuer = textOf(onlyChild(message.response, 'assertion', 'Issuer'));
  return { kind: kinds[name], issuer, message };
}

/**
 * Verifies the signature with node-saml, then checks what was signed. Returns the signed root. Throws LogoutRefused.
 */
export async function verifyLogout(message: Message, expected: Expected): Promise<Element> {
  const { provider, sloUrl, clockSkewMs, now } = expected;
  if (!onlyChild(message.response, 'signature', 'Signature')) throw new LogoutRefused('nothing-signed');
  for (const { code, broken } of commonRules) {
    const found = broken(message);
    if (found) throw new LogoutRefused(code, found === true ? undefined : found);
  }
  const root = await parseXml(verifiedXml(message, provider));
  const time = now.getTime();
  const issuedAt = momentOf(root, 'IssueInstant') ?? Number.NaN;
  const notOnOrAfter = momentOf(root, 'NotOnOrAfter');
  const refuseUnless = (holds: boolean, code: LogoutRefusalCode, detail?: string) => {
    if (!holds) throw new LogoutRefused(code, detail);
  };
  refuseUnless(root.localName === message.response.localName, 'not-a-logout-message');
  const issuer = textOf(onlyChild(root, 'assertion', 'Issuer'));
  refuseUnless(issuer === provider.idpIssuer, 'issuer-wrong', issuer);
  // bindings 3.5.5.2: a signed message posted by a browser must name its destination
  refuseUnless(
    attributeOf(root, 'Destination') === sloUrl,
    'destination-wrong',
    attributeOf(root, 'Destination'),
  );
  refuseUnless(Boolean(attributeOf(root, 'ID')), 'logout-id');
  refuseUnless(
    issuedAt <= time + clockSkewMs && issuedAt > time - maxAgeMs - clockSkewMs,
    'logout-issued-at',
    attributeOf(root, 'IssueInstant'),
  );
  refuseUnless(notOnOrAfter === undefined || notOnOrAfter > time - clockSkewMs, 'logout-expired');
  return root;
}

function verifiedXml({ posted, response }: Message, { certificates }: SamlProvider): string {
  const xml = Buffer.from(posted, 'base64').toString('utf8');
  const keys = certificates.map((certificate) => keyInfoToPem(certificate.trim(), 'CERTIFICATE'));
  let verified: string | null;
  try {
    verified = getVerifiedXml(xml, response, keys);
  } catch (error) {
    throw new LogoutRefused('signature-invalid', (error as Error).message, error);
  }
  if (!verified) throw new LogoutRefused('signature-invalid');
  return verified;
}

/** The person of a verified LogoutRequest (saml-core 3.7.1). Without a session index, all sessions. */
export function readLogoutRequest(root: Element) {
  const nameId = textOf(onlyChild(root, 'assertion', 'NameID'));
  if (nameId.trim() === '') throw new LogoutRefused('logout-name-id', 'none, more than one, or encrypted');
  const sessionIndexes = childrenOf(root, 'protocol', 'SessionIndex').map(textOf);
  return { id: attributeOf(root, 'ID') as string, nameId, sessionIndexes };
}

/** The request that a verified LogoutResponse answers, and its status (saml-core 3.7.2). */
export function readLogoutResponse(root: Element) {
  const status = onlyChild(onlyChild(root, 'protocol', 'Status'), 'protocol', 'StatusCode');
  return {
    inResponseTo: attributeOf(root, 'InResponseTo') ?? '',
    status: attributeOf(status, 'Value') ?? '',
  };
}
