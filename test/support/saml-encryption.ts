// Encrypts assertions, correctly and in ways that must be refused.
import { type CipherGCM, constants, createCipheriv, publicEncrypt, randomBytes } from 'node:crypto';

export interface EncryptOptions {
  /** PEM: certificate or public key. */
  publicKey: string;
  contentAlgorithm?: string;
  keyAlgorithm?: string;
  digest?: string;
  /** Bytes left of what was encrypted. */
  truncateTo?: number;
}

const ciphers: Record<string, { cipher: string; keyBytes: number; ivBytes: number }> = {
  'http://www.w3.org/2009/xmlenc11#aes256-gcm': { cipher: 'aes-256-gcm', keyBytes: 32, ivBytes: 12 },
  'http://www.w3.org/2009/xmlenc11#aes128-gcm': { cipher: 'aes-128-gcm', keyBytes: 16, ivBytes: 12 },
  'http://www.w3.org/2001/04/xmlenc#aes256-cbc': { cipher: 'aes-256-cbc', keyBytes: 32, ivBytes: 16 },
};

/** Replaces the Assertion of a Response by an EncryptedAssertion. */
export function encryptAssertion(xml: string, options: EncryptOptions): string {
  const contentAlgorithm = options.contentAlgorithm ?? 'http://www.w3.org/2009/xmlenc11#aes256-gcm';
  const keyAlgorithm = options.keyAlgorithm ?? 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p';
  const { cipher, keyBytes, ivBytes } = ciphers[contentAlgorithm] as (typeof ciphers)[string];
  return xml.replace(/<saml:Assertion [\s\S]*<\/saml:Assertion>/, (assertion) => {
    const whole = assertion.replace(
      '<saml:Assertion ',
      '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ',
    );
    const key = randomBytes(keyBytes);
    const iv = randomBytes(ivBytes);
    const encryption = createCipheriv(cipher, key, iv);
    const content = Buffer.concat([iv, encryption.update(whole), encryption.final()]);
    const tag = cipher.endsWith('gcm') ? (encryption as CipherGCM).getAuthTag() : Buffer.alloc(0);
    const padding = keyAlgorithm.endsWith('rsa-1_5')
      ? constants.RSA_PKCS1_PADDING
      : constants.RSA_PKCS1_OAEP_PADDING;
    const wrapped = publicEncrypt({ key: options.publicKey, padding }, key);
    const sealed = Buffer.concat([content, tag]).subarray(0, options.truncateTo);
    const digest = options.digest
      ? `<ds:DigestMethod xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Algorithm="${options.digest}"/>`
      : '';
    return `<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="${contentAlgorithm}"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="${keyAlgorithm}">${digest}</xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>${wrapped.toString('base64')}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>${sealed.toString('base64')}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>`;
  });
}
