// The proxy of docker-compose.onprem.yml with client certificates: real Caddy (Debian's package) and real OpenSSL.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findFreePort } from '../support/free-port.ts';
import { waitFor } from '../support/wait.ts';

const root = path.join(import.meta.dirname, '../..');
const missing = ['caddy', 'openssl'].filter((name) => spawnSync(name, ['version']).error);
const skip = missing.length > 0 && `${missing.join(' and ')} not installed`;

const directory = mkdtempSync(path.join(tmpdir(), 'paperlift-proxy-'));
const folder = path.join(directory, 'client-certificates');
const at = (name: string) => path.join(directory, name);
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });

/** An authority with a register of what it issued, which revocation lists are made of. */
function createAuthority(name: string) {
  const folderOf = at(name);
  mkdirSync(folderOf);
  writeFileSync(path.join(folderOf, 'index'), '');
  writeFileSync(path.join(folderOf, 'crlnumber'), '01\n');
  writeFileSync(
    path.join(folderOf, 'conf'),
    `[ca]\ndefault_ca=one\n[one]\ndatabase=${folderOf}/index\ncrlnumber=${folderOf}/crlnumber\ndefault_md=sha256\n`,
  );
  const files = ['-keyout', `${name}/key.pem`, '-out', `${name}/certificate.pem`];
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', `/CN=${name}`, ...files);
  const signing = [
    '-cert',
    `${name}/certificate.pem`,
    '-keyfile',
    `${name}/key.pem`,
    '-config',
    `${name}/conf`,
  ];

  return {
    certificate: at(`${name}/certificate.pem`),

    /** A certificate for clients; `serial` is as long as real ones are. */
    issue(holder: string, serial: string, days = 30) {
      const [key, asked, certificate] = ['key', 'request', 'pem'].map((ending) => `${holder}.${ending}`) as [
        string,
        string,
        string,
      ];
      openssl(
        'req',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-subj',
        `/CN=${holder}`,
        '-keyout',
        key,
        '-out',
        asked,
      );
      const ends = new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, '');
      const starts = '20200101000000Z';
      writeFileSync(at('client.ext'), '[client]\nextendedKeyUsage=clientAuth\n');
      const extensions = ['-extfile', 'client.ext', '-extensions', 'client'];
      writeFileSync(path.join(folderOf, 'serial'), `${serial}\n`);
      writeFileSync(
        path.join(folderOf, 'conf'),
        `[ca]\ndefault_ca=one\n[one]\ndatabase=${folderOf}/index\nserial=${folderOf}/serial\ncrlnumber=${folderOf}/crlnumber\nnew_certs_dir=${folderOf}\ndefault_md=sha256\npolicy=any\nunique_subject=no\n[any]\ncommonName=supplied\n`,
      );
      const dates = ['-startdate', starts, '-enddate', ends];
      openssl(
        'ca',
        '-batch',
        '-notext',
        '-in',
        asked,
        '-out',
        certificate,
        ...dates,
        ...extensions,
        ...signing,
      );
      return { key: readFileSync(at(key)), cert: readFileSync(at(certificate)) };
    },
    revoke: (holder: string) => openssl('ca', '-revoke', `${holder}.pem`, ...signing),
    listRevoked(days = '7') {
      openssl('ca', '-gencrl', '-crldays', days, '-out', `${name}/revoked.pem`, ...signing);
      return at(`${name}/revoked.pem`);
    },
  };
}

const prepare = (...args: string[]) =>
  spawnSync('sh', [path.join(root, 'onprem/client-certificates.sh'), folder, ...args], { encoding: 'utf8' });

const host = 'paperlift.example.com';
let port = 0;
let stop = async () => {};

