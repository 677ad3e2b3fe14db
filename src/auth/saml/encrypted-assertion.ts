// Decrypts assertions encrypted with AES-GCM and RSA-OAEP, and nothing else. Others never reach node-saml, whose
// library would also decrypt CBC and PKCS#1 1.5. Decrypting here first lets the rules see the signature inside.
import { constants, createDecipheriv, privateDecrypt } from 'node:crypto';
import { contentCiphers, keyTransports, oaepDigests } from './algorithms.ts';
import { SignInRefused } from './sign-in-refused.error.ts';
import { attributeOf, childrenOf, everythingIn, onlyChild, parseXml, textOf } from './xml.ts';

const ivBytes = 12;
const tagBytes = 16;

/** Decrypts (xmlenc-core1 4.4, 5.2.4, 5.5.2). Throws SignInRefused. */
export async function decryptAssertion(encrypted: Element, privateKey: string): Promise<Element> {
  const data = onlyChild(encrypted, 'encryption', 'EncryptedData');
  const key = onlyChild(onlyChild(data, 'signature', 'KeyInfo'), 'encryption', 'EncryptedKey');
  const names = everythingIn(encrypted).map(({ localName }) => localName);
  // node-saml's library takes the first of these anywhere, so exactly one of each must exist, in its place
  const expected = { EncryptedData: 1, EncryptedKey: 1, EncryptionMethod: 2, CipherValue: 2 };
  for (const [name, count] of Object.entries(expected)) {
    if (names.filter((found) => found === name).length !== count)
      throw refusedFor(`${name} not ${count} times`);
  }
  const wrapping = onlyChild(key, 'encryption', 'EncryptionMethod');
  const content = contentCiphers.get(algorithmOf(onlyChild(data, 'encryption', 'EncryptionMethod')));
  if (!content) throw refusedFor(algorithmOf(onlyChild(data, 'encryption', 'EncryptionMethod')));
  if (!keyTransports.has(algorithmOf(wrapping))) throw refusedFor(algorithmOf(wrapping));
  const digest = childrenOf(wrapping).find((method) => !oaepDigests.has(algorithmOf(method)));
  if (digest) throw refusedFor(`${digest.localName} ${algorithmOf(digest)}`);
  const sealed = cipherOf(data);
  if (sealed.length <= ivBytes + tagBytes) throw refusedFor('shorter than its authentication tag');

  try {
    const secret = privateDecrypt(
      { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
      cipherOf(key),
    );
    if (secret.length !== content.keyBytes) throw new Error('the key has the wrong length');
    const decipher = createDecipheriv(content.cipher, secret, sealed.subarray(0, ivBytes), {
      authTagLength: tagBytes,
    });
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    const xml = Buffer.concat([decipher.update(sealed.subarray(ivBytes, -tagBytes)), decipher.final()]);
    const assertion = await parseXml(xml.toString('utf8'));
    if (assertion.localName !== 'Assertion') throw new Error('contains no Assertion');
    return assertion;
  } catch (error) {
    throw new SignInRefused('decryption-failed', (error as Error).message, error);
  }
}

const refusedFor = (detail: string) => new SignInRefused('encryption-refused', detail);

const algorithmOf = (method: Element | undefined) => attributeOf(method, 'Algorithm') ?? 'no algorithm';

const cipherOf = (element: Element | undefined) =>
  Buffer.from(
    textOf(onlyChild(onlyChild(element, 'encryption', 'CipherData'), 'encryption', 'CipherValue')),
    'base64',
  );
