// Several companies at one Paperlift: whose people sign in where, with which keys and which groups.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import request from 'supertest';
import { presentMetadata } from '../../../src/local/identity-provider/metadata.presenter.ts';
import { generateSigningKey } from '../../../src/local/identity-provider/signing-key.ts';
import { type Paperlift, startPaperlift } from '../../support/paperlift.ts';
import {
  type AnswerOptions,
  answerTo,
  assertRefused,
  beginSignIn,
  encode,
  isSignedIn,
  postXml,
  reasonOf,
} from '../../support/saml.ts';
import { type EncryptOptions, encryptAssertion } from '../../support/saml-encryption.ts';

type Key = Awaited<ReturnType<typeof generateSigningKey>>;

const acme = 'urn:acme';
const beta = 'urn:beta';
const gamma = 'urn:gamma';
let paperlift: Paperlift;
let directory: string;
let keys: Record<'acme' | 'beta' | 'next' | 'ours' | 'gamma', Key>;
/** By how much the app's clock is ahead: it goes on, as the provider's does. */
let aheadMs = 0;

/** The metadata of gamma, as it is published at the moment. */
const published = { certificate: '', requests: 0, isDown: false, isDeltaDown: true };
const publisher = createServer((request, response) => {
  if (request.url === '/delta') {
    response.statusCode = published.isDeltaDown ? 404 : 200;
    const entryPoint = 'http://localhost:9/delta';
    response.end(presentMetadata({ issuer: 'urn:delta', entryPoint, certificate: published.certificate }));
    return;
  }
  published.requests++;
  response.statusCode = published.isDown ? 500 : 200;
  response.end(
    presentMetadata({
      issuer: gamma,
      entryPoint: 'http://localhost:9/gamma',
      certificate: published.certificate,
    }),
  );
});

before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'paperlift-providers-'));
  const made = await Promise.all(Array.from({ length: 5 }, () => generateSigningKey()));
  const [first, second, next, ours, third] = made as [Key, Key, Key, Key, Key];
  keys = { acme: first, beta: second, next, ours, gamma: third };
  published.certificate = keys.gamma.certificate;
  await new Promise<void>((resolve) => publisher.listen(0, '127.0.0.1', resolve));
  await writeFile(path.join(directory, 'ours.pem'), keys.ours.privateKey);
  await writeFile(path.join(directory, 'ours.crt'), keys.ours.certificate);
  await writeFile(path.join(directory, 'acme.pem'), `${keys.acme.certificate}\n${keys.next.certificate}`);
  await writeFile(
    path.join(directory, 'beta.xml'),
    presentMetadata({
      issuer: beta,
      entryPoint: 'http://localhost:9/beta',
      certificate: keys.beta.certificate,
    }),
  );
  const providers = [
    {
      id: 'acme',
      name: 'Acme Corporation',
      idpIssuer: acme,
      entryPoint: 'http://localhost:9/acme',
      certificateFiles: ['acme.pem'],
      decryptionKeyFile: 'ours.pem',
      decryptionCertificateFile: 'ours.crt',
      wantResponseSigned: false,
      mailDomains: ['acme.example'],
      attributes: { groups: 'memberOf' },
      groupTable: {
        'CN=Paperlift Users,OU=Apps,DC=acme,DC=example': 'paperlift-users',
        'APP-PAPERLIFT-*': 'paperlift-auditors',
      },
    },
    {
      id: 'beta',
      name: 'Beta & Sons',
      idpIssuer: beta,
      metadataFile: 'beta.xml',
      allowUnsolicited: true,
      mailDomains: ['beta.example'],
      groupTable: { staff: 'paperlift-users' },
      groupSeparator: ';',
    },
    {
      id: 'gamma',
      name: 'Gamma',
      idpIssuer: gamma,
      metadataUrl: `http://127.0.0.1:${(publisher.address() as AddressInfo).port}/metadata`,
      groupTable: { staff: 'paperlift-users' },
    },
    {
      id: 'delta',
      name: 'Delta',
      idpIssuer: 'urn:delta',
      metadataUrl: `http://127.0.0.1:${(publisher.address() as AddressInfo).port}/delta`,
      groupTable: { staff: 'paperlift-users' },
    },
  ];
  const file = path.join(directory, 'providers.json');
  await writeFile(file, JSON.stringify(providers));
  paperlift = await startPaperlift({
    env: { SAML_PROVIDERS_FILE: file },
    now: () => new Date(Date.now() + aheadMs),
  });
});
after(async () => {
  publisher.close();
  await paperlift.stop();
  await rm(directory, { recursive: true });
});

