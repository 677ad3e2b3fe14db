import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { after, before, test } from 'node:test';
import request from 'supertest';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { inDefault } from '../support/people.ts';
import { poolTokensOf } from '../support/pool-token.ts';

let paperlift: Paperlift;
before(async () => {
  paperlift = await startPaperlift();
});
after(() => paperlift.stop());

const tokensOf = (email: string) => poolTokensOf(paperlift, email);

const withToken = (token: string) =>
  request(paperlift.url).get('/api/v1/projects').set('Authorization', `Bearer ${token}`);

test('a project looks the same by cookie and by token', async () => {
  const { agent, csrfToken } = await paperlift.signIn('alice@example.com');
  const made = await agent
    .post('/api/v1/projects')
    .set('x-csrf-token', csrfToken)
    .send({ name: 'By cookie' });
  const { access } = await tokensOf('alice@example.com');
  assert.deepEqual((await withToken(access)).body.items, [made.body]);
  const byToken = await request(paperlift.url)
    .post('/api/v1/projects')
    .set('Authorization', `Bearer ${access}`)
    .send({ name: 'By token' });
  assert.equal(byToken.status, 201, 'a token needs no CSRF token: no browser sends it by itself');
  assert.equal(byToken.body.owner.id, made.body.owner.id);
});

test('a token’s groups decide as a session’s do', async () => {
  const bob = await tokensOf('bob@example.com');
  const carol = await tokensOf('carol@example.com');
  const all = (token: string) =>
    request(paperlift.url).get('/api/v1/projects?scope=all').set('Authorization', `Bearer ${token}`);
  assert.equal((await all(bob.access)).status, 403);
  assert.equal((await all(carol.access)).status, 200);
});

test('forged, foreign and broken tokens are refused with 401, even beside a good session', async () => {
  const { access, id } = await tokensOf('alice@example.com');
  const [head, payload, signature] = access.split('.') as [string, string, string];
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const kid = JSON.parse(Buffer.from(head, 'base64url').toString()).kid;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const signed = (header: object, body: object) => {
    const input = `${encode(header)}.${encode(body)}`;
    return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
  };
  const hmacInput = `${encode({ alg: 'HS256', kid })}.${payload}`;
  const { agent } = await paperlift.signIn('alice@example.com');
  for (const [name, token] of Object.entries({
    'alg none': `${encode({ alg: 'none', kid })}.${payload}.`,
    HS256: `${hmacInput}.${createHmac('sha256', 'public key').update(hmacInput).digest('base64url')}`,
    'another key': signed({ alg: 'RS256', kid }, claims),
    'an unknown key': signed({ alg: 'RS256', kid: 'unknown' }, claims),
    'other groups': `${head}.${encode({ ...claims, 'cognito:groups': ['paperlift-admins'] })}.${signature}`,
    'an ID token': id,
    empty: '',
    'no token': 'not.a.token',
  })) {
    const answer = await agent.get('/api/v1/projects').set('Authorization', `Bearer ${token}`);
    assert.equal(answer.status, 401, name);
    assert.equal(answer.body.code, 'token-invalid', name);
  }
});

test('a token opens no page for people', async () => {
  const { access } = await tokensOf('carol@example.com');
  const answer = await request(paperlift.url).get('/admin').set('Authorization', `Bearer ${access}`);
  assert.equal(answer.status, 303);
});

test('a token has no more rights than the session of a person whom the company gives fewer groups by now', async () => {
  const { access } = await tokensOf('carol@example.com');
  const all = () =>
    request(paperlift.url).get('/api/v1/projects?scope=all').set('Authorization', `Bearer ${access}`);
  assert.equal((await all()).status, 200);
  const { people } = paperlift.services;
  const { items } = await people.list('default', { mail: 'carol@example.com' });
  const {
    id,
    name,
    email,
    groups = [],
  } = items[0] as { id: string; name: string; email: string; groups: string[] };
  const { users } = paperlift.config.groups;
  await people.save({ id, name, email, groups: [users], ...inDefault }, new Date()); // what her next sign-in does
  try {
    const answer = await all();
    assert.deepEqual([answer.status, answer.body.code], [403, 'no-access']);
  } finally {
    await people.save({ id, name, email, groups, ...inDefault }, new Date());
  }
});
