// Programs with identities of their own: created by administrators, limited by scopes, revoked at once.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import request from 'supertest';
import { serviceAccountIdOf } from '../../src/people/service-account.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { addServiceAccount, programOf, requestToken } from '../support/service-accounts.ts';
import { browserOf, buildPerson } from '../support/session-of.ts';
import { waitFor } from '../support/wait.ts';

const admin = buildPerson('Ada Admin', { groups: ['paperlift-admins'] });
const foreignAdmin = buildPerson('Ada Abroad', { groups: ['paperlift-admins'], organisationId: 'abroad' });
const ann = buildPerson('Ann Able');

let paperlift: Paperlift;
let clock: Date | undefined;

before(async () => {
  paperlift = await startPaperlift({ worker: true, textract: [], now: () => clock ?? new Date() });
});
after(() => paperlift.stop());

const get = (token: string, path = '/projects') =>
  request(paperlift.url).get(`/api/v1${path}`).set('Authorization', `Bearer ${token}`);

/** Fills in and sends the page's form. */
async function createOnPage(fields: Record<string, string | string[]>, person = admin) {
  const { agent, csrfToken } = await browserOf(paperlift, person);
  const body = new URLSearchParams({ _csrf: csrfToken });
  for (const [name, value] of Object.entries(fields))
    for (const one of [value].flat()) body.append(name, one);
  return {
    agent,
    csrfToken,
    answer: await agent.post('/admin/service-accounts').type('form').send(String(body)),
  };
}

const shownIn = (html: string, id: string) =>
  new RegExp(`<code id="${id}">([^<]+)</code>`).exec(html)?.[1] ?? '';

describe('creating a service account', () => {
  test('shows the secret once, and keeps it nowhere in Paperlift', async () => {
    const { agent, answer } = await createOnPage({
      name: 'Invoice import',
      scopes: ['projects.create', 'projects.take-part'],
    });
    assert.equal(answer.status, 200, answer.text);
    const [clientId, secret] = [shownIn(answer.text, 'client-id'), shownIn(answer.text, 'client-secret')];
    assert.match(secret, /^\w{20,}$/);
    assert.match(answer.text, /grant_type=client_credentials/);
    assert.equal(answer.headers['cache-control'], 'no-store');

    const token = await requestToken(paperlift, { clientId, secret });
    assert.equal(token.status, 200);
    assert.equal((await get(String(token.body.access_token))).status, 200);

    const list = await agent.get('/admin/service-accounts');
    assert.match(list.text, /Invoice import/);
    assert.ok(!list.text.includes(secret), 'the list has it');
    const account = await paperlift.services.stores.serviceAccounts.find(serviceAccountIdOf(clientId));
    assert.ok(account && !JSON.stringify(account).includes(secret), 'the item has it');
    assert.ok(!paperlift.logs.text().includes(secret), 'the log has it');
  });

  test('names what is missing, and keeps what was typed', async () => {
    const noScope = (await createOnPage({ name: 'Half & half' })).answer;
    assert.equal(noScope.status, 400);
    assert.match(noScope.text, /Select at least one scope\./);
    assert.match(noScope.text, /value="Half &amp; half"/);
    const noName = (await createOnPage({ name: ' \u200b ', scopes: 'trails.read' })).answer;
    assert.match(noName.text, /role="alert">Enter a name\./);
    assert.match(noName.text, /value="trails.read" checked/);
    for (const scopes of ['people.sign-out', 'machines.manage', 'everything'])
      assert.equal((await createOnPage({ name: 'Too much', scopes })).answer.status, 400, scopes);
    assert.equal((await createOnPage({ name: 'x'.repeat(101), scopes: 'trails.read' })).answer.status, 400);
  });

  test('of five equal requests at once creates one, and the name is free again once it is revoked', async () => {
    const fields = { name: 'Only one', scopes: 'projects.create' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => createOnPage(fields)));
    assert.deepEqual(answers.map(({ answer }) => answer.status).sort(), [200, 400, 400, 400, 400]);
    assert.equal(
      (await createOnPage({ ...fields, name: 'ONLY ÖNE' })).answer.status,
      400,
      'the same to a reader',
    );
    const created = answers.find(({ answer }) => answer.status === 200)?.answer.text ?? '';
    await paperlift.services.serviceAccounts.revoke(admin, serviceAccountIdOf(shownIn(created, 'client-id')));
    assert.equal((await createOnPage(fields)).answer.status, 200);
  });

  test('a name is not lost when the user pool fails, and the failure is in the trail', async () => {
    const { createServiceAccountService } = await import('../../src/auth/service-account.service.ts');
    const { stores, policies, audit, logger, now } = paperlift.services;
    const down = createServiceAccountService({
      accounts: stores.serviceAccounts,
      clients: { create: () => Promise.reject(new Error('down')), remove: async () => {} },
      policies,
      audit,
      logger,
      now,
    });
    const asked = { name: 'Second try', scopes: ['projects.create' as const] };
    await assert.rejects(down.create(admin, asked), /down/);
    const trail = await paperlift.services.audit.list(admin, `person:${admin.id}`, { limit: 2 });
    assert.deepEqual(
      trail.items.map(({ action }) => action),
      ['change.failed', 'service-account.created'],
    );
    await addServiceAccount(paperlift, 'Second try', ['projects.create']);
  });
});