const people = {
  acme: {
    email: ['ann@acme.example'],
    name: ['Ann Acme'],
    memberOf: ['cn=paperlift users, ou=Apps, dc=ACME, dc=example'],
  },
  gamma: { email: ['gil@gamma.example'], name: ['Gil Gamma'], groups: ['staff'] },
  beta: { email: ['ben@beta.example'], name: ['Ben Beta'], groups: ['staff'] },
};

const answerOf = (
  provider: 'acme' | 'beta' | 'gamma',
  requestId: string,
  { claims, sign, ...options }: AnswerOptions = {},
) =>
  answerTo(paperlift, requestId, {
    ...options,
    claims: {
      issuer: `urn:${provider}`,
      nameId: 'somebody',
      attributes: people[provider],
      ...claims,
    },
    sign: { ...keys[provider], ...(provider === 'acme' ? { signed: ['Assertion'] } : {}), ...sign },
  });

describe('the sign-in page', () => {
  test('offers the list, and takes the mail address', async () => {
    const agent = request.agent(paperlift.url);
    const page = await agent.get('/auth/login?returnTo=%2Fprojects%2Fx');
    assert.equal(page.status, 200);
    assert.match(page.text, /Acme Corporation/);
    assert.match(page.text, /Beta &amp; Sons/);
    assert.match(page.text, /name="returnTo" value="\/projects\/x"/);
    const found = await agent.get('/auth/login?returnTo=%2Fprojects%2Fx&email=Ben%40BETA.example');
    assert.equal(found.status, 200);
    const [, next = ''] = /^0; url=(.*)$/.exec(found.headers.refresh as string) ?? [];
    assert.ok(page.text.includes(next.replace('&', '&amp;')), 'the same address as in the list');
    const answer = await agent.get(next);
    const address = new URL(answer.headers.location as string);
    assert.equal(address.pathname, '/beta');
    assert.equal(address.searchParams.get('RelayState'), '/projects/x');
  });

  test('says when no provider fits, and sends nobody anywhere', async () => {
    for (const chosen of ['provider=nobody', 'email=x%40elsewhere.example', 'provider=a&provider=b']) {
      const answer = await request(paperlift.url).get(`/auth/login?${chosen}`);
      assert.equal(answer.status, 404);
      assert.equal(answer.headers.location, undefined);
      assert.match(answer.text, /Acme Corporation/);
    }
  });
});

