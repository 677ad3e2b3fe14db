import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { getVerifiedXml, parseDomFromString } from '@node-saml/node-saml/lib/xml.js';
import request from 'supertest';
import { loadConfig } from '../../src/config/config.ts';
import { generateSigningKey } from '../../src/local/identity-provider/signing-key.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { answerTo, beginSignIn, encode, postXml } from '../support/saml.ts';
import { buildLogout, formIn, type LogoutOptions, signLogout } from '../support/saml-logout.ts';
import { isOpenedBy, sessionCookieOf } from '../support/sessions.ts';

const logoutUrl = 'https://provider.example/logout';
const key = await generateSigningKey();
let paperlift: Paperlift;

before(async () => {
  paperlift = await startPaperlift({
    env: {
      SAML_LOGOUT_URL: logoutUrl,
      SAML_SP_PRIVATE_KEY: key.privateKey,
      SAML_SP_CERTIFICATE: key.certificate,
    },
  });
});
after(() => paperlift.stop());

/** A browser whose session the provider calls so. */
async function signIn(sessionIndex: string, person = 'alice@example.com') {
  const { agent, requestId } = await beginSignIn(paperlift);
  const answer = await postXml(agent, answerTo(paperlift, requestId, { person, claims: { sessionIndex } }));
  const home = await agent.get('/');
  const csrfToken = /name="_csrf" value="([^"]+)"/.exec(home.text)?.[1] as string;
  return { agent, csrfToken, cookie: sessionCookieOf(answer) };
}

/** The provider's form, posted by a browser that sends no cookie: it comes from another site. */
const post = (xml: string, field = 'SAMLRequest', more: object = {}) =>
  request(paperlift.url)
    .post('/auth/saml/slo')
    .type('form')
    .send({ [field]: encode(xml), ...more });

const isOpen = ({ cookie }: { cookie: string }) => isOpenedBy(paperlift, cookie);

async function assertSignedByUs(xml: string) {
  const document = await parseDomFromString(xml);
  assert.ok(getVerifiedXml(xml, document.documentElement, [key.certificate]), 'signed by our key');
  assert.match(xml, /rsa-sha256/);
}

function assertPostsOnlyThere(answer: request.Response) {
  assert.equal(answer.status, 200);
  assert.match(String(answer.headers['content-security-policy']), /form-action https:\/\/provider\.example;/);
  const nonce = /'nonce-([^']+)'/.exec(String(answer.headers['content-security-policy']))?.[1] as string;
  assert.ok(
    answer.text.includes(`<script nonce="${nonce}">document.getElementById('logout').submit()</script>`),
  );
  assert.equal(formIn(answer.text).action, logoutUrl);
}

/** Refused for that reason, told to the operator only, and the session lives on. */
async function assertRefused(answer: request.Response, reason: string, name = reason) {
  assert.equal(answer.status, 403, name);
  assert.doesNotMatch(answer.text, /signature|issuer|destination/i, name);
  const entry = paperlift.logs
    .entries()
    .find(
      ({ msg, requestId }) =>
        msg === 'logout message refused' && requestId === answer.headers['x-request-id'],
    );
  assert.equal(entry?.reason, reason, name);
}

test('the provider ends the session that it names, and no other, and gets a signed answer', async () => {
  const [one, other, bob] = [
    await signIn('_one'),
    await signIn('_two'),
    await signIn('_one', 'bob@example.com'),
  ];
  const xml = signLogout(paperlift, { id: '_the-request', sessionIndexes: ['_one'] });
  const answer = await post(xml, 'SAMLRequest', { RelayState: 'state"<' });
  assert.equal(await isOpen(one), false);
  assert.equal(await isOpen(other), true);
  assert.equal(await isOpen(bob), true, 'another person’s session of the same name');
  assertPostsOnlyThere(answer);
  const form = formIn(answer.text);
  assert.equal(form.fields.RelayState, 'state&quot;&lt;');
  await assertSignedByUs(form.xml);
  assert.match(form.xml, /^<samlp:LogoutResponse/);
  assert.match(form.xml, / InResponseTo="_the-request"/);
  assert.match(form.xml, / Destination="https:\/\/provider\.example\/logout"/);
  assert.match(form.xml, /Value="urn:oasis:names:tc:SAML:2.0:status:Success"/);
});

test('a logout request without a session index ends every session of the person', async () => {
  const [one, other] = [await signIn('_1'), await signIn('_2')];
  const answer = await post(signLogout(paperlift));
  assertPostsOnlyThere(answer);
  assert.equal(await isOpen(one), false);
  assert.equal(await isOpen(other), false);
});