describe('a token of a service account', () => {
  test('is given for a secret in the header or the body, and for scopes that the account has', async () => {
    const { account, secret } = await addServiceAccount(paperlift, 'Asker', [
      'projects.create',
      'trails.read',
    ]);
    const { clientId } = account;
    const ask = (more: object = {}) => requestToken(paperlift, { clientId, secret, ...more });
    assert.equal((await ask({ inBody: true })).status, 200);
    assert.equal((await ask({ fields: { scope: 'paperlift/trails.read' } })).status, 200);
    for (const [more, error] of [
      [{ secret: 'wrong' }, 'invalid_client'],
      [{ clientId: 'nobody' }, 'invalid_client'],
      [{ fields: { scope: 'paperlift/projects.view-all' } }, 'invalid_scope'],
      [{ fields: { grant_type: 'password' } }, 'unsupported_grant_type'],
      [{ clientId: paperlift.config.aws.cognito?.clientId, secret: 'undefined' }, 'invalid_client'],
    ] as const)
      assert.deepEqual((await ask(more)).body, { error });
  });

  test('gives no more than it was requested for', async () => {
    const { account, secret } = await addServiceAccount(paperlift, 'Narrow', [
      'projects.create',
      'projects.list-all',
    ]);
    const { body } = await requestToken(paperlift, {
      clientId: account.clientId,
      secret,
      fields: { scope: 'paperlift/projects.create' },
    });
    assert.equal((await get(String(body.access_token), '/projects?scope=all')).body.code, 'may-not-list-all');
    const all = await requestToken(paperlift, { clientId: account.clientId, secret });
    assert.equal((await get(String(all.body.access_token), '/projects?scope=all')).status, 200);
  });

  test('acts under its own name: it owns what it creates, and its trail says what it did', async () => {
    const { account, token } = await programOf(paperlift, 'Nightly scan', [
      'projects.create',
      'projects.take-part',
    ]);
    const created = await request(paperlift.url)
      .post('/api/v1/projects')
      .set('Authorization', `Bearer ${token}`)
      .send({ name: 'Tonight' });
    assert.equal(created.status, 201, created.text);
    assert.deepEqual(created.body.owner, { id: account.id, name: 'Nightly scan' });
    const { agent } = await browserOf(paperlift, admin);
    const trail = await agent.get(`/admin/audit?person=${account.id}`);
    assert.match(trail.text, /Nightly scan/);
    assert.match(trail.text, /created the project/);
    assert.equal((await get(token, `/projects/${created.body.id}`)).status, 200);
    assert.equal((await agent.get(`/projects/${created.body.id}`)).status, 200, 'an administrator sees it');
  });

  test('is noted as a use, at most once a minute', async () => {
    const { account, token } = await programOf(paperlift, 'Seldom', ['projects.take-part']);
    const find = () => paperlift.services.stores.serviceAccounts.find(account.id);
    assert.equal((await find())?.lastUsedAt, undefined);
    const start = new Date();
    for (const [afterMs, notedMs] of [
      [0, 0],
      [59_000, 0],
      [61_000, 61_000],
    ] as const) {
      clock = new Date(start.getTime() + afterMs);
      await Promise.all([get(token), get(token)]);
      assert.equal((await find())?.lastUsedAt, new Date(start.getTime() + notedMs).toISOString());
    }
    clock = undefined;
  });

  test('opens no page: without a session there is nothing but the sign-in', async () => {
    const { token } = await programOf(paperlift, 'No browser', ['projects.change-all', 'projects.take-part']);
    for (const path of ['/', '/account', '/admin', '/admin/service-accounts']) {
      const answer = await request(paperlift.url)
        .get(path)
        .set('Authorization', `Bearer ${token}`)
        .redirects(0);
      assert.equal(answer.status, 303, path);
      assert.match(answer.headers.location ?? '', /^\/auth\/login/);
    }
  });
});

