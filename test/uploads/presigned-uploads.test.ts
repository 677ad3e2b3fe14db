// Uploads that go straight to S3 by a presigned address: good ones, and what an attacker or a broken client makes of them.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { noise, whitePng } from '../support/odd-images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';

let paperlift: Paperlift;
let alice: Awaited<ReturnType<Paperlift['signIn']>>;
let bob: Awaited<ReturnType<Paperlift['signIn']>>;
let now = new Date();
let projectId: string;
let image: Buffer;

before(async () => {
  now = new Date(); // sign-ins are checked against the provider’s clock
  paperlift = await startPaperlift({ now: () => now, env: { UPLOAD_MAX_FILE_BYTES: '1000000' } });
  [alice, bob] = [await paperlift.signIn('alice@example.com'), await paperlift.signIn('bob@example.com')];
  image = await noise(60, 40).jpeg().toBuffer();
});
after(() => paperlift.stop());

beforeEach(async () => {
  now = new Date();
  projectId = (await post(alice, '/api/v1/projects', { name: 'Straight to S3' })).body.id;
});

const post = (person: typeof alice, path: string, body: object = {}) =>
  person.agent.post(path).set('x-csrf-token', person.csrfToken).send(body);

const begin = (body: object = {}, person = alice) =>
  post(person, `/api/v1/projects/${projectId}/uploads`, {
    fileName: 'scan.jpg',
    contentType: 'image/jpeg',
    size: image.length,
    ...body,
  });

const complete = (id: string, person = alice) =>
  post(person, `/api/v1/projects/${projectId}/uploads/${id}/complete`);

interface Begun {
  body: { id: string; url: string; headers: Record<string, string> };
}

const put = ({ body }: Begun, bytes: Buffer) =>
  fetch(body.url, { method: 'PUT', headers: body.headers, body: new Uint8Array(bytes) });

async function send(begun: Begun, bytes = image) {
  const answer = await put(begun, bytes);
  assert.equal(answer.status, 200, await answer.text());
}

/** For an S3 that checks less than it should: puts it where the browser would. */
const sendUnchecked = ({ body }: Begun, bytes: Buffer, contentType = 'image/jpeg') =>
  paperlift.services.blobs.put(`uploads/${projectId}/${body.id}`, bytes, contentType);

const listPages = async () =>
  (await alice.agent.get(`/api/v1/projects/${projectId}/pages`)).body.items as Record<string, unknown>[];

async function listObjects(prefix: string): Promise<string[]> {
  const { Contents = [] } = await paperlift.services.clients.s3.send(
    new ListObjectsV2Command({ Bucket: 'paperlift', Prefix: `${prefix}${projectId}/` }),
  );
  return Contents.map(({ Key }) => Key as string);
}

async function assertNothingKept() {
  assert.deepEqual(await listPages(), []);
  assert.deepEqual([...(await listObjects('uploads/')), ...(await listObjects('projects/'))], []);
}

test('a file that was sent straight to S3 becomes a page when the upload is completed', async () => {
  const begun = await begin({ fileName: '../Beleg Nº 1.jpg' });
  assert.equal(begun.status, 201);
  await send(begun);
  const done = await complete(begun.body.id);
  assert.equal(done.status, 201);
  const [page] = done.body.items;
  assert.deepEqual(
    { number: page.number, fileName: page.fileName, status: page.status },
    { number: 1, fileName: 'Beleg Nº 1.jpg', status: 'uploaded' },
  );
  const kept = await paperlift.services.stores.pages.find(projectId, page.id);
  assert.deepEqual(await paperlift.services.blobs.read(kept?.originalKey as string), image);
  assert.deepEqual(await listObjects('uploads/'), [], 'the staged copy is gone');
});

test('uploads completed in any order keep the order in which they were begun', async () => {
  const begun = [];
  for (const name of ['first.jpg', 'second.jpg', 'third.jpg']) {
    begun.push(await begin({ fileName: name }));
    now = new Date(now.getTime() + 5);
  }
  for (const one of begun.toReversed()) {
    await send(one);
    assert.equal((await complete(one.body.id)).status, 201);
  }
  assert.deepEqual(
    (await listPages()).map((page) => page.fileName),
    ['first.jpg', 'second.jpg', 'third.jpg'],
  );
});