test('a person whom nobody knows here is answered as such', async () => {
  const answer = await post(signLogout(paperlift, { nameId: '_nobody' }));
  assert.match(formIn(answer.text).xml, /status:UnknownPrincipal/);
});

test('unsigned logout messages, by POST or redirect, end nothing; no redirect endpoint is there', async () => {
  const alice = await signIn('_alice');
  const unsigned = buildLogout(paperlift);
  await assertRefused(await post(unsigned), 'nothing-signed');
  const response = buildLogout(paperlift, { kind: 'LogoutResponse', inResponseTo: '_any' });
  await assertRefused(await post(response, 'SAMLResponse'), 'nothing-signed');
  for (const xml of [unsigned, signLogout(paperlift)]) {
    const query = `SAMLRequest=${encodeURIComponent(encode(xml))}`;
    assert.equal((await request(paperlift.url).get(`/auth/saml/slo?${query}`)).status, 405);
    assert.equal((await request(paperlift.url).get(`/auth/saml/acs?${query}`)).status, 405);
    const inQuery = await request(paperlift.url).post(`/auth/saml/slo?${query}`).type('form').send({});
    await assertRefused(inQuery, 'logout-message-missing');
    const both = await request(paperlift.url)
      .post(`/auth/saml/slo?${query}`)
      .type('form')
      .send({ SAMLRequest: encode(xml) });
    await assertRefused(both, 'response-in-query');
  }
  const metadata = await request(paperlift.url).get('/auth/saml/metadata').buffer(true);
  const services = String(metadata.text ?? metadata.body).match(/<md:SingleLogoutService [^>]*>/g);
  assert.deepEqual(services, [
    `<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${paperlift.config.saml.sloUrl}"/>`,
  ]);
  assert.equal(await isOpen(alice), true);
});

