// What an attacker sends in place of an upload. Bad files and bad forms of honest senders are in uploads.test.ts.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { textJpeg } from '../support/images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { accessTokenOf } from '../support/pool-token.ts';
import { addPrivateProject } from '../support/private-project.ts';

let paperlift: Paperlift;
let image: Buffer;
before(async () => {
  paperlift = await startPaperlift();
  image = await textJpeg(['x'], { width: 100, height: 80 });
});
after(() => paperlift.stop());

async function objectsOf(projectId: string) {
  const { Contents = [] } = await paperlift.services.clients.s3.send(
    new ListObjectsV2Command({ Bucket: 'paperlift', Prefix: `projects/${projectId}/` }),
  );
  return Contents.map(({ Key }) => Key as string);
}

/** Announces a body of a gigabyte, sends none of it, and gives the first line of the answer. */
function announceBody(method: string, path: string, headers: string[]): Promise<string> {
  const socket = connect(Number(new URL(paperlift.url).port), '127.0.0.1');
  const head = [`${method} ${path} HTTP/1.1`, 'Host: localhost', ...headers];
  const body = ['Content-Type: multipart/form-data; boundary=x', `Content-Length: ${2 ** 30}`];
  socket.write(`${[...head, ...body].join('\r\n')}\r\n\r\n`);
  return new Promise((resolve, reject) => {
    socket.once('data', (data) => {
      resolve(data.toString('latin1').split('\r\n')[0] as string);
      socket.destroy();
    });
    socket.once('error', reject);
    socket.setTimeout(5000, () => reject(new Error(`${path}: no answer before the body`)));
  });
}

test('who may not upload is told so before a byte of the body is read', async () => {
  const { projectId, pageId } = await addPrivateProject(paperlift, 'alice@example.com');
  const bearer = async (email: string) => [`Authorization: Bearer ${await accessTokenOf(paperlift, email)}`];
  const [bob, erin] = [await bearer('bob@example.com'), await bearer('erin@example.com')];
  const pages = `/api/v1/projects/${projectId}/pages`;
  const picture = `${pages}/${pageId}/image`;
  for (const [status, method, path, headers] of [
    [401, 'POST', pages, []],
    [401, 'POST', pages, ['Authorization: Bearer no.good.token']],
    [401, 'POST', `/projects/${projectId}/pages`, []],
    [404, 'POST', pages, bob],
    [404, 'PUT', picture, bob],
    [403, 'POST', pages, erin],
    [403, 'PUT', picture, erin],
    [404, 'POST', '/api/v1/projects/nonsense/pages', erin],
  ] as const) {
    const line = await announceBody(method, path, [...headers]);
    assert.match(line, new RegExp(`^HTTP/1.1 ${status} `), `${method} ${path}`);
  }
  assert.deepEqual(await objectsOf(projectId), []);
});

test('names, values, headers and indexes of a form have limits of their own', async () => {
  const { agent, csrfToken } = await paperlift.signIn('alice@example.com');
  const { projectId } = await addPrivateProject(paperlift, 'alice@example.com');
  const path = `/api/v1/projects/${projectId}/pages`;
  const post = () => agent.post(path).set('x-csrf-token', csrfToken);
  const startedAt = performance.now();
  for (const [code, answer] of [
    ['form-limit-field-key', await post().field('k'.repeat(200), 'x').attach('files', image, 'a.jpg')],
    ['form-limit-field-value', await post().field('note', 'x'.repeat(5000)).attach('files', image, 'a.jpg')],
    [
      'form-limit-field-count',
      await post().field({ a: 1, b: 2, c: 3, d: 4, e: 5 }).attach('files', image, 'a.jpg'),
    ],
    ['form-limit-field-nesting', await post().field('a[b][c][d]', 'x').attach('files', image, 'a.jpg')],
    [
      'form-limit-field-nesting',
      await post().field('__proto__[isAdmin]', 'x').attach('files', image, 'a.jpg'),
    ],
  ] as const) {
    assert.deepEqual([answer.status, answer.body.code], [400, code]);
  }
  const many = Array.from({ length: 3000 }, (_, index) => `X-${index}: x\r\n`).join('');
  const head = `--x\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n${many}\r\n`;
  const answer = await post()
    .set('Content-Type', 'multipart/form-data; boundary=x')
    .send(Buffer.concat([Buffer.from(head), image, Buffer.from('\r\n--x--\r\n')]));
  assert.ok(answer.status >= 400 && answer.status < 500, `3 000 headers: ${answer.status}`);
  assert.ok(performance.now() - startedAt < 5000);
  assert.deepEqual(await objectsOf(projectId), []);
  assert.equal(({} as Record<string, unknown>).isAdmin, undefined);
});

