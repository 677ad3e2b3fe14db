// The web's own defences, one test per requirement (OWASP ASVS 5.0). Who may ask for what is in test/access/routes.test.ts,
// sessions in session.test.ts, limits in rate-limit.test.ts, what hangs on https in https.test.ts.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import request from 'supertest';
import { returnPath } from '../../src/auth/return-path.ts';
import { textJpeg } from '../support/images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { accessTokenOf } from '../support/pool-token.ts';
import { addPrivateProject } from '../support/private-project.ts';

const never = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const hostile = `"><script>alert('x')</script>`;

let paperlift: Paperlift;
before(async () => {
  paperlift = await startPaperlift({ env: { TRUSTED_PROXIES: '' } });
});
after(() => paperlift.stop());

const alice = () => paperlift.signIn('alice@example.com');

/** Sends bytes as they are, past what a client library would put right, and gives the whole answer. */
async function sendRaw(head: string): Promise<string> {
  const socket = connect(Number(new URL(paperlift.url).port), '127.0.0.1');
  socket.end(Buffer.from(`${head}\r\nConnection: close\r\n\r\n`, 'latin1'));
  return text(socket);
}

test('V3.4.3 to V3.4.6 every answer, errors too, has a strict policy with a nonce of its own, nosniff, a referrer policy and no frame', async () => {
  const { agent } = await alice();
  const nonces = new Set<string>();
  const paths = [
    '/',
    '/nowhere',
    '/health/live',
    '/api/v1/nowhere',
    '/auth/login',
    '/assets/styles.css',
    '/%',
  ];
  for (const path of paths) {
    const { headers } = await agent.get(path);
    const policy = headers['content-security-policy'] ?? '';
    assert.match(policy, /default-src 'none'/, path);
    assert.match(policy, /object-src 'none';base-uri 'none'/, path);
    assert.match(policy, /frame-ancestors 'none'/, path);
    assert.doesNotMatch(policy, /unsafe/, path);
    nonces.add(/script-src 'nonce-([\w-]{22})'/.exec(policy)?.[1] ?? '');
    assert.equal(headers['x-content-type-options'], 'nosniff', path);
    assert.equal(headers['referrer-policy'], 'same-origin', path);
    assert.equal(headers['x-powered-by'], undefined, path);
    assert.match(headers['x-request-id'] ?? '', /^[0-9A-Z]{26}$/, path);
  }
  assert.equal(nonces.size, paths.length);
  assert.ok(!nonces.has(''));
});

test('V3.2.1 what people uploaded cannot run: sandboxed, never sniffed, exports only as attachments', async () => {
  const { agent } = await alice();
  const { projectId, pageId, exportId } = await addPrivateProject(paperlift, 'alice@example.com', {
    projectName: 'a"\r\nSet-Cookie: x=1; Müll/..\\\u202egpj',
  });
  for (const prefix of ['', '/api/v1']) {
    for (const path of [`pages/${pageId}/image`, `pages/${pageId}/thumbnail`, `exports/${exportId}/file`]) {
      const { status, headers } = await agent.get(`${prefix}/projects/${projectId}/${path}`);
      assert.equal(status, 200, path);
      assert.match(headers['content-security-policy'] ?? '', /^default-src 'none'; sandbox;/, path);
      assert.equal(headers['x-content-type-options'], 'nosniff', path);
      assert.equal(headers['set-cookie'], undefined, path);
      const disposition = headers['content-disposition'];
      if (!path.startsWith('exports')) assert.equal(headers['content-type'], 'image/jpeg');
      else {
        assert.match(disposition ?? '', /^attachment; filename="[\x20-\x7e]*"; filename\*=UTF-8''[\w%.-]+$/);
        assert.doesNotMatch(disposition ?? '', /%0|%E2%80|%22|%2F|%5C/i);
      }
    }
  }
});

