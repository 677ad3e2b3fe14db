import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import request from 'supertest';
import { answerOfProvider, type Paperlift, startPaperlift } from '../support/paperlift.ts';

let paperlift: Paperlift;
before(async () => {
  paperlift = await startPaperlift();
});
after(() => paperlift.stop());

const isSignedIn = async (agent: ReturnType<typeof request.agent>) => (await agent.get('/')).status === 200;

/** A browser of its own, and the form that the identity provider has it post for this person. */
async function atTheProvider(email = 'alice@example.com', returnTo = '/') {
  const agent = request.agent(paperlift.url);
  const form = await answerOfProvider(agent, email, returnTo);
  return { agent, form };
}

function post(agent: Pick<ReturnType<typeof request.agent>, 'post'>, form: object | string) {
  return agent.post('/auth/saml/acs').type('form').send(form);
}

function changeXml(form: Record<string, string>, change: (xml: string) => string) {
  const xml = Buffer.from(form.SAMLResponse as string, 'base64').toString();
  const changed = change(xml);
  assert.notEqual(changed, xml);
  return { ...form, SAMLResponse: Buffer.from(changed).toString('base64') };
}

test('a person who is not signed in is sent to the identity provider and comes back to the page asked for', async () => {
  const agent = request.agent(paperlift.url);
  const asked = await agent.get('/?scope=mine');
  assert.equal(asked.status, 303);
  assert.equal(asked.headers.location, '/auth/login?returnTo=%2F%3Fscope%3Dmine');
  const form = await answerOfProvider(agent, 'alice@example.com', '/?scope=mine');
  const answer = await post(agent, form);
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.location, '/?scope=mine');
  assert.match((await agent.get('/')).text, /Alice Archer/);
});

test('the session cookie is out of reach of scripts and of other sites, and dies with the sign-out', async () => {
  const { agent, form } = await atTheProvider();
  const answer = await post(agent, form);
  const cookie = (answer.headers['set-cookie'] as unknown as string[]).find((value) =>
    value.startsWith('paperlift='),
  );
  assert.match(cookie ?? '', /; Path=\/; HttpOnly; SameSite=Lax$/);
  const home = await agent.get('/');
  const csrfToken = /name="_csrf" value="([^"]+)"/.exec(home.text)?.[1];
  const stolen = cookie?.split(';')[0] as string;
  assert.equal((await request(paperlift.url).get('/').set('Cookie', stolen)).status, 200);
  const signedOut = await agent.post('/auth/logout').type('form').send({ _csrf: csrfToken });
  assert.equal(signedOut.headers.location, '/auth/signed-out');
  assert.equal((await request(paperlift.url).get('/').set('Cookie', stolen)).status, 303);
});

test('signing in again gives a new session id, and the old one is dead', async () => {
  const { agent, answer } = await paperlift.signIn('alice@example.com');
  const cookieOf = (response: { headers: Record<string, unknown> }) =>
    (response.headers['set-cookie'] as string[])
      .find((value) => value.startsWith('paperlift='))
      ?.split(';')[0] as string;
  const again = await post(agent, await answerOfProvider(agent, 'bob@example.com'));
  assert.notEqual(cookieOf(again), cookieOf(answer));
  assert.equal((await request(paperlift.url).get('/').set('Cookie', cookieOf(answer))).status, 303);
  assert.match((await agent.get('/')).text, /Bob Baker/);
});

test('somebody without a Paperlift group is told so, and whom to ask, and gets no session', async () => {
  const { agent, form } = await atTheProvider('dave@example.com');
  const answer = await post(agent, form);
  assert.equal(answer.status, 403);
  assert.match(answer.text, /no access/i);
  assert.match(answer.text, /your IT service desk/);
  assert.match(answer.text, /CN=All Staff, HQ,OU=Groups,DC=example,DC=com/);
  assert.equal(await isSignedIn(agent), false);
});

test('a replayed response signs nobody in, one after the other', async () => {
  const { agent, form } = await atTheProvider();
  const cookies = await signInCookies(agent);
  assert.equal((await post(agent, form)).status, 303);
  const replay = await request(paperlift.url)
    .post('/auth/saml/acs')
    .set('Cookie', cookies)
    .type('form')
    .send(form);
  assert.equal(replay.status, 403);
  assert.equal(replay.headers['set-cookie'], undefined);
});

test('of five replays at once exactly one signs in', async () => {
  const { agent, form } = await atTheProvider();
  const cookies = await signInCookies(agent);
  const answers = await Promise.all(
    Array.from({ length: 5 }, () =>
      request(paperlift.url).post('/auth/saml/acs').set('Cookie', cookies).type('form').send(form),
    ),
  );
  assert.deepEqual(answers.map((answer) => answer.status).sort(), [303, 403, 403, 403, 403]);
});

