import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Profile, SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { startIdentityProvider } from '../../../src/local/identity-provider/identity-provider.stand-in.ts';
import {
  buildResponse,
  claimResponse,
  signResponse,
} from '../../../src/local/identity-provider/saml-response.ts';
import {
  ensureSigningKey,
  generateSigningKey,
  type SigningKey,
} from '../../../src/local/identity-provider/signing-key.ts';
import { localPeople } from '../../../src/local/people.ts';

const publicUrl = 'http://localhost:3000';
const acsUrl = `${publicUrl}/auth/saml/acs`;
let directory: string;
let provider: Awaited<ReturnType<typeof startIdentityProvider>>;
let key: SigningKey;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'paperlift-idp-'));
  provider = await startIdentityProvider({
    directory,
    port: 0,
    publicUrls: [publicUrl],
    people: localPeople,
  });
  key = await ensureSigningKey(directory);
});

after(async () => {
  await provider.stop();
  await rm(directory, { recursive: true });
});

function createServiceProvider(overrides: { callbackUrl?: string; issuer?: string } = {}) {
  return new SAML({
    callbackUrl: acsUrl,
    entryPoint: provider.entryPoint,
    issuer: `${publicUrl}/auth/saml/metadata`,
    audience: `${publicUrl}/auth/saml/metadata`,
    idpIssuer: provider.issuer,
    idpCert: key.certificate,
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: true,
    validateInResponseTo: ValidateInResponseTo.always,
    acceptedClockSkewMs: 0,
    maxAssertionAgeMs: 300_000,
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    identifierFormat: null,
    ...overrides,
  });
}

async function openSignIn(serviceProvider: SAML, relayState = '') {
  const url = await serviceProvider.getAuthorizeUrlAsync(relayState, undefined, {});
  const response = await fetch(url);
  return { status: response.status, headers: response.headers, html: await response.text() };
}

async function choose(email: string, signInHtml: string) {
  const body = new URLSearchParams({ ...readHidden(signInHtml), person: email });
  const response = await fetch(provider.entryPoint, { method: 'POST', body });
  return { status: response.status, html: await response.text() };
}

function readHidden(html: string): Record<string, string> {
  const inputs = html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g);
  const decode = (text: string) =>
    text.replace(/&(?:#(\d+)|(\w+));/g, (_all, code, name) =>
      code ? String.fromCharCode(code) : { amp: '&', lt: '<', gt: '>', quot: '"' }[name as 'amp'],
    );
  return Object.fromEntries([...inputs].map(([, name, value]) => [name, decode(value as string)]));
}

async function signIn(email: string): Promise<Profile> {
  const serviceProvider = createServiceProvider();
  const { html } = await openSignIn(serviceProvider);
  const answer = await choose(email, html);
  const { SAMLResponse = '' } = readHidden(answer.html);
  const { profile } = await serviceProvider.validatePostResponseAsync({ SAMLResponse });
  assert.ok(profile);
  return profile;
}

