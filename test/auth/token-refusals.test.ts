import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import request from 'supertest';
import { createTokenVerifier } from '../../src/auth/token.verifier.ts';
import { isPaperliftError } from '../../src/errors.ts';
import { type ServiceAccount, serviceAccountIdOf } from '../../src/people/service-account.ts';
import { localPersonId } from '../support/local-people.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { startTokenPool, type TokenPool } from '../support/token-pool.ts';

const userPoolId = 'us-east-1_Example';
const clientId = 'example0client';
let pool: TokenPool;
let paperlift: Paperlift;
let clock: Date | undefined;

before(async () => {
  pool = await startTokenPool({ userPoolId, clientId });
  paperlift = await startPaperlift({
    env: { COGNITO_ENDPOINT: pool.endpoint, COGNITO_USER_POOL_ID: userPoolId, COGNITO_CLIENT_ID: clientId },
    now: () => clock ?? new Date(),
  });
});
after(async () => {
  await paperlift.stop();
  await pool.stop();
});

const usernameOf = (email: string) =>
  paperlift.standIns.people.find((person) => person.email === email)?.cognitoUsername as string;

const claim = (changes?: Record<string, unknown>) => pool.claim(usernameOf('alice@example.com'), changes);

const withToken = (token: string, path = '/api/v1/projects') =>
  request(paperlift.url).get(path).set('Authorization', `Bearer ${token}`);

function buildVerifier(cognito: Parameters<typeof createTokenVerifier>[0]['cognito']) {
  const { people, stores, policies, logger, now } = paperlift.services;
  const { serviceAccounts } = stores;
  return createTokenVerifier({
    cognito,
    region: 'us-east-1',
    people,
    serviceAccounts,
    policies,
    logger,
    now,
  });
}

async function assertRefused(token: string, why: string) {
  const answer = await withToken(token);
  assert.equal(answer.status, 401, why);
  assert.equal(answer.body.code, 'token-invalid', why);
  assert.equal(answer.headers['www-authenticate'], 'Bearer', why);
  assert.doesNotMatch(JSON.stringify(answer.body), /signature|kid|issuer|jwks/i, 'a forger learns nothing');
}

test('the pool’s own token is taken, so that the refusals below are refusals', async () => {
  assert.equal((await withToken(pool.mint(claim()))).status, 200);
});

test('V9.1.2 `alg` none, and HS256 with the public key as its secret', async () => {
  await assertRefused(pool.mintUnsigned(claim()), 'none');
  await assertRefused(pool.mintHmac(claim()), 'HS256');
});

test('V9.1.1 a token signed by another key, or changed after it was signed', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await assertRefused(pool.mint(claim(), {}, privateKey), 'another key');
  const [head, , signature] = pool.mint(claim()).split('.');
  const admin = claim({ 'cognito:groups': ['paperlift-admins'] });
  const payload = Buffer.from(JSON.stringify(admin)).toString('base64url');
  await assertRefused(`${head}.${payload}.${signature}`, 'changed');
});