test('a response to one browser’s request signs nobody in at another browser, or without cookies', async () => {
  const { agent, form } = await atTheProvider();
  const other = await atTheProvider('bob@example.com');
  assert.equal((await post(other.agent, form)).status, 403);
  assert.equal(await isSignedIn(other.agent), false);
  assert.equal((await post(request(paperlift.url), form)).status, 403);
  assert.equal((await post(agent, form)).status, 303, 'the request itself is still good');
});

test('a forged response is refused and does not use up the pending sign-in', async () => {
  const { agent, form } = await atTheProvider();
  const forged = changeXml(form, (xml) => xml.replaceAll('alice@example.com', 'carol@example.com'));
  assert.equal((await post(agent, forged)).status, 403);
  const unsigned = changeXml(form, (xml) =>
    xml.replace(/<(\w+:)?Signature[\s\S]*?<\/(\w+:)?Signature>/g, ''),
  );
  assert.equal((await post(agent, unsigned)).status, 403);
  assert.equal(await isSignedIn(agent), false);
  assert.equal((await post(agent, form)).status, 303);
});

test('what is no response of a provider is refused with 400 and never sent to the provider again', async () => {
  const { agent, form } = await atTheProvider();
  const encode = (xml: string) => Buffer.from(xml).toString('base64');
  const bad: Record<string, object | string> = {
    missing: {},
    empty: { SAMLResponse: '' },
    twice: `SAMLResponse=${encodeURIComponent(form.SAMLResponse as string)}&SAMLResponse=${encodeURIComponent(form.SAMLResponse as string)}`,
    'not base64': { SAMLResponse: '<Response/>' },
    'a document type': changeXml(form, (xml) => `<!DOCTYPE x [<!ENTITY e "x">]>${xml}`),
    'a hundred kilobytes of <': { SAMLResponse: encode('<'.repeat(100_000)) },
    'too long': { SAMLResponse: encode(`<a>${'x'.repeat(110_000)}</a>`) },
  };
  for (const [name, body] of Object.entries(bad)) {
    const started = performance.now();
    const answer = await post(agent, body);
    assert.equal(answer.status, 400, name);
    assert.ok(performance.now() - started < 20_000, `${name} is refused quickly`);
  }
  const query = `/auth/saml/acs?SAMLResponse=${encodeURIComponent(form.SAMLResponse as string)}`;
  assert.equal((await agent.post(query)).status, 400);
  assert.equal((await agent.get(query)).status, 405);
  assert.equal(
    (await agent.get(`/auth/login?SAMLResponse=${encodeURIComponent(form.SAMLResponse as string)}`)).status,
    302,
  );
  assert.equal(await isSignedIn(agent), false);
});

test('RelayState leads only to a path of this site', async () => {
  for (const evil of [
    '//evil.example',
    '/\\evil.example',
    '/%5cevil.example',
    'https://evil.example',
    '/%09/evil',
    'javascript:alert(1)',
  ]) {
    const { agent, form } = await atTheProvider();
    const answer = await post(agent, { ...form, RelayState: evil });
    assert.equal(answer.status, 303, evil);
    assert.equal(answer.headers.location, '/', evil);
  }
});

test('the metadata names the assertion consumer service and the entity id', async () => {
  const answer = await request(paperlift.url).get('/auth/saml/metadata').buffer(true);
  assert.equal(answer.status, 200);
  const xml = String(answer.text ?? answer.body);
  assert.match(xml, new RegExp(`entityID="${paperlift.config.saml.spEntityId}"`));
  assert.match(xml, new RegExp(`Location="${paperlift.config.saml.acsUrl}"`));
});

test('a signed-in person is mirrored into the user pool with the group', async () => {
  await paperlift.signIn('erin@example.com');
  const username = paperlift.standIns.people.find(
    (person) => person.email === 'erin@example.com',
  )?.cognitoUsername;
  const known = await paperlift.services.people.findByPoolUser(username as string);
  assert.equal(known?.email, 'erin@example.com');
  assert.match(known?.id ?? '', /^p-/);
});

async function signInCookies(agent: ReturnType<typeof request.agent>): Promise<string> {
  return agent.jar
    .getCookies({ path: '/', domain: 'localhost', secure: false, script: false } as never)
    .map((cookie: { name: string; value: string }) => `${cookie.name}=${cookie.value}`)
    .join('; ');
}
