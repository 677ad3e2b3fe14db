import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { textJpeg } from '../support/images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';

let paperlift: Paperlift;
before(async () => {
  paperlift = await startPaperlift();
});
after(() => paperlift.stop());

async function asPerson(email: string) {
  const { agent, csrfToken } = await paperlift.signIn(email);
  const call = (method: 'get' | 'post' | 'patch' | 'delete', path: string) =>
    agent[method](`/api/v1${path}`).set('x-csrf-token', csrfToken);
  const create = async (name: string) => (await call('post', '/projects').send({ name })).body.id as string;
  return { agent, csrfToken, call, create };
}

test('a project is made, read, renamed, listed and deleted by its owner', async () => {
  const { call } = await asPerson('alice@example.com');
  const made = await call('post', '/projects').send({ name: 'May expenses' });
  assert.equal(made.status, 201);
  assert.equal(made.headers.location, `/api/v1/projects/${made.body.id}`);
  assert.equal(made.body.owner.name, 'Alice Archer');
  assert.equal(made.body.pageCount, 0);
  assert.deepEqual((await call('get', `/projects/${made.body.id}`)).body, made.body);
  const renamed = await call('patch', `/projects/${made.body.id}`).send({ name: 'June expenses' });
  assert.equal(renamed.body.name, 'June expenses');
  const { items } = (await call('get', '/projects')).body;
  assert.deepEqual(items, [renamed.body]);
  assert.equal((await call('delete', `/projects/${made.body.id}`)).status, 204);
  assert.equal((await call('get', `/projects/${made.body.id}`)).status, 404);
  assert.equal((await call('delete', `/projects/${made.body.id}`)).status, 404);
  assert.deepEqual((await call('get', '/projects')).body, { items: [] });
});

test('names hold anything that Unicode has, and come back as they were', async () => {
  const { call } = await asPerson('bob@example.com');
  for (const name of [
    '<script>alert(1)</script>',
    '会社の領収書',
    'إيصالات',
    '👩‍👩‍👧 receipts',
    'O\'Neil & "Sons" %2F ../',
    '🧾'.repeat(200),
  ]) {
    const made = await call('post', '/projects').send({ name });
    assert.equal(made.status, 201, name);
    assert.equal((await call('get', `/projects/${made.body.id}`)).body.name, name);
  }
});

test('a name that is missing, empty, too long or no text gets a specific message and makes nothing', async () => {
  const { call, agent, csrfToken } = await asPerson('erin@example.com');
  const carol = await asPerson('carol@example.com');
  assert.equal((await call('post', '/projects').send({ name: 'x' })).body.code, 'may-not-create');
  for (const [body, message] of [
    [{}, /Enter a project name/],
    [{ name: '   ' }, /Enter a project name/],
    [{ name: 'x'.repeat(10_000) }, /Use 200 characters or fewer/],
    [{ name: 'a\nb' }, /control character/],
    [{ name: ['a'] }, /Enter a project name/],
    [{ name: 'x', owner: 'bob', status: 'ready' }, /nrecognized/],
  ] as const) {
    const answer = await carol.call('post', '/projects').send(body);
    assert.equal(answer.status, 400, JSON.stringify(body).slice(0, 60));
    assert.match(answer.body.detail, message);
  }
  assert.deepEqual((await carol.call('get', '/projects')).body.items, []);
  assert.equal(
    (await agent.post('/projects').type('form').send({ _csrf: csrfToken, name: 'x' })).status,
    403,
  );
});

test('for anybody else a project is as if it never was; admins change it, auditors only read it', async () => {
  const alice = await asPerson('alice@example.com');
  const id = await alice.create('Private');
  const bob = await asPerson('bob@example.com');
  const never = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
  const strip = ({ requestId, ...body }: { requestId: string }) => body;
  for (const suffix of ['', '/pages', '/exports', `/pages/${never}`, `/exports/${never}/file`]) {
    const [hers, nobodys] = [
      await bob.call('get', `/projects/${id}${suffix}`),
      await bob.call('get', `/projects/${never}${suffix}`),
    ];
    assert.equal(hers.status, 404, suffix);
    assert.deepEqual(strip(hers.body), strip(nobodys.body), suffix);
  }
  assert.equal((await bob.call('patch', `/projects/${id}`).send({ name: 'Mine now' })).status, 404);
  assert.equal((await bob.call('delete', `/projects/${id}`)).status, 404);
  assert.equal((await bob.call('get', '/projects?scope=all')).body.code, 'may-not-list-all');

  const erin = await asPerson('erin@example.com');
  assert.equal((await erin.call('get', `/projects/${id}`)).status, 200);
  assert.ok(
    (await erin.call('get', '/projects?scope=all')).body.items.some((item: { id: string }) => item.id === id),
  );
  for (const answer of [
    await erin.call('patch', `/projects/${id}`).send({ name: 'No' }),
    await erin.call('delete', `/projects/${id}`),
    await erin.call('post', `/projects/${id}/pages`).attach('files', await textJpeg(['x']), 'a.jpg'),
  ]) {
    assert.equal(answer.status, 403);
    assert.equal(answer.body.code, 'read-only');
  }
  const carol = await asPerson('carol@example.com');
  assert.equal(
    (await carol.call('patch', `/projects/${id}`).send({ name: 'By an admin' })).body.name,
    'By an admin',
  );
});

test('the list comes in pages, newest first, and the cursor leads to the next', async () => {
  const { call, create } = await asPerson('carol@example.com');
  const made: string[] = [];
  for (let number = 0; number < 23; number += 1) made.unshift(await create(`Project ${number}`));
  const first = (await call('get', '/projects')).body;
  assert.equal(first.items.length, 20);
  const second = (await call('get', `/projects?cursor=${first.cursor}`)).body;
  assert.deepEqual(
    [...first.items, ...second.items].map((item) => item.id),
    made,
  );
  assert.equal(second.cursor, undefined);
});

test('deleting a project deletes its pages and objects, and a neighbour whose id and name begin alike keeps its own', async () => {
  const { call, create } = await asPerson('alice@example.com');
  const [doomed, neighbour] = [await create('Alike'), await create('Alike 2')];
  for (const id of [doomed, neighbour]) {
    const uploaded = await call('post', `/projects/${id}/pages`).attach(
      'files',
      await textJpeg(['Hello']),
      'a.jpg',
    );
    assert.equal(uploaded.status, 201);
  }
  const objectsOf = async (id: string) => {
    const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
    const { s3 } = paperlift.services.clients;
    const listed = await s3.send(new ListObjectsV2Command({ Bucket: 'paperlift', Prefix: `projects/${id}` }));
    return listed.KeyCount;
  };
  // a key that begins like the doomed project's prefix but for the slash
  await paperlift.services.blobs.put(`projects/${doomed}X/keep`, 'x', 'text/plain');
  assert.equal((await call('delete', `/projects/${doomed}`)).status, 204);
  assert.equal(await objectsOf(`${doomed}/`), 0);
  assert.equal(await objectsOf(`${doomed}X`), 1);
  assert.equal(await objectsOf(`${neighbour}/`), 1);
  assert.equal((await call('get', `/projects/${neighbour}/pages`)).body.items.length, 1);
  assert.deepEqual(await paperlift.services.stores.pages.list(doomed), []);
});