test('V3.5.1 a form without the session’s CSRF token, or with another session’s, changes nothing', async () => {
  const { agent, csrfToken } = await alice();
  const bob = await paperlift.signIn('bob@example.com');
  const made = await agent.post('/api/v1/projects').set('x-csrf-token', csrfToken).send({ name: 'Mine' });
  const id = made.body.id as string;
  for (const token of [undefined, '', 'x'.repeat(43), bob.csrfToken]) {
    for (const [method, path, body] of [
      ['post', '/projects', { name: 'Forged' }],
      ['post', `/projects/${id}/rename`, { name: 'Forged' }],
      ['post', `/projects/${id}/delete`, {}],
      ['post', '/auth/logout', {}],
      ['post', '/api/v1/projects', { name: 'Forged' }],
      ['patch', `/api/v1/projects/${id}`, { name: 'Forged' }],
      ['delete', `/api/v1/projects/${id}`, {}],
    ] as const) {
      const call = agent[method](path).set('HX-Request', 'true');
      const isForm = !path.startsWith('/api/');
      const answer = isForm
        ? await call.type('form').send({ ...body, ...(token === undefined ? {} : { _csrf: token }) })
        : await (token === undefined ? call : call.set('x-csrf-token', token)).send(body);
      assert.equal(answer.status, 403, `${method} ${path} with ${token}`);
    }
  }
  assert.equal((await agent.get(`/api/v1/projects/${id}`)).body.name, 'Mine');
});

test('V3.5.1 files in a form are not kept without the token, nor when it comes after them', async () => {
  const { agent, csrfToken } = await alice();
  const { projectId } = await addPrivateProject(paperlift, 'alice@example.com');
  const file = await textJpeg(['x'], { width: 100, height: 80 });
  const before = await paperlift.services.stores.pages.list(projectId);
  const post = () => agent.post(`/projects/${projectId}/pages`);
  const answers = [
    await post().attach('files', file, 'a.jpg'),
    await post().attach('files', file, 'a.jpg').field('_csrf', csrfToken),
    await post().field('_csrf', 'wrong').attach('files', file, 'a.jpg'),
    await agent.post(`/projects/${projectId}/pages?_csrf=${csrfToken}`).attach('files', file, 'a.jpg'),
  ];
  assert.deepEqual(
    answers.map((answer) => answer.status),
    [403, 403, 403, 403],
  );
  assert.deepEqual(await paperlift.services.stores.pages.list(projectId), before);
});

test('V3.5.3 GET and HEAD change nothing, whatever the address or the headers say', async () => {
  const { agent, csrfToken } = await alice();
  const { projectId, pageId } = await addPrivateProject(paperlift, 'alice@example.com');
  const { projects, pages } = paperlift.services.stores;
  const state = async () => JSON.stringify([await projects.find(projectId), await pages.list(projectId)]);
  const before = await state();
  const query = `?_csrf=${csrfToken}&name=Changed&_method=DELETE&format=txt`;
  for (const path of [
    '/rename',
    '/delete',
    '/exports',
    '/pages',
    `/pages/${pageId}/retry`,
    `/pages/${pageId}/delete`,
    '',
  ]) {
    for (const prefix of ['/projects', '/api/v1/projects']) {
      for (const method of ['get', 'head'] as const) {
        await agent[method](`${prefix}/${projectId}${path}${query}`)
          .set('x-csrf-token', csrfToken)
          .set('X-HTTP-Method-Override', 'DELETE');
      }
    }
  }
  for (const path of ['/auth/logout', '/auth/logout-everywhere']) await agent.get(`${path}${query}`);
  assert.equal(await state(), before);
  assert.equal((await agent.get('/')).status, 200, 'still signed in');
});

test('V3.7.2 a redirect leads to a path of this site, whatever the request or its Host says', async () => {
  for (const [given, path] of Object.entries({
    '/projects/1?x=1': '/projects/1?x=1',
    'https://evil.example': '/',
    '//evil.example': '/',
    '/\\evil.example': '/',
    '/%5cevil.example': '/',
    '/%0d%0aLocation:x': '/',
    'javascript:alert(1)': '/',
    '/auth/login': '/',
  })) {
    assert.equal(returnPath(given), path, given);
  }
  assert.equal(returnPath(['/a', '/b']), '/');
  const { agent, csrfToken } = await alice();
  const calls = [
    agent.get('/auth/login?returnTo=//evil.example'),
    request(paperlift.url).get('/projects/1'),
    agent.post('/projects').type('form').send({ _csrf: csrfToken, name: 'x' }),
    agent.get('/auth/saml/metadata'),
    agent.get('/api/v1/openapi.json'),
  ];
  for (const call of calls) {
    const { headers, text } = await call
      .set('Host', 'evil.example')
      .set('X-Forwarded-Host', 'evil.example')
      .redirects(0);
    assert.doesNotMatch(`${headers.location} ${text}`, /evil\.example/);
  }
});