describe('revoking a service account', () => {
  test('refuses its token from the next request on, and deletes its client in the pool', async () => {
    const { account, secret, token } = await programOf(paperlift, 'Leaver', ['projects.take-part']);
    assert.equal((await get(token)).status, 200);
    const { agent, csrfToken } = await browserOf(paperlift, admin);
    const revoke = () =>
      agent.post(`/admin/service-accounts/${account.id}/revoke`).type('form').send({ _csrf: csrfToken });
    assert.equal((await revoke()).status, 303);
    const refused = await get(token);
    assert.equal(refused.status, 401);
    assert.equal(refused.body.code, 'token-invalid');
    const { clientId } = account;
    assert.deepEqual((await requestToken(paperlift, { clientId, secret })).body, { error: 'invalid_client' });
    const page = await agent.get(`/admin/service-accounts?revoked=${account.id}`);
    assert.match(page.text, /Service account <bdi>Leaver<\/bdi> revoked\./);
    const trail = await agent.get(`/admin/audit?person=${account.id}`);
    assert.match(trail.text, /revoked the service account.*Leaver/s);
    assert.equal((await revoke()).status, 303, 'again');
  });

  test('while the pool is down refuses tokens all the same; the sweeper deletes the client', async () => {
    const { account, secret, token } = await programOf(paperlift, 'Half gone', ['projects.take-part']);
    await paperlift.services.stores.serviceAccounts.revoke(account, new Date());
    assert.equal((await get(token)).status, 401);
    await waitFor('the client to be deleted', async () =>
      (await requestToken(paperlift, { clientId: account.clientId, secret })).status === 400
        ? true
        : undefined,
    );
    const swept = await waitFor('the mark to be removed', async () => {
      const found = await paperlift.services.stores.serviceAccounts.find(account.id);
      return found && !('dueKey' in found) ? found : undefined;
    });
    assert.ok(swept.revokedAt);
  });
});

describe('service accounts of another organisation', () => {
  test('are neither listed, revoked, found nor shared with', async () => {
    const { account } = await addServiceAccount(paperlift, 'Theirs', ['projects.take-part'], 'abroad');
    const { agent, csrfToken } = await browserOf(paperlift, admin);
    assert.doesNotMatch((await agent.get('/admin/service-accounts')).text, /Theirs/);
    const revoked = await agent
      .post(`/admin/service-accounts/${account.id}/revoke`)
      .type('form')
      .send({ _csrf: csrfToken });
    assert.equal(revoked.status, 404);
    const own = await browserOf(paperlift, ann);
    const call = (method: 'get' | 'post' | 'put', path: string) =>
      own.agent[method](`/api/v1${path}`).set('x-csrf-token', own.csrfToken);
    const project = (await call('post', '/projects').send({ name: 'Ours' })).body.id;
    const shared = await call('put', `/projects/${project}/members/${account.id}`).send({ role: 'editor' });
    assert.equal(shared.body.code, 'grantee-unknown');
    assert.deepEqual((await call('get', `/projects/${project}/grantees?q=the`)).body.items, []);
    const abroad = await browserOf(paperlift, foreignAdmin);
    assert.match((await abroad.agent.get('/admin/service-accounts')).text, /Theirs/);
    assert.doesNotMatch((await abroad.agent.get('/admin/service-accounts')).text, /Nightly scan/);
  });
});

describe('sharing with a service account', () => {
  test('finds it by name, shows what it is, and lets it do what its role says', async () => {
    const { account, token } = await programOf(paperlift, 'Ledger export', ['projects.take-part']);
    const { agent, csrfToken } = await browserOf(paperlift, ann);
    const call = (method: 'get' | 'post' | 'put', path: string) =>
      agent[method](`/api/v1${path}`).set('x-csrf-token', csrfToken);
    const id = (await call('post', '/projects').send({ name: 'Ledger' })).body.id;
    assert.equal((await get(token, `/projects/${id}`)).status, 404);
    assert.deepEqual((await call('get', `/projects/${id}/grantees?q=ledg`)).body.items, [
      { id: account.id, kind: 'service', name: 'Ledger export' },
    ]);
    const shared = await call('put', `/projects/${id}/members/${account.id}`).send({ role: 'viewer' });
    assert.equal(shared.body.kind, 'service');
    assert.equal((await get(token, `/projects/${id}`)).status, 200);
    assert.deepEqual(
      (await get(token, '/projects?scope=shared')).body.items.map(({ name }: { name: string }) => name),
      ['Ledger'],
    );
    const rename = await request(paperlift.url)
      .patch(`/api/v1/projects/${id}`)
      .set('Authorization', `Bearer ${token}`)
      .send({ name: 'Mine' });
    assert.equal(rename.body.code, 'read-only');
    const page = await agent.get(`/projects/${id}/members`);
    assert.match(page.text, /Ledger export.*Service account/s);

    await paperlift.services.serviceAccounts.revoke(admin, account.id);
    assert.deepEqual((await call('get', `/projects/${id}/grantees?q=ledg`)).body.items, []);
    const again = await call('post', '/projects').send({ name: 'Other ledger' });
    const refused = await call('put', `/projects/${again.body.id}/members/${account.id}`).send({
      role: 'viewer',
    });
    assert.equal(refused.body.code, 'grantee-unknown');
  });
});
