// Several identity providers, configured by JSON in a variable or in a file.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { defaultOrganisationId } from '../people/organisation.ts';
import { hasVisibleText } from '../text/visible-text.ts';
import { findGroupTableMistakes, readGroupTable } from './group-table.config.ts';
import {
  isSafeMetadataUrl,
  metadataOf,
  readNamedFile,
  type SamlProvider,
  splitCertificates,
} from './provider.config.ts';

const httpUrl = z.url({ protocol: /^https?$/ });
const safeUrl = httpUrl.refine(isSafeMetadataUrl, 'must be https, except on localhost');

const groupTable = z.record(z.string(), z.string()).transform((table) => readGroupTable(table));

/** A provider of the list. File names are relative to SAML_PROVIDERS_FILE, or to the working directory. */
const providerOfList = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/),
    organisation: z.string().default(defaultOrganisationId),
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
    decryptionKey: z.string().min(1).optional(),
    decryptionKeyFile: z.string().min(1).optional(),
    decryptionCertificate: z.string().min(1).optional(),
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

interface KnownOrganisations {
  ids: string[];
  /** The groups that a provider of this organisation may map to. */
  groupsOf: (organisationId: string) => string[];
}

/** Reads SAML_PROVIDERS or SAML_PROVIDERS_FILE: a JSON list of providers. Adds mistakes to `mistakes`. */
export function readProviderList(
  { text, file = '' }: { text?: string | undefined; file?: string | undefined },
  organisations: KnownOrganisations,
  mistakes: string[],
): SamlProvider[] {
  const variable = text ? 'SAML_PROVIDERS' : 'SAML_PROVIDERS_FILE';
  const addMistake = (message: string) => void mistakes.push(`${variable}: ${message}`);
  let json: unknown;
  try {
    json = JSON.parse(text ?? readFileSync(file, 'utf8'));
  } catch (error) {
    addMistake((error as Error).message);
    return [];
  }
  const parsed = z.array(providerOfList).min(1).safeParse(json);
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      addMistake(`${issue.path.join('.') || 'the list'}: ${issue.message}`);
    return [];
  }
  for (const name of ['id', 'idpIssuer'] as const) {
    const values = parsed.data.map((provider) => provider[name]);
    const twice = values.find((value, index) => values.indexOf(value) !== index);
    if (twice !== undefined) addMistake(`two providers have the same ${name}: ${twice}`);
  }
  const read = (name: string | undefined) =>
    readNamedFile(name && path.resolve(path.dirname(file), name), addMistake);
  return parsed.data.map((provider) => {
    if (!organisations.ids.includes(provider.organisation))
      addMistake(`${provider.id}: ORGANISATIONS_FILE has no organisation "${provider.organisation}"`);
    for (const mistake of findGroupTableMistakes(
      provider.groupTable,
      organisations.groupsOf(provider.organisation),
    ))
      addMistake(`${provider.id}: ${mistake}`);
    const { metadataFile, metadataUrl, metadataRefreshMinutes, certificateFiles, ...rest } = provider;
    const { decryptionKeyFile, decryptionCertificateFile, organisation, ...kept } = rest;
    const metadata = metadataOf({
      file: metadataFile && path.resolve(path.dirname(file), metadataFile),
      url: metadataUrl,
      refreshMinutes: metadataRefreshMinutes,
    });
    return {
      ...kept,
      organisationId: organisation,
      entryPoint: provider.entryPoint ?? '',
      certificates: [
        ...provider.certificates,
        ...certificateFiles.flatMap((name) => splitCertificates(read(name) ?? '')),
      ],
      metadata,
      decryptionKey: provider.decryptionKey ?? read(decryptionKeyFile),
      decryptionCertificate: provider.decryptionCertificate ?? read(decryptionCertificateFile),
    };
  });
}