test('V1.2.1 markup in a project’s name and a file’s name is text on every page', async () => {
  const { agent } = await alice();
  const { projectId, pageId } = await addPrivateProject(paperlift, 'alice@example.com', {
    projectName: hostile,
    fileName: hostile,
  });
  for (const path of [
    '/',
    `/projects/${projectId}`,
    `/projects/${projectId}/status`,
    `/projects/${projectId}/pages/${pageId}`,
  ]) {
    const answer = await agent.get(path);
    assert.equal(answer.status, 200);
    assert.doesNotMatch(answer.text, /<script>|"><script/, path);
    assert.match(answer.text, /&lt;script&gt;/, path);
  }
  const refused = await agent
    .post(`/api/v1/projects/${projectId}/pages`)
    .attach('files', Buffer.from('no image'), hostile);
  assert.match(refused.headers['content-type'] ?? '', /^application\/problem\+json/);
});

test('V8.2.3 owner, status and other fields that nobody may set change nothing', async () => {
  const { agent, csrfToken } = await alice();
  const { projectId, pageId, personId } = await addPrivateProject(paperlift, 'alice@example.com');
  const api = (method: 'post' | 'patch', path: string) =>
    agent[method](`/api/v1${path}`).set('x-csrf-token', csrfToken);
  const extra = { owner: 'bob', ownerId: 'bob', ownerKey: 'bob', id: never, pk: 'x', createdAt: 'x' };
  for (const answer of [
    await api('post', '/projects').send({ name: 'x', ...extra }),
    await api('patch', `/projects/${projectId}`).send({ name: 'x', ...extra }),
    await api('patch', `/projects/${projectId}/pages/${pageId}`).send({ number: 1, status: 'ready' }),
    await api('patch', `/projects/${projectId}/pages/${pageId}`).send({ imageKey: 'projects/other' }),
    await api('post', `/projects/${projectId}/exports`).send({ format: 'txt', fileKey: 'projects/other' }),
  ]) {
    assert.deepEqual([answer.status, answer.body.code], [400, 'input-invalid']);
  }
  const renamed = await agent
    .post(`/projects/${projectId}/rename`)
    .type('form')
    .send({ _csrf: csrfToken, name: 'Renamed', ...extra });
  assert.equal(renamed.status, 303);
  const project = await paperlift.services.stores.projects.find(projectId);
  assert.deepEqual([project?.name, project?.ownerId, project?.id], ['Renamed', personId, projectId]);
  assert.equal((await paperlift.services.stores.pages.find(projectId, pageId))?.status, 'failed');
});

test('V2.3.1 steps out of order are refused, and say what comes first', async () => {
  const { agent, csrfToken } = await alice();
  const { projectId } = await addPrivateProject(paperlift, 'alice@example.com');
  const api = (method: 'get' | 'post' | 'patch' | 'put', path: string) =>
    agent[method](`/api/v1/projects/${projectId}${path}`).set('x-csrf-token', csrfToken);
  const image = await textJpeg(['x'], { width: 100, height: 80 });
  const uploaded = await api('post', '/pages').attach('files', image, {
    filename: 'a.jpg',
    contentType: 'image/jpeg',
  });
  const page = `/pages/${uploaded.body.items[0].id}`;
  for (const [code, answer] of [
    ['page-not-failed', await api('post', `${page}/retry`)],
    ['page-under-way', await api('patch', page).send({ lines: [{ id: 'l', text: 'x' }] })],
    ['image-not-ready', await api('get', `${page}/image`)],
    ['pages-under-way', await api('post', '/exports').send({ format: 'txt' })],
  ] as const) {
    assert.equal(answer.body.code, code);
    assert.ok(answer.status === 409 || answer.status === 404, code);
  }
  const unasked = await request(paperlift.url)
    .post('/auth/saml/acs')
    .type('form')
    .send({ SAMLResponse: 'PHg+' });
  assert.equal(unasked.status, 400, 'a response before any request');
});

test('V15.3.5 to V15.3.7 arrays for strings, __proto__ and a parameter twice are refused or without effect', async () => {
  const { agent, csrfToken } = await alice();
  const { projectId, pageId } = await addPrivateProject(paperlift, 'alice@example.com');
  const json = (method: 'post' | 'patch', path: string, body: string) =>
    agent[method](`/api/v1${path}`).set('x-csrf-token', csrfToken).type('json').send(body);
  const form = (path: string, body: string) => agent.post(path).type('form').send(body);
  for (const [what, answer] of Object.entries({
    'an array as a name': await json('post', '/projects', '{"name":["x"]}'),
    'an array as a body': await json('post', '/projects', '[{"name":"x"}]'),
    'a number as a body': await json('post', '/projects', '1'),
    'null as a name': await json('post', '/projects', '{"name":null}'),
    '__proto__ in JSON': await json('post', '/projects', '{"name":"x","__proto__":{"isAdmin":true}}'),
    constructor: await json('post', '/projects', '{"name":"x","constructor":{"prototype":{"a":1}}}'),
    '__proto__ in a page': await json(
      'patch',
      `/projects/${projectId}/pages/${pageId}`,
      '{"number":1,"__proto__":{"x":1}}',
    ),
    'an array as a line': await json(
      'patch',
      `/projects/${projectId}/pages/${pageId}`,
      '{"lines":[["a","b"]]}',
    ),
    'a name twice': await form('/projects', `_csrf=${csrfToken}&name=a&name=b`),
    'a name in brackets': await form('/projects', `_csrf=${csrfToken}&name[]=a`),
    'a format twice': await form(
      `/projects/${projectId}/exports`,
      `_csrf=${csrfToken}&format=txt&format=json`,
    ),
    'a query parameter twice': await agent.get('/api/v1/projects?scope=all&scope=mine'),
    'a cursor twice': await agent.get(`/?cursor=${never}&cursor=${never}`),
    '__proto__ as a cursor': await agent.get('/?cursor=__proto__'),
  })) {
    assert.equal(answer.status, 400, what);
  }
  assert.equal(
    (await form('/projects', `_csrf=${csrfToken}&_csrf=${csrfToken}&name=a`)).status,
    403,
    'a token twice',
  );
  assert.equal((await agent.get('/api/v1/projects?__proto__=x&__proto__[y]=z')).status, 400);
  assert.equal(({} as Record<string, unknown>).isAdmin, undefined);
});

test('V14.3.2 no cache keeps what is a person’s own: pages, JSON, images, files, refusals', async () => {
  const { agent } = await alice();
  const { projectId, pageId, exportId } = await addPrivateProject(paperlift, 'alice@example.com');
  for (const path of [
    '/',
    '/account',
    `/projects/${projectId}`,
    `/projects/${projectId}/pages/${pageId}`,
    `/projects/${projectId}/pages/${pageId}/image`,
    `/projects/${projectId}/pages/${pageId}/thumbnail`,
    `/projects/${projectId}/exports/${exportId}/file`,
    '/api/v1/projects',
    `/api/v1/projects/${projectId}/pages/${pageId}`,
    `/api/v1/projects/${projectId}/exports/${exportId}/file`,
    `/projects/${never}`,
    '/admin',
    '/auth/login',
  ]) {
    assert.equal((await agent.get(path)).headers['cache-control'], 'no-store', path);
  }
});

test('V14.2.1 no token is in an address, and none is taken from one', async () => {
  const { agent, csrfToken, answer } = await alice();
  const token = await accessTokenOf(paperlift, 'alice@example.com');
  for (const query of [`access_token=${token}`, `token=${token}`, `authorization=Bearer%20${token}`]) {
    assert.equal((await request(paperlift.url).get(`/api/v1/projects?${query}`)).status, 401);
  }
  const forged = await agent.post(`/projects?_csrf=${csrfToken}`).type('form').send({ name: 'x' });
  assert.equal(forged.status, 403);
  const sessionId = /paperlift=([^;]+)/.exec(String(answer.headers['set-cookie']))?.[1] as string;
  const { text } = await agent.get('/');
  for (const [, address] of text.matchAll(/(?:href|src|action|hx-get|hx-post)="([^"]*)"/g)) {
    assert.ok(!address?.includes(csrfToken) && !address?.includes(sessionId), address);
  }
  assert.equal(answer.headers.location, '/');
});