describe('each provider', () => {
  test('signs its people in, with its own table', async () => {
    for (const [id, name] of [
      ['acme', 'Ann Acme'],
      ['beta', 'Ben Beta'],
      ['gamma', 'Gil Gamma'],
    ] as const) {
      const { agent, requestId } = await beginSignIn(paperlift, `/auth/login?provider=${id}`);
      assert.equal((await postXml(agent, answerOf(id, requestId))).status, 303, id);
      assert.match((await agent.get('/')).text, new RegExp(name));
    }
  });

  test('cannot answer what another was asked, with its own key or under the other’s name', async () => {
    const { agent, requestId } = await beginSignIn(paperlift, '/auth/login?provider=acme');
    const own = answerOf('beta', requestId);
    await assertRefused(paperlift, agent, await postXml(agent, own), 'issuer-wrong');
    const disguised = answerOf('beta', requestId, { claims: { issuer: acme } });
    await assertRefused(paperlift, agent, await postXml(agent, disguised), 'signature-invalid');
    assert.equal((await postXml(agent, answerOf('acme', requestId))).status, 303);
  });

  test('makes people of its own: the same NameID elsewhere is somebody else', async () => {
    const ids = new Set<unknown>();
    for (const id of ['acme', 'beta'] as const) {
      const { agent, requestId } = await beginSignIn(paperlift, `/auth/login?provider=${id}`);
      const answer = await postXml(agent, answerOf(id, requestId));
      const entry = paperlift.logs
        .entries()
        .find((line) => line.msg === 'signed in' && line.requestId === answer.headers['x-request-id']);
      assert.equal(entry?.providerId, id);
      ids.add(entry?.personId);
    }
    assert.equal(ids.size, 2);
  });

  test('cannot make somebody with an address of another’s domain', async () => {
    const { agent, requestId } = await beginSignIn(paperlift, '/auth/login?provider=beta');
    const claims = { attributes: { ...people.beta, email: ['ann@ACME.example'] } };
    const answer = await postXml(agent, answerOf('beta', requestId, { claims }));
    await assertRefused(paperlift, agent, answer, 'email-of-another-provider');
  });

  test('does not lend its group table to another', async () => {
    const { agent, requestId } = await beginSignIn(paperlift, '/auth/login?provider=acme');
    const claims = { attributes: { ...people.acme, memberOf: ['staff'] } };
    const answer = await postXml(agent, answerOf('acme', requestId, { claims }));
    assert.equal(reasonOf(paperlift, answer), 'no-group');
    assert.equal(await isSignedIn(agent), false);
  });

  test('may send all groups as one value, where that is configured', async () => {
    const { agent, requestId } = await beginSignIn(paperlift, '/auth/login?provider=beta');
    const claims = { attributes: { ...people.beta, groups: ['everybody;staff'] } };
    assert.equal((await postXml(agent, answerOf('beta', requestId, { claims }))).status, 303);
  });

  test('that sends Entra’s link in place of too many groups is told plainly', async () => {
    const { agent, requestId } = await beginSignIn(paperlift, '/auth/login?provider=beta');
    const { groups: _groups, ...rest } = people.beta;
    const claims = {
      attributes: {
        ...rest,
        'http://schemas.microsoft.com/claims/groups.link': ['https://graph.windows.net/x/getMemberObjects'],
      },
    };
    const answer = await postXml(agent, answerOf('beta', requestId, { claims }));
    assert.equal(reasonOf(paperlift, answer), 'groups-overage');
    assert.equal(answer.status, 403);
    assert.match(answer.text, /in so many groups/);
    assert.equal(await isSignedIn(agent), false);
  });
});

describe('keys', () => {
  test('a new certificate beside the old one: both sign in', async () => {
    for (const key of [keys.acme, keys.next]) {
      const { agent, requestId } = await beginSignIn(paperlift, '/auth/login?provider=acme');
      assert.equal((await postXml(agent, answerOf('acme', requestId, { sign: key }))).status, 303);
    }
  });

  test('a new certificate in the metadata counts after the refresh, and the old one no more', async () => {
    const attempt = async (key: Key) => {
      const { agent, requestId } = await beginSignIn(paperlift, '/auth/login?provider=gamma');
      return postXml(agent, answerOf('gamma', requestId, { sign: key }));
    };
    assert.equal((await attempt(keys.gamma)).status, 303);
    const before = published.requests;
    assert.equal(reasonOf(paperlift, await attempt(keys.ours)), 'signature-invalid');
    assert.equal(published.requests, before + 1, 'asked again at once: it may be a new certificate');
    published.certificate = keys.next.certificate;
    assert.equal(reasonOf(paperlift, await attempt(keys.next)), 'signature-invalid');
    assert.equal(published.requests, before + 1, 'but not for each response that does not fit');
    try {
      aheadMs += 61 * 60_000;
      published.isDown = true;
      await paperlift.services.samlProviders.find('gamma');
      await waitUntil(() => published.requests > before + 1);
      published.isDown = false;
      await waitUntil(async () => {
        aheadMs += 61_000; // it is tried again after a minute
        const found = await paperlift.services.samlProviders.find('gamma');
        assert.equal(found?.certificates.length, 1, 'the last one known is kept meanwhile');
        return found?.certificates[0] === keys.next.certificate.replace(/-----[^-]+-----|\s/g, '');
      });
    } finally {
      aheadMs = 0;
    }
    assert.equal((await attempt(keys.next)).status, 303);
    assert.equal(reasonOf(paperlift, await attempt(keys.gamma)), 'signature-invalid');
  });
});

