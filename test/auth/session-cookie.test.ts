import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import request from 'supertest';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { answerTo, encode } from '../support/saml.ts';

let paperlift: Paperlift;
before(async () => {
  // as behind a proxy that speaks TLS
  paperlift = await startPaperlift({
    env: { PUBLIC_URL: 'https://paperlift.example', TRUSTED_PROXIES: 'loopback' },
  });
});
after(() => paperlift.stop());

const overTls = (asked: request.Test) => asked.set('X-Forwarded-Proto', 'https');
const cookiesOf = (answer: request.Response) => (answer.headers['set-cookie'] ?? []) as unknown as string[];

test('V3.3 over https the cookies are `__Host-`, Secure and HttpOnly, SameSite by purpose, and of the session', async () => {
  const login = await overTls(request(paperlift.url).get('/auth/login'));
  const [waiting] = cookiesOf(login);
  assert.match(waiting ?? '', /^__Host-paperlift-signin=[\w-]{43}; /);
  for (const attribute of ['Path=/', 'Secure', 'HttpOnly', 'SameSite=None']) {
    assert.ok(waiting?.includes(`; ${attribute}`), attribute);
  }
  assert.doesNotMatch(waiting ?? '', /Domain=/i);

  const sent = new URL(login.headers.location as string).searchParams.get('SAMLRequest') ?? '';
  const requestId = / ID="([^"]+)"/.exec(inflateRawSync(Buffer.from(sent, 'base64')).toString())?.[1];
  const signedIn = await overTls(request(paperlift.url).post('/auth/saml/acs'))
    .set('Cookie', waiting?.split(';')[0] as string)
    .type('form')
    .send({ SAMLResponse: encode(answerTo(paperlift, requestId as string)) });
  assert.equal(signedIn.status, 303);
  const session = cookiesOf(signedIn).find((cookie) => cookie.startsWith('__Host-paperlift='));
  for (const attribute of ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Lax']) {
    assert.ok(session?.includes(`; ${attribute}`), attribute);
  }
  assert.doesNotMatch(session ?? '', /Domain=|Expires=|Max-Age=/i, 'and it goes with the browser');

  const cookie = session?.split(';')[0] as string;
  const home = await overTls(request(paperlift.url).get('/')).set('Cookie', cookie);
  assert.equal(home.status, 200);
  const plain = cookie.replace('__Host-', '');
  assert.equal((await overTls(request(paperlift.url).get('/')).set('Cookie', plain)).status, 303);

  const _csrf = /name="_csrf" value="([^"]+)"/.exec(home.text)?.[1];
  const signedOut = await overTls(request(paperlift.url).post('/auth/logout-everywhere'))
    .set('Cookie', cookie)
    .type('form')
    .send({ _csrf });
  assert.equal(signedOut.status, 303);
  const [cleared] = cookiesOf(signedOut);
  assert.match(cleared ?? '', /^__Host-paperlift=; Path=\/; Expires=Thu, 01 Jan 1970.*; HttpOnly; Secure/);
});
