// The configured identity providers: one from the SAML_* variables, or several from a JSON file.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { type GroupRule, readGroupRule } from '../people/group-rule.ts';
import { hasVisibleText } from '../text/visible-text.ts';

/** An identity provider. Addresses and certificates from its metadata are added to these. */
export interface SamlProvider {
  /** A short name for logs, records and URLs. */
  id: string;
  /** The name on the sign-in page. */
  name: string;
  /** The entity id. */
  idpIssuer: string;
  entryPoint: string;
  /** PEM or base64; several while the provider rotates its key. */
  certificates: string[];
  metadata?: { file?: string; url?: string; refreshMs: number };
  wantAssertionSigned: boolean;
  wantResponseSigned: boolean;
  /** Whether the provider may start a sign-in (saml-profiles 4.1.5). */
  allowUnsolicited: boolean;
  /** PEM, for encrypted assertions. */
  decryptionKey?: string;
  /** PEM; published in Paperlift's metadata, so that the provider can encrypt. */
  decryptionCertificate?: string;
  logoutUrl?: string;
  /** Email domains whose people sign in here, in lower case. */
  mailDomains: string[];
  attributes: { email: string; name: string; groups: string };
  groupTable: GroupRule[];
  /** The separator, where the provider sends all groups as one value. */
  groupSeparator?: string;
}

const httpUrl = z.url({ protocol: /^https?$/ });
/** Anyone who can change the metadata in transit can sign in as anyone. */
const safeUrl = httpUrl.refine(isSafe, 'must be https, except on localhost');

const groupTable = z.record(z.string(), z.string()).transform((table) => readGroupTable(table));

/** A provider in SAML_PROVIDERS_FILE. File names are relative to that file. */
const providerOfFile = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/),
    name: z.string().refine(hasVisibleText, 'must have visible characters'),
    idpIssuer: z.string().min(1),
    entryPoint: httpUrl.optional(),
    certificates: z.array(z.string().min(1)).default([]),
    certificateFiles: z.array(z.string().min(1)).default([]),
    metadataFile: z.string().min(1).optional(),
    metadataUrl: safeUrl.optional(),
    metadataRefreshMinutes: z.number().min(1).default(60),
    wantAssertionSigned: z.boolean().default(true),
    wantResponseSigned: z.boolean().default(true),
    allowUnsolicited: z.boolean().default(false),
    decryptionKeyFile: z.string().min(1).optional(),
    decryptionCertificateFile: z.string().min(1).optional(),
    logoutUrl: httpUrl.optional(),
    mailDomains: z.array(z.string().min(1).toLowerCase()).default([]),
    attributes: z
      .strictObject({
        email: z.string().default('email'),
        name: z.string().default('name'),
        groups: z.string().default('groups'),
      })
      .prefault({}),
    groupTable,
    groupSeparator: z.string().length(1).optional(),
  })
  .superRefine((provider, context) => {
    const mistake = (message: string) => context.addIssue({ code: 'custom', message });
    if (!provider.wantAssertionSigned && !provider.wantResponseSigned) {
      mistake('wantAssertionSigned or wantResponseSigned must be true');
    }
    if (!provider.metadataFile && !provider.metadataUrl) {
      if (!provider.entryPoint) mistake('set entryPoint, metadataFile or metadataUrl');
      if (provider.certificates.length + provider.certificateFiles.length === 0) {
        mistake('set certificates, certificateFiles, metadataFile or metadataUrl');
      }
    }
  });

export function readGroupTable(table: Record<string, string>): GroupRule[] {
  return Object.entries(table).map(([from, to]) => readGroupRule(from, to));
}

/** The mistakes in a group table, one sentence each. */
export function findGroupTableMistakes(rules: GroupRule[], knownGroups: string[]): string[] {
  const mistakes: string[] = [];
  for (const { kind, from, key, to } of rules) {
    if (!knownGroups.includes(to)) mistakes.push(`"${from}" maps to "${to}", which is not a Paperlift group`);
    if (kind === 'prefix' && key.trim().length < 3) {
      mistakes.push(`"${from}" would match almost every group: use a prefix of at least three characters`);
    }
  }
  return mistakes;
}

