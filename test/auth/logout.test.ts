import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import request from 'supertest';
import { sessionHandleOf, sessionKey } from '../../src/auth/person-sessions.store.ts';
import { personKey } from '../../src/people/person.keys.ts';
import { localPersonId } from '../support/local-people.ts';
import { answerOfProvider, type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { inDefault } from '../support/people.ts';
import { accessTokenOf } from '../support/pool-token.ts';
import { answerTo, beginSignIn, postXml, reasonOf } from '../support/saml.ts';
import { isOpenedBy, sessionCookieOf, signInForCookie } from '../support/sessions.ts';

let paperlift: Paperlift;
let clock = Date.now();
before(async () => {
  paperlift = await startPaperlift({ now: () => new Date(clock) });
});
beforeEach(() => {
  clock = Date.now(); // sign-ins are checked against the provider's clock
});
after(() => paperlift.stop());

const signIn = (email: string) => signInForCookie(paperlift, email);

const sessionIdIn = (cookie: string) =>
  decodeURIComponent(cookie.split('=')[1] as string).replace(/^s:(.*)\.[^.]*$/, '$1');

test('V7.4.1 the cookie of a signed-out session is refused', async () => {
  const { agent, csrfToken, cookie } = await signIn('alice@example.com');
  assert.equal(await isOpenedBy(paperlift, cookie), true);
  const answer = await agent.post('/auth/logout').type('form').send({ _csrf: csrfToken });
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.location, '/auth/signed-out');
  assert.equal(await isOpenedBy(paperlift, cookie), false);
});

test('V7.2.4 a sign-in over a session gives a new id, and the old one is dead', async () => {
  const first = await signIn('alice@example.com');
  const form = await answerOfProvider(first.agent, 'alice@example.com');
  const again = sessionCookieOf(await first.agent.post('/auth/saml/acs').type('form').send(form));
  assert.notEqual(again, first.cookie);
  assert.equal(await isOpenedBy(paperlift, first.cookie), false);
  assert.equal(await isOpenedBy(paperlift, again), true);
});

test('V7.4.5 signing out everywhere ends every session of that person, and nobody else’s', async () => {
  const [here, there] = [await signIn('alice@example.com'), await signIn('alice@example.com')];
  const bob = await signIn('bob@example.com');
  const answer = await here.agent
    .post('/auth/logout-everywhere')
    .type('form')
    .send({ _csrf: here.csrfToken });
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.location, '/auth/signed-out');
  assert.equal(await isOpenedBy(paperlift, here.cookie), false);
  assert.equal(await isOpenedBy(paperlift, there.cookie), false);
  assert.equal(await isOpenedBy(paperlift, bob.cookie), true);
  assert.equal(
    await isOpenedBy(paperlift, (await signIn('alice@example.com')).cookie),
    true,
    'the next one counts',
  );
});

test('V7.4.5 an administrator signs somebody else out; others may not, and nobody learns who exists', async () => {
  const [alice, bob, carol] = [
    await signIn('alice@example.com'),
    await signIn('bob@example.com'),
    await signIn('carol@example.com'),
  ];
  const of = (id: string) => `/admin/people/${id}/logout-everywhere`;
  const aliceId = localPersonId(paperlift, 'alice@example.com');
  for (const id of [aliceId, 'p-nobody']) {
    const refused = await bob.agent.post(of(id)).type('form').send({ _csrf: bob.csrfToken });
    assert.equal(refused.status, 403);
  }
  assert.equal(await isOpenedBy(paperlift, alice.cookie), true);
  const unknown = await carol.agent.post(of('p-nobody')).type('form').send({ _csrf: carol.csrfToken });
  assert.equal(unknown.status, 404);
  const done = await carol.agent.post(of(aliceId)).type('form').send({ _csrf: carol.csrfToken });
  assert.equal(done.status, 303);
  assert.equal(await isOpenedBy(paperlift, alice.cookie), false);
  assert.equal(await isOpenedBy(paperlift, carol.cookie), true);
});

test('V7.4.5 a session that the index does not list yet is ended too', async () => {
  const { cookie } = await signIn('alice@example.com');
  const id = sessionIdIn(cookie);
  const { documents } = paperlift.services.clients;
  // as right after the sign-in, when the index lags behind
  await documents.send(
    new UpdateCommand({
      TableName: 'paperlift',
      Key: sessionKey(sessionHandleOf(id)),
      UpdateExpression: 'REMOVE ownerKey',
    }),
  );
  assert.equal(await isOpenedBy(paperlift, cookie), true);
  const other = await signIn('alice@example.com');
  await other.agent.post('/auth/logout-everywhere').type('form').send({ _csrf: other.csrfToken });
  const { Item } = await documents.send(
    new GetCommand({ TableName: 'paperlift', Key: sessionKey(sessionHandleOf(id)) }),
  );
  assert.ok(Item, 'it was not removed');
  assert.equal(await isOpenedBy(paperlift, cookie), false, 'and opens nothing all the same');
});

