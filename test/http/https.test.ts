// What hangs on https: it is the configuration's PUBLIC_URL that says so, as a proxy ends TLS before Paperlift.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import request from 'supertest';
import { answerToRequest, type Paperlift, startPaperlift } from '../support/paperlift.ts';

const publicUrl = 'https://paperlift.example';
const always = 'max-age=63072000; includeSubDomains';

let paperlift: Paperlift;
before(async () => {
  paperlift = await startPaperlift({ env: { PUBLIC_URL: publicUrl } });
});
after(() => paperlift.stop());

const cookiesOf = ({ headers }: { headers: Record<string, string> }) =>
  ((headers['set-cookie'] ?? []) as unknown as string[]).map((line) => {
    const [pair = '', ...attributes] = line.split('; ');
    return {
      name: pair.split('=')[0],
      pair,
      attributes: attributes.filter((text) => !text.startsWith('Expires')),
    };
  });

/** Signs in with cookies kept by hand: a client would not send Secure cookies here. */
async function signIn(email: string) {
  const login = await request(paperlift.url).get('/auth/login');
  const cookies = cookiesOf(login);
  const signInCookie = cookies[0];
  const form = await answerToRequest(login.headers.location as string, email);
  const answer = await request(paperlift.url)
    .post('/auth/saml/acs')
    .set('Cookie', signInCookie?.pair ?? '')
    .type('form')
    .send(form);
  const session = cookiesOf(answer).find(({ name }) => name === '__Host-paperlift');
  return { signInCookie, session, answer };
}

test('V3.3.1 to V3.3.4 cookies are __Host-, Secure, HttpOnly, of this host alone, and SameSite by their purpose', async () => {
  const { signInCookie, session, answer } = await signIn('alice@example.com');
  assert.equal(answer.status, 303);
  assert.equal(signInCookie?.name, '__Host-paperlift-signin');
  assert.deepEqual(
    signInCookie?.attributes.filter((text) => !text.startsWith('Max-Age')),
    ['Path=/', 'HttpOnly', 'Secure', 'SameSite=None'],
    'it must travel on the provider’s cross-site POST',
  );
  assert.deepEqual(session?.attributes, ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax']);
  const home = await request(paperlift.url)
    .get('/')
    .set('Cookie', session?.pair ?? '');
  assert.equal(home.status, 200);
  const plain = (session?.pair ?? '').replace('__Host-', '');
  const renamed = await request(paperlift.url).get('/').set('Cookie', plain);
  assert.equal(
    renamed.status,
    303,
    'a cookie without the prefix, which another host could have set, is no session',
  );
});

test('a sign-in cookie without __Host-, which a sibling host can plant, ties no sign-in to a browser', async () => {
  const planted = `paperlift-signin=${'a'.repeat(43)}`;
  const login = await request(paperlift.url).get('/auth/login').set('Cookie', planted);
  const own = cookiesOf(login)[0];
  assert.equal(own?.name, '__Host-paperlift-signin');
  assert.notEqual(own?.pair.split('=')[1], 'a'.repeat(43), 'the browser gets a secret of its own');
  const form = await answerToRequest(login.headers.location as string, 'alice@example.com');
  const secret = own?.pair.split('=')[1];
  const renamed = await request(paperlift.url)
    .post('/auth/saml/acs')
    .set('Cookie', `paperlift-signin=${secret}`)
    .type('form')
    .send(form);
  assert.equal(renamed.status, 403);
});

test('V3.3.1 a header that says http makes no cookie less secure', async () => {
  const login = await request(paperlift.url).get('/auth/login').set('X-Forwarded-Proto', 'http');
  for (const { attributes } of cookiesOf(login)) assert.ok(attributes.includes('Secure'));
});

test('V3.4.1 every answer says that it is https only, errors too', async () => {
  const { session } = await signIn('alice@example.com');
  const call = (method: 'get' | 'post' | 'put', path: string) =>
    request(paperlift.url)
      [method](path)
      .set('Cookie', session?.pair ?? '');
  for (const [status, answer] of [
    [200, await call('get', '/')],
    [200, await call('get', '/health/live')],
    [200, await call('get', '/assets/styles.css')],
    [200, await call('get', '/api/v1/openapi.json')],
    [302, await call('get', '/auth/login')],
    [303, await request(paperlift.url).get('/')],
    [400, await call('get', '/projects/%')],
    [400, await call('post', '/auth/saml/acs')],
    [401, await request(paperlift.url).get('/api/v1/projects')],
    [403, await call('post', '/projects').type('form').send({ name: 'x' })],
    [404, await call('get', '/nowhere')],
    [404, await call('get', '/api/v1/nowhere')],
    [405, await request(paperlift.url).trace('/')],
  ] as const) {
    assert.equal(answer.status, status);
    assert.equal(answer.headers['strict-transport-security'], always, String(status));
  }
});

test('the API’s document names the cookie that it has', async () => {
  const { body } = await request(paperlift.url).get('/api/v1/openapi.json');
  assert.equal(body.servers[0].url, `${publicUrl}/api/v1`);
  assert.equal(body.components.securitySchemes.session.name, '__Host-paperlift');
});