test('a logout request is refused unless everything about it is right', async () => {
  const alice = await signIn('_alice');
  const { privateKey } = await generateSigningKey();
  const minutes = (count: number) => new Date(Date.now() + count * 60_000);
  const cases: [name: string, reason: string, options: LogoutOptions][] = [
    ['another key', 'signature-invalid', { key: privateKey }],
    ['our own key', 'signature-invalid', { key: key.privateKey }],
    ['SHA-1', 'algorithm-refused', { algorithm: 'sha1' }],
    ['another issuer', 'provider-unknown', { issuer: 'urn:somebody-else' }],
    ['another destination', 'destination-wrong', { destination: paperlift.config.saml.acsUrl }],
    ['no destination', 'destination-wrong', { edit: (xml) => xml.replace(/ Destination="[^"]*"/, '') }],
    ['expired', 'logout-expired', { issuedAt: minutes(-2), notOnOrAfter: minutes(-1) }],
    ['issued long ago', 'logout-issued-at', { issuedAt: minutes(-7), notOnOrAfter: minutes(5) }],
    ['issued in future', 'logout-issued-at', { issuedAt: minutes(3) }],
    ['of no time', 'logout-issued-at', { edit: (xml) => xml.replace(/ IssueInstant="[^"]*"/, '') }],
    ['of nobody', 'logout-name-id', { nameId: ' ' }],
    [
      'of two people',
      'logout-name-id',
      { edit: (xml) => xml.replace('<saml:NameID', '<saml:NameID>_x</saml:NameID><saml:NameID') },
    ],
    ['another version', 'version-wrong', { edit: (xml) => xml.replace('Version="2.0"', 'Version="1.1"') }],
  ];
  for (const [name, reason, options] of cases) {
    await assertRefused(await post(signLogout(paperlift, options)), reason, name);
  }
  const asResponse = await post(signLogout(paperlift), 'SAMLResponse');
  await assertRefused(asResponse, 'not-a-logout-message', 'a request in the field of responses');
  assert.equal(await isOpen(alice), true);
});

test('a logout request that was changed after it was signed is refused, however it was put together', async () => {
  const alice = await signIn('_alice');
  const bob = paperlift.standIns.people.find(({ email }) => email === 'bob@example.com');
  const ofBob = signLogout(paperlift, { nameId: bob?.nameId as string, id: '_bob' });
  const forged = buildLogout(paperlift, { id: '_forged' });
  const signature = /<Signature[\s\S]*<\/Signature>/.exec(ofBob)?.[0] as string;
  assert.ok(signature);
  const inRoot = (content: string) => forged.replace('</saml:Issuer>', `</saml:Issuer>${content}`);
  const cases: [string, string, string][] = [
    ['another name', 'signature-invalid', ofBob.replace(bob?.nameId as string, '_somebody')],
    ['its signature moved', 'signature-reference', inRoot(signature)],
    ['the original beside the forged content', 'nothing-signed', inRoot(ofBob)],
    [
      'the original inside the moved signature',
      'signature-holds-content',
      inRoot(
        signature.replace('</Signature>', `<Object>${ofBob.replace(signature, '')}</Object></Signature>`),
      ),
    ],
    ['the same ID twice', 'id-repeated', inRoot(signature + ofBob).replaceAll('_forged', '_bob')],
    ['a document type', 'document-type', `<!DOCTYPE x>${ofBob}`],
  ];
  for (const [name, reason, xml] of cases) await assertRefused(await post(xml), reason, name);
  assert.equal(await isOpen(alice), true);
});

test('a comment inside the NameID does not shorten it', async () => {
  const alice = await signIn('_alice');
  const nameId = paperlift.standIns.people.find(({ email }) => email === 'alice@example.com')?.nameId;
  const answer = await post(signLogout(paperlift, { nameId: `${nameId}<!-- -->-and-more` }));
  assert.match(formIn(answer.text).xml, /UnknownPrincipal/);
  assert.equal(await isOpen(alice), true);
});

test('a logout request counts once', async () => {
  const first = await signIn('_first');
  const xml = signLogout(paperlift);
  await post(xml);
  assert.equal(await isOpen(first), false);
  const second = await signIn('_second');
  await assertRefused(await post(xml), 'logout-used-before');
  assert.equal(await isOpen(second), true);
});

test('signing out ends the session here first, then has the browser post a signed logout request to the provider', async () => {
  const alice = await signIn('_alices-session');
  const answer = await alice.agent.post('/auth/logout').type('form').send({ _csrf: alice.csrfToken });
  assert.equal(await isOpen(alice), false);
  assertPostsOnlyThere(answer);
  const { xml } = formIn(answer.text);
  await assertSignedByUs(xml);
  const nameId = paperlift.standIns.people.find(({ email }) => email === 'alice@example.com')?.nameId;
  assert.match(xml, /^<samlp:LogoutRequest/);
  assert.match(xml, new RegExp(`<saml:NameID Format="[^"]*persistent">${nameId}</saml:NameID>`));
  assert.match(xml, /<samlp:SessionIndex>_alices-session<\/samlp:SessionIndex>/);

  const id = / ID="([^"]+)"/.exec(xml)?.[1] as string;
  const response = (options: LogoutOptions = {}) =>
    post(signLogout(paperlift, { kind: 'LogoutResponse', inResponseTo: id, ...options }), 'SAMLResponse');
  await assertRefused(await response({ inResponseTo: '_another' }), 'logout-request-unknown');
  const done = await response();
  assert.equal(done.status, 303);
  assert.equal(done.headers.location, '/auth/signed-out');
  await assertRefused(await response(), 'logout-request-unknown', 'a second answer');
});

test('a logout response uses up no sign-in under way, and a logout request answers none', async () => {
  const { agent, requestId } = await beginSignIn(paperlift);
  const response = signLogout(paperlift, { kind: 'LogoutResponse', inResponseTo: requestId });
  await assertRefused(await post(response, 'SAMLResponse'), 'logout-request-unknown');
  assert.equal((await postXml(agent, answerTo(paperlift, requestId))).status, 303);
  const home = await agent.get('/');
  const _csrf = /name="_csrf" value="([^"]+)"/.exec(home.text)?.[1];
  const form = formIn((await agent.post('/auth/logout').type('form').send({ _csrf })).text);
  const logoutId = / ID="([^"]+)"/.exec(form.xml)?.[1] as string;
  assert.ok((await postXml(agent, answerTo(paperlift, logoutId))).status >= 400);
  assert.equal((await agent.get('/')).status, 303);
});

test('the metadata holds the certificate of our signatures', async () => {
  const metadata = await request(paperlift.url).get('/auth/saml/metadata').buffer(true);
  const text = String(metadata.text ?? metadata.body).replaceAll(/\s/g, '');
  assert.ok(text.includes(key.certificate.replace(/-----[^-]+-----|\s/g, '')));
  assert.ok(text.includes('use="signing"'));
});

test('a key without its certificate, or with another’s, is a mistake of the configuration', async () => {
  const env = paperlift.standIns.env;
  const { certificate } = await generateSigningKey();
  assert.throws(() => loadConfig({ ...env, SAML_SP_PRIVATE_KEY: key.privateKey }), /SAML_SP_CERTIFICATE/);
  assert.throws(
    () => loadConfig({ ...env, SAML_SP_PRIVATE_KEY: key.privateKey, SAML_SP_CERTIFICATE: certificate }),
    /SAML_SP_CERTIFICATE: does not match SAML_SP_PRIVATE_KEY/,
  );
});