/** Starts Caddy with the Caddyfile as it is, but for the places of what containers find elsewhere. */
async function startProxy(upstream: number) {
  port = await findFreePort();
  const file = readFileSync(path.join(root, 'onprem/Caddyfile'), 'utf8')
    .replace('admin off', `admin off\n\thttp_port ${await findFreePort()}`)
    .replaceAll('/run/secrets/tls-certificate', at('site/certificate.pem'))
    .replaceAll('/run/secrets/tls-key', at('site/key.pem'))
    .replace('web:3000', `127.0.0.1:${upstream}`)
    .replace(/^:8080/m, `:${await findFreePort()}`);
  writeFileSync(at('Caddyfile'), file);
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.tls'))) {
    const text = readFileSync(path.join(folder, name), 'utf8').replaceAll('/etc/caddy/', `${directory}/`);
    rmSync(path.join(folder, name));
    writeFileSync(path.join(folder, name), text);
  }
  const caddy = spawn('caddy', ['run', '--config', at('Caddyfile'), '--adapter', 'caddyfile'], {
    env: {
      ...process.env,
      PAPERLIFT_HOST: `${host}:${port}`,
      IDENTITY_HOST: `sign-in.example.com:${port}`,
      FILES_HOST: `files.example.com:${port}`,
      XDG_DATA_HOME: directory,
      XDG_CONFIG_HOME: directory,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [caddy.stdout, caddy.stderr]) stream.on('data', (chunk) => (said += chunk));
  await waitFor('Caddy', async () => {
    assert.equal(caddy.exitCode, null, said);
    return /serving initial configuration/.test(said) ? true : undefined;
  });
  stop = async () => {
    const ended = once(caddy, 'exit');
    caddy.kill('SIGKILL');
    await ended;
  };
}

async function restartProxy(upstream: number) {
  await stop();
  await startProxy(upstream);
}

/** The status that a client gets, or how its connection was refused. */
function ask(identity: { key?: Buffer; cert?: Buffer } = {}, servername = host): Promise<number | string> {
  return new Promise((resolve) => {
    request(
      {
        ...{ host: '127.0.0.1', port, servername, path: '/', headers: { host: `${servername}:${port}` } },
        ...{ ca: readFileSync(at('site/certificate.pem')), agent: false, ...identity },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    )
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      .end();
  });
}

describe('the proxy on a company’s own server', { skip }, () => {
  const upstream = createServer((_request, response) => response.end('Paperlift'));
  let upstreamPort: number;
  let company: ReturnType<typeof createAuthority>;
  let alice: { key: Buffer; cert: Buffer };
  let bob: { key: Buffer; cert: Buffer };

  before(async () => {
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    upstreamPort = (upstream.address() as AddressInfo).port;
    mkdirSync(folder);
    mkdirSync(at('site'));
    const names = [host, 'sign-in.example.com', 'files.example.com'].map((name) => `DNS:${name}`).join();
    const files = ['-keyout', 'site/key.pem', '-out', 'site/certificate.pem'];
    openssl(
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', `/CN=${host}`],
      ...['-addext', `subjectAltName=${names}`, ...files],
    );
    company = createAuthority('company');
    alice = company.issue('alice', '7F00000000000000000000000000000000000A11');
    bob = company.issue('bob', '7F00000000000000000000000000000000000B0B');
  });
  after(async () => {
    await stop();
    upstream.close();
    rmSync(directory, { recursive: true });
  });

  test('lets everyone in while no certificates are asked for', async () => {
    await startProxy(upstreamPort);
    assert.equal(await ask(), 200);
  });

  test('asks for a certificate of the company’s authority, and lets no other client in', async () => {
    const { status, stdout, stderr } = prepare(company.certificate);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, '0 revoked certificates\n');
    await restartProxy(upstreamPort);
    assert.equal(await ask(alice), 200);
    assert.match(String(await ask()), /ERR_SSL|ECONNRESET|EPIPE/);
    const stranger = createAuthority('stranger').issue('mallory', '7F000000000000000000000000000000000000FF');
    assert.match(String(await ask(stranger)), /ERR_SSL|ECONNRESET|EPIPE/);
    const expired = company.issue('carol', '7F00000000000000000000000000000000000CA0', -1);
    assert.match(String(await ask(expired)), /ERR_SSL|ECONNRESET|EPIPE/);
  });

  test('asks for one where browsers fetch files, and for none at the sign-in, which Paperlift reads', async () => {
    assert.match(String(await ask({}, 'files.example.com')), /ERR_SSL|ECONNRESET|EPIPE/);
    assert.equal(typeof (await ask({}, 'sign-in.example.com')), 'number');
  });

  test('refuses a certificate on the authority’s revocation list', async () => {
    company.revoke('bob');
    assert.equal(await ask(bob), 200, 'until the list is read');
    const { status, stdout, stderr } = prepare(company.certificate, company.listRevoked());
    assert.equal(status, 0, stderr);
    assert.equal(stdout, '1 revoked certificates\n');
    await restartProxy(upstreamPort);
    assert.deepEqual([await ask(bob), await ask(alice)], [403, 200]);
  });

  test('keeps what it has when a list is another authority’s, or has expired', () => {
    const before = readFileSync(path.join(folder, 'refuse.site'), 'utf8');
    const forged = createAuthority('forger').listRevoked();
    assert.match(prepare(company.certificate, forged).stderr, /not signed by one of the authorities/);
    openssl(
      ...['ca', '-gencrl', '-crl_lastupdate', '20200101000000Z', '-crl_nextupdate', '20200102000000Z'],
      ...['-out', 'old.pem', '-cert', 'company/certificate.pem', '-keyfile', 'company/key.pem'],
      ...['-config', 'company/conf'],
    );
    const { status, stderr } = prepare(company.certificate, at('old.pem'));
    assert.match(stderr, /expired at/);
    assert.equal(status, 1);
    assert.equal(readFileSync(path.join(folder, 'refuse.site'), 'utf8'), before);
  });
});