test('V7.4.5 a request under way brings no ended session back', async () => {
  const { cookie } = await signIn('erin@example.com');
  const id = sessionIdIn(cookie);
  const store = paperlift.services.sessionStore;
  const read = () =>
    new Promise<Record<string, unknown> | null | undefined>((resolve, reject) =>
      store.get(id, (error, data) => (error ? reject(error) : resolve(data as never))),
    );
  const inFlight = await read();
  assert.ok(inFlight);
  clock += 10 * 60_000; // so that its end is moved on
  await new Promise((resolve) => store.destroy(id, resolve));
  await new Promise((resolve) => store.touch?.(id, inFlight as never, () => resolve(undefined)));
  assert.equal(await read(), null);
  await new Promise((resolve) => store.set(id, { ...inFlight, csrfToken: 'changed' } as never, resolve));
  assert.equal(await read(), null);
  assert.equal(await isOpenedBy(paperlift, cookie), false);
  const { Item } = await paperlift.services.clients.documents.send(
    new GetCommand({ TableName: 'paperlift', Key: sessionKey(sessionHandleOf(id)) }),
  );
  assert.equal(Item, undefined, 'nothing of it is left');
});

test('V7.4.2 a session that begins while access is being closed counts for nothing', async () => {
  const { cookie } = await signIn('erin@example.com');
  const change = (UpdateExpression: string, values?: Record<string, unknown>) =>
    paperlift.services.clients.documents.send(
      new UpdateCommand({
        TableName: 'paperlift',
        Key: personKey(localPersonId(paperlift, 'erin@example.com')),
        UpdateExpression,
        ...(values ? { ExpressionAttributeValues: values } : {}),
      }),
    );
  // closed after the sign-in was let through, and before its session was stored
  await change('SET disabledAt = :at', { ':at': new Date().toISOString() });
  assert.equal(await isOpenedBy(paperlift, cookie), false);
  await change('REMOVE disabledAt');
  assert.equal(await isOpenedBy(paperlift, cookie), true);
});

test('V7.3.2 what a request changes in a session does not lengthen its absolute lifetime', async () => {
  const { cookie } = await signIn('bob@example.com');
  const id = sessionIdIn(cookie);
  const store = paperlift.services.sessionStore;
  const read = () =>
    new Promise<Record<string, unknown>>((resolve, reject) =>
      store.get(id, (error, data) => (error ? reject(error) : resolve(data as never))),
    );
  const before = await read();
  clock += 30 * 60_000;
  await new Promise((resolve) => store.set(id, { ...before, csrfToken: 'changed' } as never, resolve));
  const changed = await read();
  assert.equal(changed.csrfToken, 'changed');
  assert.equal(changed.endsAt, before.endsAt);
});

test('V7.4.2 somebody whose access an administrator closes has no session, and gets none until it is opened', async () => {
  const [bob, carol] = [await signIn('bob@example.com'), await signIn('carol@example.com')];
  const bobId = localPersonId(paperlift, 'bob@example.com');
  const change = (agent: typeof carol, what: string, id = bobId) =>
    agent.agent.post(`/admin/people/${id}/${what}`).type('form').send({ _csrf: agent.csrfToken });
  assert.equal((await change(bob, 'disable')).status, 403);
  assert.equal((await change(carol, 'disable', 'p-nobody')).status, 404);
  assert.equal((await change(carol, 'disable', localPersonId(paperlift, 'carol@example.com'))).status, 409);
  assert.equal((await change(carol, 'disable')).status, 303);
  assert.equal(await isOpenedBy(paperlift, bob.cookie), false);

  const agent = request.agent(paperlift.url);
  const form = await answerOfProvider(agent, 'bob@example.com');
  const refused = await agent.post('/auth/saml/acs').type('form').send(form);
  assert.equal(reasonOf(paperlift, refused), 'person-disabled');
  assert.equal(refused.status, 403);
  assert.equal(sessionCookieOf(refused), undefined);
  assert.equal((await agent.get('/')).status, 303);

  assert.equal((await change(carol, 'enable')).status, 303);
  assert.equal(await isOpenedBy(paperlift, bob.cookie), false, 'what was ended stays ended');
  assert.equal(await isOpenedBy(paperlift, (await signIn('bob@example.com')).cookie), true);
});

test('V7.4.2 groups that a later sign-in takes away are gone in earlier sessions too', async () => {
  const { agent } = await signIn('carol@example.com');
  assert.equal((await agent.get('/admin')).status, 200);
  const person = {
    id: localPersonId(paperlift, 'carol@example.com'),
    name: 'Carol Carpenter',
    email: 'carol@example.com',
    groups: ['paperlift-users'],
    ...inDefault,
  };
  await paperlift.services.people.save(person, new Date(clock));
  assert.equal((await agent.get('/admin')).status, 403);
});