test('a page gets another image by an upload that names it', async () => {
  const first = await begin();
  await send(first);
  const [page] = (await complete(first.body.id)).body.items;
  const other = await noise(50, 50).jpeg().toBuffer();
  const second = await begin({ pageId: page.id, size: other.length, fileName: 'better.jpg' });
  await send(second, other);
  const [replaced] = (await complete(second.body.id)).body.items;
  assert.deepEqual(
    { id: replaced.id, revision: replaced.revision, fileName: replaced.fileName },
    { id: page.id, revision: 2, fileName: 'better.jpg' },
  );
  assert.equal((await listPages()).length, 1);
  assert.equal((await begin({ pageId: '01ARZ3NDEKTSV4RRFFQ69G5FAV' })).status, 404);
});

describe('the address', () => {
  test('is for one object, one type, one length, and five minutes at most', async () => {
    const { body } = await begin();
    const url = new URL(body.url);
    assert.equal(url.pathname, `/paperlift/uploads/${projectId}/${body.id}`);
    assert.deepEqual((url.searchParams.get('X-Amz-SignedHeaders') as string).split(';').sort(), [
      'content-length',
      'content-type',
      'host',
    ]);
    assert.ok(Number(url.searchParams.get('X-Amz-Expires')) <= 300);
    assert.ok(Date.parse(body.expiresAt) - now.getTime() <= 300_000);
    assert.deepEqual(body.headers, { 'content-type': 'image/jpeg' });
  });

  test('takes nothing of another type or length, nothing for another object, and nothing later', async () => {
    const refusedFor = async (begun: Begun, bytes = image) => {
      const answer = await put(begun, bytes);
      assert.equal(answer.status, 403);
      return answer.text();
    };
    const begun = await begin();
    const { body } = begun;
    const isNoMatch = /SignatureDoesNotMatch/;
    assert.match(
      await refusedFor({ body: { ...body, headers: { 'content-type': 'text/html' } } }),
      isNoMatch,
    );
    assert.match(await refusedFor(begun, image.subarray(1)), isNoMatch);
    const elsewhere = body.url.replace(`uploads/${projectId}/${body.id}`, `projects/${projectId}/x`);
    assert.match(await refusedFor({ body: { ...body, url: elsewhere } }), isNoMatch);
    const longer = body.url.replace('X-Amz-Expires=300', 'X-Amz-Expires=3000');
    assert.match(await refusedFor({ body: { ...body, url: longer } }), isNoMatch);
    const old = body.url.replace(/X-Amz-Date=\d{8}T/, 'X-Amz-Date=20200101T');
    assert.match(await refusedFor({ body: { ...body, url: old } }), /AccessDenied/);
    assert.deepEqual(await listObjects('uploads/'), []);
  });

  test('can be used by the page’s script, from Paperlift’s own origin only', async () => {
    const { body } = await begin();
    const ask = (origin: string) =>
      fetch(body.url, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'PUT',
          'access-control-request-headers': 'content-type',
        },
      });
    const allowed = await ask(paperlift.url);
    assert.equal(allowed.status, 200);
    assert.equal(allowed.headers.get('access-control-allow-origin'), paperlift.url);
    assert.equal((await ask('https://evil.example')).headers.get('access-control-allow-origin'), null);
  });

  test('does not reach the original: what is sent there after completion changes no page', async () => {
    const begun = await begin();
    await send(begun);
    const [page] = (await complete(begun.body.id)).body.items;
    await sendUnchecked(begun, await noise(61, 41).jpeg().toBuffer());
    const kept = await paperlift.services.stores.pages.find(projectId, page.id);
    assert.deepEqual(await paperlift.services.blobs.read(kept?.originalKey as string), image);
  });
});

describe('before a byte is sent', () => {
  for (const [what, body, status, code] of [
    ['a type that is not taken', { contentType: 'image/svg+xml' }, 415, 'file-type-unsupported'],
    ['a file that is too large', { size: 1_000_001 }, 413, 'file-too-large'],
    ['no length', { size: 0 }, 400, 'input-invalid'],
    ['a length that is none', { size: '12' }, 400, 'input-invalid'],
    ['a key of the sender’s own', { key: 'projects/x' }, 400, 'input-invalid'],
  ] as const) {
    test(`${what} is refused`, async () => {
      const answer = await begin(body);
      assert.deepEqual([answer.status, answer.body.code], [status, code]);
    });
  }

  test('who may not add to the project, or sends no token, gets no address', async () => {
    assert.equal((await begin({}, bob)).status, 404);
    assert.equal((await begin({}, await paperlift.signIn('erin@example.com'))).status, 403);
    const forged = await alice.agent
      .post(`/api/v1/projects/${projectId}/uploads`)
      .send({ fileName: 'a.jpg', contentType: 'image/jpeg', size: 10 });
    assert.deepEqual([forged.status, forged.body.code], [403, 'csrf-token-missing']);
  });
});