/** Reads SAML_PROVIDERS_FILE: a JSON list of providers. Adds mistakes to `mistakes`. */
export function readProvidersFile(file: string, knownGroups: string[], mistakes: string[]): SamlProvider[] {
  const say = (message: string) => void mistakes.push(`SAML_PROVIDERS_FILE: ${message}`);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    say((error as Error).message);
    return [];
  }
  const parsed = z.array(providerOfFile).min(1).safeParse(json);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) say(`${issue.path.join('.') || 'the list'}: ${issue.message}`);
    return [];
  }
  for (const name of ['id', 'idpIssuer'] as const) {
    const values = parsed.data.map((provider) => provider[name]);
    const twice = values.find((value, index) => values.indexOf(value) !== index);
    if (twice !== undefined) say(`two providers have the same ${name}: ${twice}`);
  }
  const read = (name: string | undefined): string | undefined => {
    if (name === undefined) return undefined;
    try {
      return readFileSync(path.resolve(path.dirname(file), name), 'utf8');
    } catch (error) {
      say((error as Error).message);
      return undefined;
    }
  };
  return parsed.data.map((provider) => {
    for (const mistake of findGroupTableMistakes(provider.groupTable, knownGroups))
      say(`${provider.id}: ${mistake}`);
    const { metadataFile, metadataUrl, metadataRefreshMinutes, certificateFiles, ...rest } = provider;
    const { decryptionKeyFile, decryptionCertificateFile, ...kept } = rest;
    const metadata = metadataOf({
      file: metadataFile && path.resolve(path.dirname(file), metadataFile),
      url: metadataUrl,
      refreshMinutes: metadataRefreshMinutes,
    });
    return {
      ...kept,
      entryPoint: provider.entryPoint ?? '',
      certificates: [
        ...provider.certificates,
        ...certificateFiles.flatMap((name) => splitCertificates(read(name) ?? '')),
      ],
      metadata,
      decryptionKey: read(decryptionKeyFile),
      decryptionCertificate: read(decryptionCertificateFile),
    };
  });
}

function metadataOf(given: {
  file?: string;
  url?: string;
  refreshMinutes: number;
}): SamlProvider['metadata'] {
  const { file, url, refreshMinutes } = given;
  return file || url ? { file, url, refreshMs: refreshMinutes * 60_000 } : undefined;
}

/** The SAML_* variables for a single provider. */
interface SingleProvider {
  SAML_PROVIDER_NAME: string;
  SAML_ENTRY_POINT?: string;
  SAML_IDP_ISSUER?: string;
  SAML_IDP_CERTIFICATE?: string;
  SAML_IDP_CERTIFICATE_FILE?: string;
  SAML_METADATA_FILE?: string;
  SAML_METADATA_URL?: string;
  SAML_METADATA_REFRESH_MINUTES: number;
  SAML_WANT_ASSERTION_SIGNED: boolean;
  SAML_WANT_RESPONSE_SIGNED: boolean;
  SAML_ALLOW_UNSOLICITED: boolean;
  SAML_DECRYPTION_KEY_FILE?: string;
  SAML_DECRYPTION_CERTIFICATE_FILE?: string;
  SAML_LOGOUT_URL?: string;
  SAML_EMAIL_ATTRIBUTE: string;
  SAML_NAME_ATTRIBUTE: string;
  SAML_GROUPS_ATTRIBUTE: string;
  SAML_GROUPS_SEPARATOR?: string;
}