test('V4.1.3 a forged X-Forwarded-For is not believed', async () => {
  await request(paperlift.url).get('/health/live').set('X-Forwarded-For', '6.6.6.6');
  await request(paperlift.url).post('/auth/saml/acs').set('X-Forwarded-For', '6.6.6.6');
  assert.ok(!paperlift.logs.text().includes('6.6.6.6'));
});

test('V13.4.2, V13.4.4 neither TRACE, TRACK nor OPTIONS nor any debugging is answered', async () => {
  for (const method of ['TRACE', 'OPTIONS', 'PROPFIND', 'SEARCH', 'LOCK']) {
    const answer = await sendRaw(`${method} / HTTP/1.1\r\nHost: x\r\nCookie: paperlift=secret-of-mine`);
    assert.match(answer, /^HTTP\/1\.1 405 /, method);
    assert.match(answer, /\r\nAllow: GET, HEAD, POST, PUT, PATCH, DELETE\r\n/, method);
    assert.doesNotMatch(answer, /secret-of-mine/, method);
  }
  assert.match(await sendRaw('TRACK / HTTP/1.1\r\nHost: x'), /^HTTP\/1\.1 4\d\d /);
  const { agent } = await alice();
  for (const path of [
    '/.git/config',
    '/.env',
    '/package.json',
    '/src/app.ts',
    '/assets/..%2fpackage.json',
    '/debug',
    '/metrics',
    '/assets/',
  ]) {
    assert.equal((await agent.get(path)).status, 404, path);
  }
});

