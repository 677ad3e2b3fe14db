import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSecretly } from '../data-directory.ts';

export interface SigningKey {
  /** PEM. */
  privateKey: string;
  /** PEM, self-signed. */
  certificate: string;
  certificateFile: string;
}

/** Reads the identity provider's key from the directory, or creates it: RSA, 2048 bits, valid for ten years. */
export async function ensureSigningKey(directory: string): Promise<SigningKey> {
  const keyFile = join(directory, 'key.pem');
  const certificateFile = join(directory, 'certificate.pem');
  const read = async (): Promise<SigningKey> => ({
    privateKey: await readFile(keyFile, 'utf8'),
    certificate: await readFile(certificateFile, 'utf8'),
    certificateFile,
  });
  try {
    return await read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const made = await generateSigningKey();
  await writeSecretly(keyFile, made.privateKey);
  await writeSecretly(certificateFile, made.certificate);
  return read();
}

/** Creates a key and a self-signed certificate, both PEM. */
export async function generateSigningKey(): Promise<Pick<SigningKey, 'privateKey' | 'certificate'>> {
  // imported here because it takes 0.2 seconds, and only the first start needs it
  const { generate } = await import('selfsigned');
  const now = Date.now();
  const made = await generate([{ name: 'commonName', value: 'Paperlift local identity provider' }], {
    keySize: 2048,
    algorithm: 'sha256',
    // one day earlier, so that a clock that was wrong at creation does not invalidate it
    notBeforeDate: new Date(now - 86_400_000),
    notAfterDate: new Date(now + 3650 * 86_400_000),
  });
  return { privateKey: made.private, certificate: made.cert };
}
