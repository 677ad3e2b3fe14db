import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readNamedFile } from './provider.config.ts';

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
    return readNamedFile(file, (message) => mistakes.push(`${name}_FILE: ${message}`));
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