test('V16.5.1 malformed requests are refused with 4xx, unexpected failures with 500, and neither shows a stack', async () => {
  const { agent, csrfToken } = await alice();
  const post = () => agent.post('/api/v1/projects').set('x-csrf-token', csrfToken);
  const broken = await post().set('content-type', 'application/json').send('{"name":');
  assert.deepEqual([broken.status, broken.body.code], [400, 'body-unreadable']);
  assert.equal((await post().send({ name: 'x'.repeat(2_000_000) })).status, 413);
  const stack = /at .*\.[jt]s:\d|node_modules|Error:/;
  for (const path of ['/projects/%E0%A4%A', '/api/v1/projects/%', '/api/v1/projects?scope=all&scope=mine']) {
    const answer = await agent.get(path);
    assert.ok(answer.status >= 400 && answer.status < 500, `${path}: ${answer.status}`);
    assert.doesNotMatch(answer.text, stack, path);
  }
  const { projects } = paperlift.services;
  const { list } = projects;
  projects.list = async () => {
    throw new Error('The inside of the program');
  };
  try {
    for (const path of ['/', '/api/v1/projects']) {
      const answer = await agent.get(path);
      assert.equal(answer.status, 500, path);
      assert.doesNotMatch(answer.text, /The inside/, path);
      assert.doesNotMatch(answer.text, stack, path);
      assert.ok(answer.text.includes(answer.headers['x-request-id'] as string), path);
    }
  } finally {
    projects.list = list;
  }
  assert.match(paperlift.logs.text(), /The inside of the program/, 'the operator is told');
});