/** Builds the only provider, `default`, from the SAML_* variables. Adds mistakes to `mistakes`. */
export function readSingleProvider(
  env: SingleProvider,
  groupTable: Record<string, string>,
  mistakes: string[],
): SamlProvider {
  const read = (name: keyof SingleProvider): string | undefined => {
    const file = env[name];
    if (typeof file !== 'string') return undefined;
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      mistakes.push(`${name}: ${(error as Error).message}`);
      return undefined;
    }
  };
  const metadata = metadataOf({
    file: env.SAML_METADATA_FILE,
    url: env.SAML_METADATA_URL,
    refreshMinutes: env.SAML_METADATA_REFRESH_MINUTES,
  });
  if (env.SAML_METADATA_URL && !isSafe(env.SAML_METADATA_URL)) {
    mistakes.push('SAML_METADATA_URL: must be https, except on localhost');
  }
  if (!env.SAML_IDP_ISSUER) mistakes.push('SAML_IDP_ISSUER: is missing');
  if (!metadata && !env.SAML_ENTRY_POINT) mistakes.push('SAML_ENTRY_POINT: is missing');
  if (!metadata && !env.SAML_IDP_CERTIFICATE && !env.SAML_IDP_CERTIFICATE_FILE) {
    mistakes.push('SAML_IDP_CERTIFICATE or SAML_IDP_CERTIFICATE_FILE: is missing');
  }
  if (!env.SAML_WANT_ASSERTION_SIGNED && !env.SAML_WANT_RESPONSE_SIGNED) {
    mistakes.push('SAML_WANT_ASSERTION_SIGNED, SAML_WANT_RESPONSE_SIGNED: at least one must be true');
  }
  return {
    id: 'default',
    name: env.SAML_PROVIDER_NAME,
    idpIssuer: env.SAML_IDP_ISSUER ?? '',
    entryPoint: env.SAML_ENTRY_POINT ?? '',
    certificates: splitCertificates(env.SAML_IDP_CERTIFICATE ?? read('SAML_IDP_CERTIFICATE_FILE') ?? ''),
    metadata,
    wantAssertionSigned: env.SAML_WANT_ASSERTION_SIGNED,
    wantResponseSigned: env.SAML_WANT_RESPONSE_SIGNED,
    allowUnsolicited: env.SAML_ALLOW_UNSOLICITED,
    decryptionKey: read('SAML_DECRYPTION_KEY_FILE'),
    decryptionCertificate: read('SAML_DECRYPTION_CERTIFICATE_FILE'),
    logoutUrl: env.SAML_LOGOUT_URL,
    mailDomains: [],
    attributes: {
      email: env.SAML_EMAIL_ATTRIBUTE,
      name: env.SAML_NAME_ATTRIBUTE,
      groups: env.SAML_GROUPS_ATTRIBUTE,
    },
    groupTable: readGroupTable(groupTable),
    groupSeparator: env.SAML_GROUPS_SEPARATOR,
  };
}

function isSafe(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

/** One certificate, or several concatenated PEM blocks while the provider rotates its key. */
function splitCertificates(text: string): string[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/g);
  return blocks ?? (text.trim() ? [text.trim()] : []);
}

/** The key for signing Paperlift's own messages in single logout: PEM. */
export interface SigningKey {
  privateKey: string;
  certificate: string;
}

interface SigningKeyVariables {
  SAML_SP_PRIVATE_KEY?: string | undefined;
  SAML_SP_PRIVATE_KEY_FILE?: string | undefined;
  SAML_SP_CERTIFICATE?: string | undefined;
  SAML_SP_CERTIFICATE_FILE?: string | undefined;
}

/** Reads the key and its certificate, given as text or as a file. Adds mistakes to `mistakes`. */
export function readSigningKey(env: SigningKeyVariables, mistakes: string[]): SigningKey | undefined {
  const read = (name: 'SAML_SP_PRIVATE_KEY' | 'SAML_SP_CERTIFICATE'): string | undefined => {
    const file = env[`${name}_FILE`];
    if (env[name] || !file) return env[name];
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      mistakes.push(`${name}_FILE: ${(error as Error).message}`);
      return undefined;
    }
  };
  const privateKey = read('SAML_SP_PRIVATE_KEY');
  const certificate = read('SAML_SP_CERTIFICATE');
  if (!privateKey && !certificate) return undefined;
  if (!privateKey || !certificate) {
    mistakes.push('SAML_SP_PRIVATE_KEY, SAML_SP_CERTIFICATE: set both (or their files) or neither');
    return undefined;
  }
  try {
    if (new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey)))
      return { privateKey, certificate };
    mistakes.push('SAML_SP_CERTIFICATE: does not match SAML_SP_PRIVATE_KEY');
  } catch (error) {
    mistakes.push(`SAML_SP_PRIVATE_KEY, SAML_SP_CERTIFICATE: ${(error as Error).message}`);
  }
  return undefined;
}
