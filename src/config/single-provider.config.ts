// The only identity provider, configured by the SAML_* variables.
import { defaultOrganisationId } from '../people/organisation.ts';
import { readGroupTable } from './group-table.config.ts';
import {
  isSafeMetadataUrl,
  metadataOf,
  readNamedFile,
  type SamlProvider,
  splitCertificates,
} from './provider.config.ts';

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
  SAML_DECRYPTION_KEY?: string;
  SAML_DECRYPTION_KEY_FILE?: string;
  SAML_DECRYPTION_CERTIFICATE?: string;
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
    return readNamedFile(file, (message) => mistakes.push(`${name}: ${message}`));
  };
  const metadata = metadataOf({
    file: env.SAML_METADATA_FILE,
    url: env.SAML_METADATA_URL,
    refreshMinutes: env.SAML_METADATA_REFRESH_MINUTES,
  });
  if (env.SAML_METADATA_URL && !isSafeMetadataUrl(env.SAML_METADATA_URL)) {
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
    organisationId: defaultOrganisationId,
    name: env.SAML_PROVIDER_NAME,
    idpIssuer: env.SAML_IDP_ISSUER ?? '',
    entryPoint: env.SAML_ENTRY_POINT ?? '',
    certificates: splitCertificates(env.SAML_IDP_CERTIFICATE ?? read('SAML_IDP_CERTIFICATE_FILE') ?? ''),
    metadata,
    wantAssertionSigned: env.SAML_WANT_ASSERTION_SIGNED,
    wantResponseSigned: env.SAML_WANT_RESPONSE_SIGNED,
    allowUnsolicited: env.SAML_ALLOW_UNSOLICITED,
    decryptionKey: env.SAML_DECRYPTION_KEY ?? read('SAML_DECRYPTION_KEY_FILE'),
    decryptionCertificate: env.SAML_DECRYPTION_CERTIFICATE ?? read('SAML_DECRYPTION_CERTIFICATE_FILE'),
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
