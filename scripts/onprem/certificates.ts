import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const openssl = (directory: string, ...args: string[]) =>
  execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });

/** Makes an authority and its certificate for these names, as PEM files in `directory`. */
export function makeCertificates(directory: string, names: string[]) {
  const key = ['-newkey', 'rsa:2048', '-nodes', '-sha256'];
  const authority = [
    '-subj=/CN=Example Corporation',
    '-days=30',
    '-keyout=authority-key.pem',
    '-out=authority.pem',
  ];
  openssl(directory, 'req', '-x509', ...key, ...authority.flatMap((one) => splitOption(one)));
  openssl(directory, 'req', ...key, '-subj', `/CN=${names[0]}`, '-keyout', 'key.pem', '-out', 'request.pem');
  writeFileSync(
    join(directory, 'extensions'),
    `subjectAltName=${names.map((name) => `DNS:${name}`).join()}\n`,
  );
  const signing =
    '-req -in request.pem -CA authority.pem -CAkey authority-key.pem -CAcreateserial -days 30 -sha256';
  openssl(directory, 'x509', ...signing.split(' '), '-extfile', 'extensions', '-out', 'leaf.pem');
  const chain = ['leaf.pem', 'authority.pem']
    .map((name) => readFileSync(join(directory, name), 'utf8'))
    .join('');
  writeFileSync(join(directory, 'certificate.pem'), chain);
  return {
    certificate: join(directory, 'certificate.pem'),
    key: join(directory, 'key.pem'),
    authority: join(directory, 'authority.pem'),
  };
}

function splitOption(option: string): string[] {
  const at = option.indexOf('=');
  return [option.slice(0, at), option.slice(at + 1)];
}

/** The hash of a certificate's key, by which Chromium knows it. */
export function hashOfKey(certificate: string): string {
  const { publicKey } = new X509Certificate(readFileSync(certificate));
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}