test('V7.4.2 a sign-in without any group ends the sessions of when there were some, and what the pool says', async () => {
  const bob = await signIn('bob@example.com');
  const { agent, requestId } = await beginSignIn(paperlift);
  const attributes = { email: ['bob@example.com'], name: ['Bob Baker'], groups: ['All Staff'] };
  const answer = await postXml(
    agent,
    answerTo(paperlift, requestId, { person: 'bob@example.com', claims: { attributes } }),
  );
  assert.equal(answer.status, 403);
  assert.equal(await isOpenedBy(paperlift, bob.cookie), false);
  assert.deepEqual(await poolGroupsOf('bob@example.com'), []);
  assert.equal(await isOpenedBy(paperlift, (await signIn('bob@example.com')).cookie), true);
  assert.deepEqual(await poolGroupsOf('bob@example.com'), ['paperlift-users']);
});

async function poolGroupsOf(email: string): Promise<string[]> {
  const claims = (await accessTokenOf(paperlift, email)).split('.')[1] as string;
  return JSON.parse(Buffer.from(claims, 'base64url').toString())['cognito:groups'] ?? [];
}

test('V3.5.1 signing out, here or everywhere or of others, needs the session’s own CSRF token', async () => {
  const carol = await signIn('carol@example.com');
  const alice = await signIn('alice@example.com');
  const other = await signIn('carol@example.com');
  const aliceId = localPersonId(paperlift, 'alice@example.com');
  const { sessions } = await listOf(other);
  for (const path of [
    '/auth/logout',
    '/auth/logout-everywhere',
    `/account/sessions/${sessions[0]}/end`,
    `/admin/people/${aliceId}/logout-everywhere`,
    `/admin/people/${aliceId}/disable`,
    `/admin/people/${aliceId}/enable`,
  ]) {
    for (const token of [undefined, alice.csrfToken, other.csrfToken]) {
      const answer = await carol.agent.post(path).type('form').send({ _csrf: token });
      assert.equal(answer.status, 403, `${path} with ${token}`);
    }
  }
  for (const { cookie } of [carol, alice, other]) assert.equal(await isOpenedBy(paperlift, cookie), true);
});

test('a sign-out posted from another site ends no session and deletes no cookie', async () => {
  const { cookie } = await signIn('alice@example.com');
  // a browser sends no Lax cookie with it
  const answer = await request(paperlift.url).post('/auth/logout').set('Sec-Fetch-Site', 'cross-site');
  assert.equal(answer.headers['set-cookie'], undefined);
  assert.equal(answer.headers.location, '/', 'which shows whether they are signed in');
  assert.equal(await isOpenedBy(paperlift, cookie), true);
});

test('a sign-out from a session that has ended takes its cookie away', async () => {
  const { agent, csrfToken, cookie } = await signIn('alice@example.com');
  await agent.post('/auth/logout').type('form').send({ _csrf: csrfToken });
  const again = await request(paperlift.url).post('/auth/logout').set('Cookie', cookie);
  assert.equal(again.headers.location, '/auth/signed-out');
  assert.match(String(again.headers['set-cookie']), /^paperlift=;/);
});

test('V3.5.3 GET signs nobody out', async () => {
  const { agent, cookie } = await signIn('carol@example.com');
  const aliceId = localPersonId(paperlift, 'alice@example.com');
  for (const path of [
    '/auth/logout',
    '/auth/logout-everywhere',
    '/auth/saml/slo',
    `/admin/people/${aliceId}/logout-everywhere`,
    `/admin/people/${aliceId}/disable`,
  ]) {
    assert.equal((await agent.get(path)).status, 405, path);
  }
  assert.equal(await isOpenedBy(paperlift, cookie), true);
});

test('V16.5.3 a database that leaves the session unread is answered with 503, never with the sign-in', async () => {
  const { agent } = await signIn('alice@example.com');
  const { documents } = paperlift.services.clients;
  const { batchGet } = documents;
  const keysLeft: typeof batchGet = async ({ RequestItems }) => ({
    $metadata: {},
    Responses: {},
    UnprocessedKeys: RequestItems,
  });
  Object.assign(documents, { batchGet: keysLeft });
  try {
    assert.equal((await agent.get('/')).status, 503);
  } finally {
    Object.assign(documents, { batchGet });
  }
  assert.equal((await agent.get('/')).status, 200);
});

async function listOf({ agent }: { agent: ReturnType<typeof request.agent> }) {
  const page = await agent.get('/account');
  return {
    page,
    sessions: [...page.text.matchAll(/action="\/account\/sessions\/([^/"]+)\/end"/g)].map(
      ([, handle]) => handle,
    ),
  };
}