test('V9.1.3 a token that names its own keys by `jku`, `jwk` or `x5u`: nobody looks there', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let visits = 0;
  const kid = 'forged';
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' };
  const server = createServer((_request, response) => {
    visits += 1;
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const jku = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  try {
    await assertRefused(pool.mint(claim(), { kid, jku, x5u: jku, jwk }, privateKey), 'jku');
    assert.equal(visits, 0);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test('V9.2.1 an expired token, one that is not valid yet, and one that never ends', async () => {
  const now = Math.floor(Date.now() / 1000);
  await assertRefused(pool.mint(claim({ exp: now - 1 })), 'expired');
  await assertRefused(pool.mint(claim({ nbf: now + 600 })), 'not yet valid');
  await assertRefused(pool.mint(claim({ exp: undefined })), 'without an end');
});

test('V9.2.2 an ID token where access tokens are wanted, and a token of no kind', async () => {
  const id = { token_use: 'id', aud: clientId, 'cognito:username': usernameOf('alice@example.com') };
  await assertRefused(pool.mint(claim(id)), 'an ID token');
  await assertRefused(pool.mint(claim({ token_use: undefined })), 'no token_use');
});

test('V9.2.3 a token of another pool or another client', async () => {
  await assertRefused(pool.mint(claim({ iss: `${pool.endpoint}/us-east-1_Other` })), 'another pool');
  await assertRefused(pool.mint(claim({ client_id: 'another0client' })), 'another client');
  await assertRefused(pool.mint(claim({ client_id: undefined, aud: clientId })), 'no client');
});

test('a token of a user of the pool who is nobody here', async () => {
  await assertRefused(pool.mint(pool.claim('somebody-else')), 'a stranger');
  await assertRefused(pool.mint(claim({ username: undefined })), 'no username');
  await assertRefused(pool.mint(claim({ username: ['alice'] })), 'a list');
});

test('V9.1.3 a flood of unknown keys asks the pool for its keys once, and good tokens go on', async () => {
  assert.equal((await withToken(pool.mint(claim()))).status, 200);
  const [before, since] = [pool.keyRequests(), performance.now()];
  for (let round = 0; round < 4; round++) {
    await Promise.all(
      Array.from({ length: 25 }, (_, index) =>
        assertRefused(pool.mint(claim(), { kid: `unknown-${round}-${index}` }), 'an unknown key'),
      ),
    );
    assert.equal((await withToken(pool.mint(claim()))).status, 200);
  }
  const asked = pool.keyRequests() - before;
  const allowed = 1 + Math.floor((performance.now() - since) / 10_000); // once in ten seconds
  assert.ok(asked <= allowed, `asked ${asked} times`);
});

test('while the pool’s keys are out of reach, tokens are answered with `unavailable`, and the pool is left alone', async () => {
  let visits = 0;
  const server = createServer((_request, response) => {
    visits += 1;
    response.writeHead(503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cognito = { endpoint, userPoolId, clientId, tokenUse: 'access' as const };
  const verifier = buildVerifier(cognito);
  try {
    for (let times = 0; times < 20; times++) {
      await assert.rejects(verifier.verify(pool.mint(claim({ iss: `${endpoint}/${userPoolId}` }))), (error) =>
        isPaperliftError(error, 'user-pool-unavailable'),
      );
    }
    assert.equal(visits, 1);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test('where ID tokens are configured, they are taken, and access tokens are not', async () => {
  const cognito = { endpoint: pool.endpoint, userPoolId, clientId, tokenUse: 'id' as const };
  const verifier = buildVerifier(cognito);
  const username = usernameOf('alice@example.com');
  const id = (changes = {}) =>
    pool.mint(
      pool.claim(username, {
        token_use: 'id',
        aud: clientId,
        client_id: undefined,
        username: undefined,
        'cognito:username': username,
        ...changes,
      }),
    );
  assert.equal((await verifier.verify(id())).id, localPersonId(paperlift, 'alice@example.com'));
  await assert.rejects(verifier.verify(pool.mint(claim())), (error) =>
    isPaperliftError(error, 'token-invalid'),
  );
  await assert.rejects(verifier.verify(id({ aud: 'another0client' })), (error) =>
    isPaperliftError(error, 'token-invalid'),
  );
});

test('V6.3.4 the token path enforces what the cookie path does: no group opens nothing', async () => {
  for (const groups of [
    undefined,
    [],
    ['somebody-elses-group'],
    'paperlift-admins',
    [['paperlift-admins']],
  ]) {
    const answer = await withToken(pool.mint(claim({ 'cognito:groups': groups })));
    assert.equal(answer.status, 403, JSON.stringify(groups));
    assert.equal(answer.body.code, 'no-access');
  }
});

test('V7.4.5 signing out everywhere refuses the tokens issued before, of the same second too; later ones count', async () => {
  const { agent, csrfToken } = await paperlift.signIn('alice@example.com');
  const second = Math.floor(Date.now() / 1000);
  const issued = (iat: number | undefined) => pool.mint(claim({ iat }));
  clock = new Date(second * 1000 + 400);
  assert.equal((await withToken(issued(second))).status, 200);
  await agent.post('/auth/logout-everywhere').type('form').send({ _csrf: csrfToken });
  await assertRefused(issued(second - 60), 'a minute before');
  await assertRefused(issued(second), 'the same second');
  await assertRefused(issued(undefined), 'of an unknown time');
  assert.equal((await withToken(issued(second + 1))).status, 200);
  const bob = pool.mint(pool.claim(usernameOf('bob@example.com'), { iat: second }));
  assert.equal((await withToken(bob)).status, 200, 'nobody else’s');
  clock = undefined;
});

test('V7.4.2 an administrator signs out, and shuts out, somebody who only ever came with tokens', async () => {
  const begun = Math.floor(Date.now() / 1000);
  const erin = (iat = begun) =>
    withToken(
      pool.mint(
        pool.claim(usernameOf('erin@example.com'), { iat, 'cognito:groups': ['paperlift-auditors'] }),
      ),
    );
  const carol = await paperlift.signIn('carol@example.com');
  const change = (what: string) =>
    carol.agent
      .post(`/admin/people/${localPersonId(paperlift, 'erin@example.com')}/${what}`)
      .type('form')
      .send({ _csrf: carol.csrfToken });
  assert.equal((await erin()).status, 200);
  assert.equal((await change('logout-everywhere')).status, 303);
  assert.equal((await erin()).status, 401);
  const later = Math.floor(Date.now() / 1000) + 2;
  assert.equal((await erin(later)).status, 200);
  assert.equal((await change('disable')).status, 303);
  assert.equal((await erin(later + 60)).status, 401);
  assert.equal((await change('enable')).status, 303);
  assert.equal((await erin(later + 60)).status, 200);
});

test('V14.2.1 a token in the address is not looked at', async () => {
  const token = pool.mint(claim());
  const answer = await request(paperlift.url).get(`/api/v1/projects?access_token=${token}`);
  assert.equal(answer.status, 401);
  assert.doesNotMatch(paperlift.logs.text(), new RegExp(token.slice(-40)));
});

describe('a service account’s token', () => {
  const machine = 'machine0client';
  const account: ServiceAccount = {
    id: serviceAccountIdOf(machine),
    name: 'Import',
    organisationId: 'default',
    clientId: machine,
    scopes: ['projects.take-part'],
    createdAt: '2026-11-01T00:00:00.000Z',
    createdBy: 'p-admin',
    createdByName: 'Ada',
  };
  /** As Cognito writes them for client credentials. */
  const claimOf = (changes: Record<string, unknown> = {}) =>
    pool.claim('', {
      sub: machine,
      client_id: machine,
      scope: 'paperlift/projects.take-part',
      username: undefined,
      'cognito:groups': undefined,
      ...changes,
    });
  before(() => paperlift.services.stores.serviceAccounts.create(account));

  test('is taken, so that the refusals below are refusals', async () => {
    assert.equal((await withToken(pool.mint(claimOf()))).status, 200);
  });

  test('V9.2.3 of an unknown client, of another pool, or signed by another key', async () => {
    await assertRefused(pool.mint(claimOf({ client_id: 'unknown0client' })), 'an unknown client');
    await assertRefused(pool.mint(claimOf({ client_id: clientId })), 'the client of people');
    await assertRefused(pool.mint(claimOf({ iss: `${pool.endpoint}/us-east-1_Other` })), 'another pool');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await assertRefused(pool.mint(claimOf(), {}, privateKey), 'another key');
    await assertRefused(pool.mintUnsigned(claimOf()), 'none');
    await assertRefused(pool.mint(claimOf({ client_id: ['machine0client'] })), 'a list');
  });

  test('V9.2.2 of another kind, or with a user: people’s tokens come from the people’s client only', async () => {
    await assertRefused(pool.mint(claimOf({ token_use: 'id', aud: machine })), 'an ID token');
    await assertRefused(pool.mint(claimOf({ token_use: undefined })), 'no token_use');
    const alice = usernameOf('alice@example.com');
    await assertRefused(pool.mint(claimOf({ username: alice })), 'a person by a machine’s client');
    await assertRefused(pool.mint(claimOf({ username: null })), 'no username, but one');
  });

  test('V9.2.1 that expired, or never ends', async () => {
    const now = Math.floor(Date.now() / 1000);
    await assertRefused(pool.mint(claimOf({ exp: now - 1 })), 'expired');
    await assertRefused(pool.mint(claimOf({ exp: undefined })), 'without an end');
  });

  test('has no scope that the account lacks, whatever it says, and no groups', async () => {
    const scope = 'paperlift/projects.take-part paperlift/projects.list-all projects.create';
    const wide = pool.mint(claimOf({ scope, 'cognito:groups': ['paperlift-admins'] }));
    assert.equal((await withToken(wide)).status, 200);
    assert.equal((await withToken(wide, '/api/v1/projects?scope=all')).body.code, 'may-not-list-all');
    for (const none of [undefined, '', 'paperlift/projects.create', 'other/projects.take-part']) {
      const answer = await withToken(pool.mint(claimOf({ scope: none })));
      assert.equal(answer.status, 403, String(none));
      assert.equal(answer.body.code, 'no-access');
    }
    await assertRefused(pool.mint(claimOf({ scope: ['paperlift/projects.take-part'] })), 'a list');
  });

  test('is taken where people’s tokens are ID tokens, too', async () => {
    const verifier = buildVerifier({ endpoint: pool.endpoint, userPoolId, clientId, tokenUse: 'id' });
    assert.equal((await verifier.verify(pool.mint(claimOf()))).id, account.id);
  });

  test('V7.4.2 is refused from the moment its account is revoked', async () => {
    const token = pool.mint(claimOf());
    assert.equal((await withToken(token)).status, 200);
    await paperlift.services.stores.serviceAccounts.revoke(account, new Date());
    await assertRefused(token, 'revoked');
  });
});