test('a response signed with a certificate that is new in the metadata signs in at once', async () => {
  const { agent, requestId } = await beginSignIn(paperlift, '/auth/login?provider=gamma');
  published.certificate = keys.beta.certificate;
  aheadMs = 31_000;
  try {
    assert.equal((await postXml(agent, answerOf('gamma', requestId, { sign: keys.beta }))).status, 303);
  } finally {
    aheadMs = 0;
  }
});

test('metadata that cannot be had at start: 503 that names the cause, and another try after five seconds', async () => {
  const ask = () => request(paperlift.url).get('/auth/login?provider=delta').redirects(0);
  const refused = await ask();
  assert.equal(refused.status, 503);
  assert.match(refused.text, /sign in with Delta/);
  assert.match(refused.text, /its address responded with status 404/);
  assert.doesNotMatch(refused.text, /127\.0\.0\.1/, 'nothing of the company’s network');
  assert.equal(refused.headers['retry-after'], '5');
  const list = await request(paperlift.url).get('/auth/login');
  assert.equal(list.status, 200, 'the others can sign in');
  published.isDeltaDown = false;
  assert.equal((await ask()).status, 503);
  aheadMs = 5100;
  try {
    assert.equal((await ask()).status, 302);
  } finally {
    aheadMs = 0;
  }
});

