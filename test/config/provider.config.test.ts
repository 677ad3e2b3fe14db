import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { parseEnv } from 'node:util';
import { loadConfig } from '../../src/config/config.ts';
import { ConfigError } from '../../src/errors.ts';

const example = parseEnv(readFileSync(new URL('../../.env.example', import.meta.url), 'utf8'));
const env = {
  ...(example as Record<string, string>),
  SAML_IDP_CERTIFICATE_FILE: '',
  SAML_IDP_CERTIFICATE: 'MIIC',
};
const good = {
  id: 'acme',
  name: 'Acme',
  idpIssuer: 'urn:acme',
  entryPoint: 'https://sso.acme.example',
  certificates: ['MIIC'],
  groupTable: { Staff: 'paperlift-users' },
};
let directory: string;
before(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'paperlift-providers-'));
});
after(() => rmSync(directory, { recursive: true }));

function load(providers: unknown) {
  const file = path.join(directory, 'providers.json');
  writeFileSync(file, typeof providers === 'string' ? providers : JSON.stringify(providers));
  return loadConfig({ ...env, SAML_PROVIDERS_FILE: file }).saml.providers;
}

function mistakesOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return '';
}

test('a provider of the file wants both signed and starts nothing, unless the file says otherwise', () => {
  const [provider] = load([good]);
  assert.equal(provider?.wantAssertionSigned, true);
  assert.equal(provider?.wantResponseSigned, true);
  assert.equal(provider?.allowUnsolicited, false);
  assert.deepEqual(provider?.attributes, { email: 'email', name: 'name', groups: 'groups' });
  assert.equal(load([{ ...good, wantResponseSigned: false }])[0]?.wantResponseSigned, false);
});

test('settings of a provider that would open a hole, or that nobody knows, are refused', () => {
  const { entryPoint: _entryPoint, ...without } = good;
  for (const [mistake, providers] of Object.entries({
    'wantResponseSigned must be true': [{ ...good, wantAssertionSigned: false, wantResponseSigned: false }],
    'must be https': [{ ...without, metadataUrl: 'http://sso.acme.example/metadata' }],
    'set entryPoint': [without],
    'set certificates': [{ ...good, certificates: [] }],
    'two providers have the same id: acme': [good, { ...good, idpIssuer: 'urn:other' }],
    'two providers have the same idpIssuer: urn:acme': [good, { ...good, id: 'other' }],
    'not a Paperlift group': [{ ...good, groupTable: { Staff: 'root' } }],
    'almost every group': [{ ...good, groupTable: { '*': 'paperlift-admins' } }],
    wantResponseSinged: [{ ...good, wantResponseSinged: true }],
    'no such file': [{ ...good, certificateFiles: ['missing.pem'] }],
    SAML_PROVIDERS_FILE: '{',
    'the list': [],
  })) {
    assert.ok(mistakesOf(() => load(providers)).includes(mistake), mistake);
  }
});

test('the single provider may have its metadata in place of address and certificate, by https only', () => {
  const single = { ...env, SAML_IDP_CERTIFICATE: '', SAML_ENTRY_POINT: '' };
  const url = 'https://sso.example.com/metadata';
  assert.equal(loadConfig({ ...single, SAML_METADATA_URL: url }).saml.providers[0]?.metadata?.url, url);
  const mistakes = mistakesOf(() => loadConfig({ ...single, SAML_METADATA_URL: url.replace('s:', ':') }));
  assert.match(mistakes, /SAML_METADATA_URL: must be https/);
  assert.match(
    mistakesOf(() => loadConfig(single)),
    /SAML_ENTRY_POINT: is missing/,
  );
});

test('two certificates one after the other are two', () => {
  const pem = (content: string) => `-----BEGIN CERTIFICATE-----\n${content}\n-----END CERTIFICATE-----\n`;
  const { saml } = loadConfig({ ...env, SAML_IDP_CERTIFICATE: pem('AAAA') + pem('BBBB') });
  assert.deepEqual(saml.providers[0]?.certificates, [pem('AAAA'), pem('BBBB')]);
});

test('keys and certificates may be given as text: by variables, or in a list of providers that is a variable itself', () => {
  const single = loadConfig({
    ...env,
    SAML_DECRYPTION_KEY: 'key',
    SAML_DECRYPTION_CERTIFICATE: 'certificate',
  });
  const list = JSON.stringify([{ ...good, decryptionKey: 'key', decryptionCertificate: 'certificate' }]);
  for (const { saml } of [single, loadConfig({ ...env, SAML_PROVIDERS: list })]) {
    assert.equal(saml.providers[0]?.decryptionKey, 'key');
    assert.equal(saml.providers[0]?.decryptionCertificate, 'certificate');
  }
  assert.match(
    mistakesOf(() => loadConfig({ ...env, SAML_PROVIDERS: '{' })),
    /SAML_PROVIDERS: /,
  );
});