test('V16.5.1 a program gets problem+json with a code and the request’s id, a person a page', async () => {
  const { agent } = await alice();
  const problem = await agent.get(`/api/v1/projects/${never}`);
  assert.equal(problem.status, 404);
  assert.match(problem.headers['content-type'] ?? '', /^application\/problem\+json/);
  assert.equal(problem.body.code, 'project-not-found');
  assert.equal(problem.body.requestId, problem.headers['x-request-id']);
  const page = await agent.get(`/projects/${never}`);
  assert.equal(page.status, 404);
  assert.match(page.text, /This project doesn’t exist, or you don’t have access to it\./);
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

test('only administrators see how the site is set up, and no secret is on the page', async () => {
  const { agent } = await alice();
  assert.equal((await agent.get('/admin')).status, 403);
  const carol = await paperlift.signIn('carol@example.com');
  const page = await carol.agent.get('/admin');
  assert.equal(page.status, 200);
  assert.ok(!page.text.includes(paperlift.config.session.secret));
});

test('V16.3.1, V16.3.2 sign-ins, refused sign-ins and refused requests are in the log, with the person and the request', async () => {
  const { agent, answer } = await alice();
  const dave = await paperlift.signIn('dave@example.com');
  const forged = await request(paperlift.url)
    .post('/auth/saml/acs')
    .type('form')
    .send({ SAMLResponse: 'PHg+' });
  const foreign = await agent.get(`/api/v1/projects/${never}`);
  const token = await request(paperlift.url)
    .get('/api/v1/projects')
    .set('Authorization', 'Bearer no.good.token');
  const entryOf = ({ headers }: { headers: Record<string, string> }, found: RegExp) =>
    paperlift.logs
      .entries()
      .find((entry) => entry.requestId === headers['x-request-id'] && found.test(JSON.stringify(entry)));
  assert.match(String(entryOf(answer, /"signed in"/)?.personId), /^p-/);
  assert.ok(entryOf(dave.answer, /no-group/));
  assert.ok(entryOf(forged, /refused/));
  assert.ok(entryOf(foreign, /request refused/));
  assert.ok(entryOf(token, /request refused/));
  const line = entryOf(foreign, /"msg":"request"/);
  assert.match(String(line?.personId), /^p-/);
});

test('V16.4.1 line breaks and escape codes from outside are neither line breaks nor escape codes in the log', async () => {
  const { agent, csrfToken } = await alice();
  await sendRaw('GET /caf\x9b31m\x85x\x7f HTTP/1.1\r\nHost: x');
  await agent.get('/a%0a%7B%22level%22:30,%22msg%22:%22signed%20in%22%7D%1b[31m');
  const { projectId } = await addPrivateProject(paperlift, 'alice@example.com');
  await agent
    .post(`/api/v1/projects/${projectId}/pages`)
    .set('x-csrf-token', csrfToken)
    .attach('files', Buffer.from('x'), { filename: 'a\u2028\u202eb.jpg', contentType: 'image/jpeg' });
  const { logger } = paperlift.services;
  logger.info({ value: '\n{"msg":"forged"}\u001b[2J\u009b31m\u2028\u202e\u007f' }, 'a value\r\nfrom outside');
  const log = paperlift.logs.text();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  assert.doesNotMatch(log, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
  for (const line of log.trim().split('\n'))
    assert.ok(JSON.parse(line).time, 'every line is an entry of ours');
});

test('V16.2.5 the log names each request and holds no cookie, token, SAML message, form or detected text', async () => {
  const { agent, csrfToken, answer } = await alice();
  const token = await accessTokenOf(paperlift, 'alice@example.com');
  await request(paperlift.url).get('/api/v1/projects').set('Authorization', `Bearer ${token}`);
  await request(paperlift.url).get('/api/v1/projects').set('Authorization', `Bearer ${token}x`);
  await agent.get('/?cursor=secret-in-the-query\u001b[31m');
  const { projectId } = await addPrivateProject(paperlift, 'alice@example.com');
  const [, ready] = await paperlift.services.stores.pages.list(projectId);
  const path = `/api/v1/projects/${projectId}/pages/${ready?.id}`;
  const body = { lines: [{ id: 'secret-line', text: 'What was read or typed' }] };
  assert.equal((await agent.patch(path).set('x-csrf-token', csrfToken).send(body)).status, 400);
  await agent.get(path);
  for (const broken of ['{"name":"What was read or typed"', '{"name": What was read}', 'What was read']) {
    await agent.post('/api/v1/projects').set('x-csrf-token', csrfToken).type('json').send(broken);
  }
  const requests = paperlift.logs.entries().filter((entry) => entry.msg === 'request');
  assert.ok(
    requests.some(
      (entry) => entry.method === 'POST' && entry.path === '/auth/saml/acs' && entry.status === 303,
    ),
  );
  const log = paperlift.logs.text();
  for (const secret of [
    csrfToken,
    token.split('.')[2] as string,
    /paperlift=([^;]+)/.exec(String(answer.headers['set-cookie']))?.[1] as string,
    'SAMLResponse',
    's%3A',
    'secret-in-the-query',
    'What was read',
    '\u001b',
    paperlift.config.session.secret,
  ]) {
    assert.ok(!log.includes(secret), secret);
  }
});