async function waitUntil(holds: () => boolean | Promise<boolean>) {
  const end = Date.now() + 90_000;
  while (!(await holds())) {
    assert.ok(Date.now() < end, 'in time');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('encrypted assertions', () => {
  const send = async (
    provider: 'acme' | 'beta',
    options: Partial<EncryptOptions>,
    answer: AnswerOptions = {},
  ) => {
    const { agent, requestId } = await beginSignIn(paperlift, `/auth/login?provider=${provider}`);
    const xml = answerOf(provider, requestId, answer);
    const sent = encryptAssertion(xml, { publicKey: keys.ours.certificate, ...options });
    assert.notEqual(sent, xml);
    return { agent, answer: await postXml(agent, sent) };
  };

  for (const name of ['aes256-gcm', 'aes128-gcm']) {
    test(`${name} under RSA-OAEP signs in`, async () => {
      const contentAlgorithm = `http://www.w3.org/2009/xmlenc11#${name}`;
      const { agent, answer } = await send('acme', { contentAlgorithm });
      assert.equal(answer.status, 303);
      assert.ok(await isSignedIn(agent));
    });
  }

  const oaep = { contentAlgorithm: 'http://www.w3.org/2001/04/xmlenc#aes256-cbc' };
  const refused: Record<string, [Partial<EncryptOptions>, AnswerOptions, string]> = {
    'CBC is refused before anything is decrypted': [oaep, {}, 'encryption-refused'],
    'PKCS#1 1.5 is refused before anything is decrypted': [
      { keyAlgorithm: 'http://www.w3.org/2001/04/xmlenc#rsa-1_5' },
      {},
      'encryption-refused',
    ],
    'another OAEP digest is refused': [
      { digest: 'http://www.w3.org/2001/04/xmlenc#sha512' },
      {},
      'encryption-refused',
    ],
    'a tag cut short is refused': [{ truncateTo: 20 }, {}, 'encryption-refused'],
    'content cut short is refused': [{ truncateTo: 500 }, {}, 'decryption-failed'],
    'an Assertion without a signature inside is refused': [{}, { sign: { signed: [] } }, 'nothing-signed'],
    'SHA-1 inside is refused': [
      {},
      { sign: { signed: ['Assertion'], signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' } },
      'algorithm-refused',
    ],
    'a wrong audience inside is refused': [{}, { claims: { audience: 'other' } }, 'audience-wrong'],
  };
  for (const [name, [options, answerOptions, reason]] of Object.entries(refused)) {
    test(name, async () => {
      const { agent, answer } = await send('acme', options, answerOptions);
      await assertRefused(paperlift, agent, answer, reason);
    });
  }

  test('for another key is refused', async () => {
    const { agent, answer } = await send('acme', { publicKey: keys.beta.certificate });
    await assertRefused(paperlift, agent, answer, 'decryption-failed');
  });

  test('where no key is configured is refused', async () => {
    const { agent, answer } = await send('beta', {});
    await assertRefused(paperlift, agent, answer, 'encryption-not-expected');
  });

  test('our metadata holds the certificate to encrypt with', async () => {
    const answer = await request(paperlift.url).get('/auth/saml/metadata').buffer(true);
    const base64 = keys.ours.certificate.replace(/-----[^-]+-----|\s/g, '');
    assert.ok(String(answer.text ?? answer.body).includes(base64));
  });
});

describe('a sign-in that the provider starts', () => {
  const unsolicited = (xml: string) => xml.replaceAll(/ InResponseTo="[^"]*"/g, '');

  test('is taken from the provider for which it is switched on, once', async () => {
    const xml = answerOf('beta', 'none', { edit: unsolicited });
    const agent = request.agent(paperlift.url);
    assert.equal((await postXml(agent, xml)).status, 303);
    assert.ok(await isSignedIn(agent));
    const again = request.agent(paperlift.url);
    await assertRefused(paperlift, again, await postXml(again, xml), 'assertion-used-before');
  });

  test('five at once make one session', async () => {
    const xml = answerOf('beta', 'none', { edit: unsolicited });
    const answers = await Promise.all(Array.from({ length: 5 }, () => postXml(request(paperlift.url), xml)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 403, 403, 403, 403]);
  });

  test('is refused of the others, and of nobody known', async () => {
    const agent = request.agent(paperlift.url);
    const other = answerOf('acme', 'none', { edit: unsolicited });
    await assertRefused(paperlift, agent, await postXml(agent, other), 'unsolicited');
    const unknown = answerOf('beta', 'none', { edit: unsolicited, claims: { issuer: 'urn:nobody' } });
    await assertRefused(paperlift, agent, await postXml(agent, unknown), 'provider-unknown');
  });

  test('may not name a request inside only', async () => {
    const agent = request.agent(paperlift.url);
    const xml = answerOf('beta', '_inside', {
      edit: (text) => text.replace(/(<samlp:Response[^>]*) InResponseTo="[^"]*"/, '$1'),
    });
    await assertRefused(paperlift, agent, await postXml(agent, xml), 'confirmation-request-wrong');
  });
});

describe('what the doctor explains', () => {
  test('names the rule that refuses, the attributes and the groups, and uses nothing up', async () => {
    const { explainResponse } = paperlift.services;
    const { agent, requestId } = await beginSignIn(paperlift, '/auth/login?provider=beta');
    const good = answerOf('beta', requestId);
    for (const pasted of [
      good,
      encode(good),
      `SAMLResponse=${encodeURIComponent(encode(good))}&RelayState=`,
    ]) {
      const found = await explainResponse('beta', pasted);
      assert.equal(found.reason, undefined);
      assert.deepEqual(
        found.checks.filter(({ ok }) => !ok),
        [],
      );
      assert.deepEqual(found.mapped, [{ from: 'staff', to: 'paperlift-users' }]);
      assert.deepEqual(found.attributes.email, ['ben@beta.example']);
    }
    const bad = await explainResponse('beta', good.replaceAll('ben@beta', 'eve@beta'));
    assert.equal(bad.reason, 'signature-invalid');
    const late = answerOf('beta', requestId, { claims: { notOnOrAfter: new Date(Date.now() - 3_600_000) } });
    const found = await explainResponse('beta', late);
    assert.equal(found.reason, 'confirmation-expired');
    assert.ok(found.checks.some(({ ok, clause }) => !ok && clause.includes('4.1.4.3')));
    assert.equal((await explainResponse('beta', 'bm90IFhNTA==')).reason, 'response-not-xml');
    assert.equal(await isSignedIn(agent), false);
    assert.equal((await postXml(agent, good)).status, 303, 'the request is still good');
    assert.equal((await explainResponse('beta', good)).reason, 'request-unknown');
  });
});