describe('completing', () => {
  test('before anything was sent is refused, and works afterwards', async () => {
    const begun = await begin();
    const early = await complete(begun.body.id);
    assert.deepEqual([early.status, early.body.code], [409, 'upload-missing']);
    await send(begun);
    assert.equal((await complete(begun.body.id)).status, 201);
  });

  test('twice, one after the other or at once, gives one page', async () => {
    const begun = await begin();
    await send(begun);
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => complete(begun.body.id)));
    for (const { status, body } of answers) {
      assert.ok(status === 201 || body.code === 'upload-being-completed', `${status} ${body.code}`);
    }
    const again = await complete(begun.body.id);
    assert.equal(again.status, 201);
    assert.deepEqual(
      (await listPages()).map((page) => page.id),
      [again.body.items[0].id],
    );
  });

  test('another person’s upload, or one of another project, is the same as none', async () => {
    const begun = await begin();
    await send(begun);
    assert.equal((await complete(begun.body.id, bob)).status, 404);
    const carol = await complete(begun.body.id, await paperlift.signIn('carol@example.com'));
    assert.deepEqual([carol.status, carol.body.code], [404, 'upload-not-found']);
    const other = (await post(alice, '/api/v1/projects', { name: 'Other' })).body.id;
    const elsewhere = await post(alice, `/api/v1/projects/${other}/uploads/${begun.body.id}/complete`);
    assert.deepEqual([elsewhere.status, elsewhere.body.code], [404, 'upload-not-found']);
    assert.deepEqual(await listPages(), []);
  });

  for (const [what, bytes, announced, code] of [
    [
      'HTML that was announced as an image',
      async () => Buffer.from('<script>alert(1)</script>'),
      {},
      'file-type-unsupported',
    ],
    ['a PNG that was announced as a JPEG', () => noise(30, 30).png().toBuffer(), {}, 'file-type-mismatch'],
    ['half an image', async () => image.subarray(0, image.length / 2), {}, 'file-truncated'],
    [
      'an image of too many pixels',
      async () => whitePng(20_000, 10),
      { contentType: 'image/png' },
      'image-too-large',
    ],
    ['more bytes than were announced', async () => image, { size: 100 }, 'file-not-as-announced'],
  ] as const) {
    test(`${what} is refused by name, and nothing of it is kept`, async () => {
      const body = await bytes();
      const begun = await begin({ size: body.length, ...announced });
      await sendUnchecked(begun, body, begun.body.headers['content-type']);
      const answer = await complete(begun.body.id);
      assert.ok(answer.status >= 400 && answer.status < 500, String(answer.status));
      assert.equal(answer.body.code, code);
      assert.equal(answer.body.refusals[0].fileName, 'scan.jpg');
      await assertNothingKept();
      assert.equal((await complete(begun.body.id)).status, 404, 'the leave to upload is gone too');
    });
  }

  test('another type than the announced one is refused, whatever the bytes are', async () => {
    const begun = await begin();
    await sendUnchecked(begun, image, 'text/html');
    assert.equal((await complete(begun.body.id)).body.code, 'file-not-as-announced');
    await assertNothingKept();
  });
});

test('what was never completed is thrown away after an hour', async () => {
  const begun = await begin();
  await send(begun);
  now = new Date(now.getTime() + 61 * 60_000);
  const due = await paperlift.services.dueItems.list('UPLOAD');
  const mine = due.filter((item) => item.projectId === projectId);
  assert.equal(mine.length, 1);
  for (const item of mine) await paperlift.services.presignedUploads.expire(item as never);
  assert.deepEqual(await listObjects('uploads/'), []);
  assert.deepEqual(await paperlift.services.stores.pages.list(projectId), []);
});

test('deleting the project deletes what was sent for it and not yet completed', async () => {
  const begun = await begin();
  await send(begun);
  const gone = await alice.agent.delete(`/api/v1/projects/${projectId}`).set('x-csrf-token', alice.csrfToken);
  assert.equal(gone.status, 204);
  assert.deepEqual(await listObjects('uploads/'), []);
  assert.equal((await complete(begun.body.id)).status, 404);
});
