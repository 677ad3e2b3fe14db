// A configured identity provider, and what both ways to configure one share.
import { readFileSync } from 'node:fs';
import type { GroupRule } from '../people/group-rule.ts';
import { isLoopback } from './loopback.ts';

/** An identity provider. Addresses and certificates from its metadata are added to these. */
export interface SamlProvider {
  /** A short name for logs, records and URLs. */
  id: string;
  /** Whose people sign in here. */
  organisationId: string;
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

export function metadataOf(given: {
  file?: string;
  url?: string;
  refreshMinutes: number;
}): SamlProvider['metadata'] {
  const { file, url, refreshMinutes } = given;
  return file || url ? { file, url, refreshMs: refreshMinutes * 60_000 } : undefined;
}

/** Anyone who can change the metadata in transit can sign in as anyone. */
export function isSafeMetadataUrl(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || isLoopback(hostname);
}

/** One certificate, or several concatenated PEM blocks while the provider rotates its key. */
export function splitCertificates(text: string): string[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/g);
  return blocks ?? (text.trim() ? [text.trim()] : []);
}

/** Reads a file that a variable or a provider names. Reports its mistake and returns nothing when it cannot be read. */
export function readNamedFile(
  file: string | undefined,
  addMistake: (message: string) => void,
): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    addMistake((error as Error).message);
    return undefined;
  }
}