describe('the local identity provider', () => {
  test('signs in each of its people for a service provider that checks everything', async () => {
    const alice = await signIn('alice@example.com');
    assert.equal(alice.issuer, provider.issuer);
    assert.equal(alice.nameIDFormat, 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent');
    assert.equal(alice.email, 'alice@example.com');
    assert.equal(alice.name, 'Alice Archer');
    assert.deepEqual(alice.groups, [
      'Paperlift Users',
      'Finance',
      'CN=All Staff, HQ,OU=Groups,DC=example,DC=com',
    ]);
    assert.match(alice.sessionIndex ?? '', /^_[0-9a-f]{40}$/);

    const groups = await Promise.all(
      ['bob', 'carol', 'erin', 'dave'].map(async (name) => (await signIn(`${name}@example.com`)).groups),
    );
    assert.deepEqual(groups[0], ['Paperlift Users', 'Finance']);
    assert.deepEqual(groups[1], ['Paperlift Admins', 'CN=All Staff, HQ,OU=Groups,DC=example,DC=com']);
    assert.equal(groups[2], 'Paperlift Auditors');
    assert.equal(groups[3], 'CN=All Staff, HQ,OU=Groups,DC=example,DC=com');
  });

  test('names a person by an opaque id that stays the same, and says nothing of the address', async () => {
    const [once, again, bob] = await Promise.all(
      ['alice', 'alice', 'bob'].map((name) => signIn(`${name}@example.com`)),
    );
    assert.equal(once?.nameID, again?.nameID);
    assert.notEqual(once?.nameID, bob?.nameID);
    assert.match(once?.nameID ?? '', /^_[0-9a-f]{32}$/);
  });

  test('carries the relay state back unchanged, whatever is in it', async () => {
    const relayState = '/projects/x?a="1"&b=<ä>';
    const { html } = await openSignIn(createServiceProvider(), relayState);
    const answer = await choose('alice@example.com', html);
    assert.equal(readHidden(answer.html).RelayState, relayState);
  });

  test('works without a script: one button a person, then a button to continue', async () => {
    const { html, headers } = await openSignIn(createServiceProvider());
    for (const { email } of localPeople) assert.ok(html.includes(`<button name="person" value="${email}">`));
    assert.ok(!html.includes('<script'));
    const answer = await choose('alice@example.com', html);
    assert.ok(answer.html.includes(`<form method="post" action="${acsUrl}">`));
    assert.match(answer.html, /<button class="primary">Continue<\/button>/);
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
  });

  test('answers only where the service provider is registered', async () => {
    const elsewhere = await openSignIn(createServiceProvider({ callbackUrl: 'https://evil.example/acs' }));
    assert.equal(elsewhere.status, 400);
    assert.match(elsewhere.html, /https:\/\/evil\.example\/acs/);
    const stranger = await openSignIn(createServiceProvider({ issuer: 'https://stranger.example' }));
    assert.equal(stranger.status, 400);
    assert.match(stranger.html, /stranger\.example” is not registered/);
  });

  test('refuses what is no request, and people it does not know', async () => {
    for (const query of ['', '?SAMLRequest=', '?SAMLRequest=%3Cx%3E', '?SAMLRequest=a&SAMLRequest=b']) {
      assert.equal((await fetch(`${provider.entryPoint}${query}`)).status, 400, query);
    }
    const { html } = await openSignIn(createServiceProvider());
    assert.equal((await choose('mallory@example.com', html)).status, 400);
    assert.equal((await fetch(provider.entryPoint, { method: 'POST' })).status, 400);
  });

  test('describes itself with the certificate that it signs with', async () => {
    const metadata = await (await fetch(`${provider.endpoint}/metadata`)).text();
    assert.ok(metadata.includes(`entityID="${provider.issuer}"`));
    assert.ok(metadata.includes(key.certificate.split('\n')[1] as string));
    assert.ok(metadata.includes(`Location="${provider.entryPoint}"`));
  });

  test('keeps its key from other users of the machine', async () => {
    assert.equal((await stat(join(directory, 'key.pem'))).mode & 0o777, 0o600);
  });
});

describe('signing a response', () => {
  const claims = (serviceProvider: SAML) => ({
    inResponseTo: '_request',
    destination: acsUrl,
    issuer: provider.issuer,
    audience: serviceProvider.options.issuer,
    nameId: '_somebody',
    attributes: { email: ['a@example.com'], name: ['A & <B>\n"C"'], groups: [] as string[] },
  });

  async function validate(options: Partial<Parameters<typeof signResponse>[0]>) {
    const serviceProvider = createServiceProvider();
    await serviceProvider.cacheProvider.saveAsync('_request', new Date().toISOString());
    const xml = signResponse({
      xml: buildResponse(claimResponse(claims(serviceProvider))),
      ...key,
      ...options,
    });
    const SAMLResponse = Buffer.from(xml).toString('base64');
    return (await serviceProvider.validatePostResponseAsync({ SAMLResponse })).profile;
  }

  test('takes any text in an attribute', async () => {
    assert.equal((await validate({}))?.name, 'A & <B>\n"C"');
  });

  test('covers the response and the assertion: leaving out either is refused', async () => {
    await assert.rejects(validate({ signed: ['Assertion'] }), /signature/i);
    await assert.rejects(validate({ signed: ['Response'] }), /signature/i);
  });

  test('is worth nothing with another key, even when that key’s certificate comes along', async () => {
    await assert.rejects(validate(await generateSigningKey()), /signature/i);
  });

  test('breaks when anything is edited afterwards', async () => {
    const edit = (xml: string) => xml.replace('a@example.com', 'b@example.com');
    assert.equal((await validate({ beforeSigning: edit }))?.email, 'b@example.com');
    await assert.rejects(validate({ betweenSignatures: edit }), /signature/i);
    await assert.rejects(validate({ afterSigning: edit }), /signature/i);
  });
});
