// The algorithms allowed in providers' signatures and encryption. All others are refused: SHA-1 and HMAC in signatures
// (the public key is public), CBC and PKCS#1 1.5 in encryption (both leak information about the plain text).

export const signatureMethods = new Set([
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
]);

export const digestMethods = new Set([
  'http://www.w3.org/2001/04/xmlenc#sha256',
  'http://www.w3.org/2001/04/xmlenc#sha512',
]);

/** Without comments, so that the signed text is the text that is read. */
export const canonicalizations = new Set(['http://www.w3.org/2001/10/xml-exc-c14n#']);

/** saml-core 5.4.4 */
export const transforms = new Set([
  'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  'http://www.w3.org/2001/10/xml-exc-c14n#',
]);

/** AES-GCM and its key length in bytes (xmlenc-core1 5.2.4). */
export const contentCiphers = new Map([
  ['http://www.w3.org/2009/xmlenc11#aes128-gcm', { cipher: 'aes-128-gcm' as const, keyBytes: 16 }],
  ['http://www.w3.org/2009/xmlenc11#aes256-gcm', { cipher: 'aes-256-gcm' as const, keyBytes: 32 }],
]);

/** RSA-OAEP (xmlenc-core1 5.5.2). Its older identifier implies SHA-1 as the hash, which is safe for OAEP. */
export const keyTransports = new Set(['http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p']);
export const oaepDigests = new Set(['http://www.w3.org/2000/09/xmldsig#sha1']);
