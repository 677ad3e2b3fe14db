import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import request from 'supertest';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';

let paperlift: Paperlift;
before(async () => {
  paperlift = await startPaperlift({ env: { TRUSTED_PROXIES: '' } });
});
after(() => paperlift.stop());

test('every answer, errors too, carries the security headers and a nonce of its own', async () => {
  const { agent } = await paperlift.signIn('alice@example.com');
  const nonces = new Set<string>();
  for (const path of [
    '/',
    '/nowhere',
    '/health/live',
    '/api/v1/nowhere',
    '/auth/login',
    '/assets/styles.css',
  ]) {
    const { headers } = await agent.get(path);
    const policy = headers['content-security-policy'] ?? '';
    assert.match(policy, /default-src 'none'/, path);
    assert.match(policy, /object-src 'none';base-uri 'none'/, path);
    assert.match(policy, /frame-ancestors 'none'/, path);
    assert.doesNotMatch(policy, /unsafe/, path);
    nonces.add(/'nonce-([\w-]+)'/.exec(policy)?.[1] ?? '');
    assert.equal(headers['x-content-type-options'], 'nosniff', path);
    assert.equal(headers['referrer-policy'], 'same-origin', path);
    assert.equal(headers['x-powered-by'], undefined, path);
    assert.match(headers['x-request-id'] ?? '', /^[0-9A-Z]{26}$/, path);
  }
  assert.equal(nonces.size, 6);
});

test('no cache keeps what is a person’s own', async () => {
  const { agent } = await paperlift.signIn('alice@example.com');
  for (const path of ['/', '/api/v1/projects', '/projects/01ARZ3NDEKTSV4RRFFQ69G5FAV']) {
    assert.equal((await agent.get(path)).headers['cache-control'], 'no-store', path);
  }
});

test('a form without the session’s CSRF token, or with another session’s, changes nothing', async () => {
  const alice = await paperlift.signIn('alice@example.com');
  const bob = await paperlift.signIn('bob@example.com');
  const made = await alice.agent
    .post('/api/v1/projects')
    .set('x-csrf-token', alice.csrfToken)
    .send({ name: 'Mine' });
  const id = made.body.id as string;
  for (const token of [undefined, '', 'x'.repeat(43), bob.csrfToken]) {
    for (const [method, path, body] of [
      ['post', '/projects', { name: 'Forged' }],
      ['post', `/projects/${id}/rename`, { name: 'Forged' }],
      ['post', `/projects/${id}/delete`, {}],
      ['post', `/projects/${id}/exports`, { format: 'txt' }],
      ['post', '/auth/logout', {}],
      ['post', '/api/v1/projects', { name: 'Forged' }],
      ['patch', `/api/v1/projects/${id}`, { name: 'Forged' }],
      ['delete', `/api/v1/projects/${id}`, {}],
    ] as const) {
      const call = alice.agent[method](path);
      const isForm = !path.startsWith('/api/');
      const answer = isForm
        ? await call.type('form').send({ ...body, ...(token === undefined ? {} : { _csrf: token }) })
        : await (token === undefined ? call : call.set('x-csrf-token', token)).send(body);
      assert.equal(answer.status, 403, `${method} ${path} with ${token}`);
    }
  }
  const { items } = (await alice.agent.get('/api/v1/projects')).body;
  assert.deepEqual(
    items.map((project: { name: string }) => project.name),
    ['Mine'],
  );
});

test('a program gets problem+json with a code and the request’s id, a person a page', async () => {
  const { agent } = await paperlift.signIn('alice@example.com');
  const problem = await agent.get('/api/v1/projects/01ARZ3NDEKTSV4RRFFQ69G5FAV');
  assert.equal(problem.status, 404);
  assert.match(problem.headers['content-type'] ?? '', /^application\/problem\+json/);
  assert.equal(problem.body.code, 'project-not-found');
  assert.equal(problem.body.requestId, problem.headers['x-request-id']);
  const page = await agent.get('/projects/01ARZ3NDEKTSV4RRFFQ69G5FAV');
  assert.equal(page.status, 404);
  assert.match(page.text, /There is no such project, or it is not yours to see\./);
  assert.match(page.text, new RegExp(page.headers['x-request-id'] as string));
});

test('without signing in the API answers 401 and a page leads to the sign-in', async () => {
  const anonymous = request(paperlift.url);
  const api = await anonymous.get('/api/v1/projects');
  assert.equal(api.status, 401);
  assert.equal(api.headers['www-authenticate'], 'Bearer');
  assert.equal(api.body.code, 'not-signed-in');
  assert.equal((await anonymous.get('/admin')).status, 303);
  assert.equal((await anonymous.post('/projects').type('form').send({ name: 'x' })).status, 401);
});

test('malformed requests are refused with 4xx and no stack', async () => {
  const { agent, csrfToken } = await paperlift.signIn('alice@example.com');
  const broken = await agent
    .post('/api/v1/projects')
    .set('x-csrf-token', csrfToken)
    .set('content-type', 'application/json')
    .send('{"name":');
  assert.equal(broken.status, 400);
  assert.equal(broken.body.code, 'body-unreadable');
  const large = await agent
    .post('/api/v1/projects')
    .set('x-csrf-token', csrfToken)
    .send({ name: 'x'.repeat(2_000_000) });
  assert.equal(large.status, 413);
  for (const path of [
    '/projects/%E0%A4%A',
    '/api/v1/projects/%',
    '/api/v1/projects?scope=all&scope=mine',
    '/?cursor=__proto__',
  ]) {
    const answer = await agent.get(path);
    assert.ok(answer.status >= 400 && answer.status < 500, `${path}: ${answer.status}`);
    assert.doesNotMatch(answer.text, /at .*\.[jt]s:\d/, path);
  }
});

test('only administrators see how the site is set up, and no secret is on the page', async () => {
  const alice = await paperlift.signIn('alice@example.com');
  assert.equal((await alice.agent.get('/admin')).status, 403);
  const carol = await paperlift.signIn('carol@example.com');
  const page = await carol.agent.get('/admin');
  assert.equal(page.status, 200);
  assert.ok(!page.text.includes(paperlift.config.session.secret));
});

test('a forged X-Forwarded-For is not believed', async () => {
  await request(paperlift.url).get('/health/live').set('X-Forwarded-For', '6.6.6.6');
  assert.ok(!paperlift.logs.text().includes('6.6.6.6'));
});

test('the log names each request and holds no cookie, token, SAML message or form', async () => {
  const { agent, csrfToken } = await paperlift.signIn('alice@example.com');
  await agent.get('/?cursor=secret-in-the-query\u001b[31m');
  const requests = paperlift.logs.entries().filter((entry) => entry.msg === 'request');
  assert.ok(
    requests.some(
      (entry) => entry.method === 'POST' && entry.path === '/auth/saml/acs' && entry.status === 303,
    ),
  );
  const log = paperlift.logs.text();
  for (const secret of [
    csrfToken,
    'SAMLResponse',
    's%3A',
    'secret-in-the-query',
    '\u001b',
    paperlift.config.session.secret,
  ]) {
    assert.ok(!log.includes(secret), secret);
  }
});