test('a declared type that a browser would run is refused, and what is stored is no type at all', async () => {
  const { agent, csrfToken } = await paperlift.signIn('alice@example.com');
  const { projectId } = await addPrivateProject(paperlift, 'alice@example.com');
  const post = (contentType: string) =>
    agent
      .post(`/api/v1/projects/${projectId}/pages`)
      .set('x-csrf-token', csrfToken)
      .attach('files', image, { filename: 'a.jpg', contentType });
  for (const type of [
    'text/html',
    'image/svg+xml',
    'application/xhtml+xml',
    'image/gif',
    'application/pdf',
  ]) {
    assert.equal((await post(type)).status, 415, type);
  }
  assert.deepEqual(await objectsOf(projectId), []);
  assert.equal((await post('image/jpeg')).status, 201);
  const [key] = await objectsOf(projectId);
  const stored = await paperlift.services.clients.s3.send(
    new HeadObjectCommand({ Bucket: 'paperlift', Key: key as string }),
  );
  assert.equal(stored.ContentType, 'application/octet-stream');
});

test('what was uploaded is never served as it came: until it is encoded anew there is no image', async () => {
  const { agent, csrfToken } = await paperlift.signIn('alice@example.com');
  const { projectId } = await addPrivateProject(paperlift, 'alice@example.com');
  const path = `/api/v1/projects/${projectId}/pages`;
  const { body } = await agent.post(path).set('x-csrf-token', csrfToken).attach('files', image, 'a.jpg');
  const page = `${path}/${body.items[0].id}`;
  for (const file of ['image', 'thumbnail', 'original', 'originals']) {
    assert.equal((await agent.get(`${page}/${file}`)).status, 404, file);
  }
  assert.doesNotMatch(
    JSON.stringify((await agent.get(page)).body),
    /projects\/[0-9A-Z]{26}\/pages/,
    'no key is told',
  );
});

test('a bomb of compressed JSON is refused when it is too large, not when it is unpacked', async () => {
  const token = await accessTokenOf(paperlift, 'alice@example.com');
  const bomb = gzipSync(Buffer.from(`{"name":"${'x'.repeat(50_000_000)}"}`));
  assert.ok(bomb.length < 100_000);
  const answer = await fetch(`${paperlift.url}/api/v1/projects`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      'Content-Encoding': 'gzip',
    },
    body: bomb,
  });
  const { code } = (await answer.json()) as { code: string };
  assert.deepEqual([answer.status, code], [413, 'body-too-large']);
});

test('a form that is refused for a second token after its files leaves nothing behind', async () => {
  const { agent, csrfToken } = await paperlift.signIn('alice@example.com');
  const { body } = await agent
    .post('/api/v1/projects')
    .set('x-csrf-token', csrfToken)
    .send({ name: 'Twice' });
  for (const path of [`/api/v1/projects/${body.id}/pages`, `/projects/${body.id}/pages`]) {
    const answer = await agent
      .post(path)
      .field('_csrf', csrfToken)
      .attach('files', image, 'a.jpg')
      .attach('files', image, 'b.jpg')
      .field('_csrf', csrfToken);
    assert.equal(answer.status, 403);
  }
  assert.deepEqual(await objectsOf(body.id), []);
});
