// Uploads over HTTP, good and bad, through the form for people and through the API.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { jpegOf, noise, whitePng } from '../support/odd-images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { buildForm, openForm } from '../support/raw-form.ts';
import { waitFor } from '../support/wait.ts';

const mb = 1024 * 1024;
let paperlift: Paperlift;
let browser: Awaited<ReturnType<Paperlift['signIn']>>;
let projectId: string;
let good: Buffer;

before(async () => {
  paperlift = await startPaperlift({ env: { UPLOAD_SLOTS: '2' } });
  browser = await paperlift.signIn('alice@example.com');
  good = await noise(60, 40).jpeg().toBuffer();
});
after(() => paperlift.stop());

beforeEach(async () => {
  const made = await browser.agent
    .post('/api/v1/projects')
    .set('x-csrf-token', browser.csrfToken)
    .send({ name: 'Uploads' });
  projectId = made.body.id;
});

const toApi = () =>
  browser.agent.post(`/api/v1/projects/${projectId}/pages`).set('x-csrf-token', browser.csrfToken);
const toForm = () => browser.agent.post(`/projects/${projectId}/pages`).field('_csrf', browser.csrfToken);

async function listPages() {
  const { body } = await browser.agent.get(`/api/v1/projects/${projectId}/pages`);
  return body.items as { id: string; fileName: string; revision: number }[];
}

async function listObjects(): Promise<string[]> {
  const { Contents = [] } = await paperlift.services.clients.s3.send(
    new ListObjectsV2Command({ Bucket: 'paperlift', Prefix: `projects/${projectId}/` }),
  );
  return Contents.map(({ Key }) => Key as string);
}

async function countMultipartUploads(): Promise<number> {
  const { Uploads = [] } = await paperlift.services.clients.s3.send(
    new ListMultipartUploadsCommand({ Bucket: 'paperlift' }),
  );
  return Uploads.length;
}

async function assertNothingKept() {
  assert.deepEqual(await listPages(), []);
  await waitFor('nothing to be left in S3', async () =>
    (await listObjects()).length === 0 && (await countMultipartUploads()) === 0 ? true : undefined,
  );
}

const readable = (html: string) =>
  html.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&');

describe('a bad file is refused by name, with what is wrong and what to do', () => {
  const bad: {
    what: string;
    file: () => Buffer | Promise<Buffer>;
    name?: string;
    type?: string;
    status: number;
    code: string;
    says: RegExp;
  }[] = [
    {
      what: 'text named .jpg',
      file: () => Buffer.from('Dear Sir or Madam'),
      status: 415,
      code: 'file-type-unsupported',
      says: /This isn’t an image or PDF, despite its name\. Use JPEG, PNG, WebP, HEIC, AVIF, TIFF or PDF\./,
    },
    {
      what: 'a truncated JPEG',
      file: () => good.subarray(0, good.length - 100),
      status: 400,
      code: 'file-truncated',
      says: /The file is incomplete\. Copy it or take the photo again/,
    },
    {
      what: 'an empty file',
      file: () => Buffer.alloc(0),
      status: 400,
      code: 'file-empty',
      says: /The file is empty\. Use JPEG/,
    },
    {
      what: 'a file of 60 MB',
      file: () => jpegOf(60 * mb),
      status: 413,
      code: 'file-too-large',
      says: /The limit is 50 MB\. Make it smaller/,
    },
    {
      what: 'a PNG of 30 000 × 30 000 pixels in 100 KB',
      file: () => whitePng(30_000, 30_000),
      name: 'bomb.png',
      type: 'image/png',
      status: 413,
      code: 'image-too-large',
      says: /30,000 × 30,000 pixels\. The limit is 10,000 on each side .* Make it smaller/,
    },
    {
      what: 'a GIF named .jpg',
      file: () => noise(20, 20).gif().toBuffer(),
      status: 415,
      code: 'file-type-unsupported',
      says: /This is a GIF image, despite its name\. Use JPEG/,
    },
    {
      what: 'an SVG named .png',
      file: () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
      name: 'a.png',
      type: 'image/png',
      status: 415,
      code: 'file-type-unsupported',
      says: /This is an SVG image, despite its name\. Use JPEG/,
    },
    {
      what: 'a PNG named .jpg',
      file: () => noise(20, 20).png().toBuffer(),
      status: 415,
      code: 'file-type-mismatch',
      says: /The name says this is a JPEG image, but it is a PNG image\. Correct/,
    },
  ];
  for (const { what, file, name = 'scan.jpg', type = 'image/jpeg', status, code, says } of bad) {
    test(what, async () => {
      const body = await file();
      const byApi = await toApi().attach('files', body, { filename: name, contentType: type });
      assert.deepEqual([byApi.status, byApi.body.code], [status, code]);
      assert.match(byApi.type, /problem\+json/);
      assert.ok(byApi.body.detail.startsWith(`${name}: `), byApi.body.detail);
      assert.match(byApi.body.detail, says);
      assert.deepEqual(
        byApi.body.refusals.map((refusal: { fileName: string; code: string }) => [
          refusal.fileName,
          refusal.code,
        ]),
        [[name, code]],
      );

      const byForm = await toForm().attach('files', body, { filename: name, contentType: type });
      assert.equal(byForm.status, 400);
      assert.match(byForm.type, /html/);
      assert.match(readable(byForm.text), says);
      assert.ok(byForm.text.includes(name));
      await assertNothingKept();
    });
  }

  test('of several files the good ones are taken, in their order, and the bad one is named', async () => {
    const { status, body } = await toApi()
      .attach('files', good, 'one.jpg')
      .attach('files', Buffer.from('none'), 'two.jpg')
      .attach('files', await noise(30, 20).webp().toBuffer(), 'three.webp');
    assert.equal(status, 201);
    assert.deepEqual(
      body.items.map((page: { fileName: string; number: number }) => [page.fileName, page.number]),
      [
        ['one.jpg', 1],
        ['three.webp', 2],
      ],
    );
    assert.deepEqual(
      body.refusals.map((refusal: { fileName: string }) => refusal.fileName),
      ['two.jpg'],
    );
    const shown = await toForm()
      .attach('files', good, 'four.jpg')
      .attach('files', Buffer.from('none'), 'five.jpg');
    assert.equal(shown.status, 200);
    assert.match(shown.text, /five\.jpg/);
    assert.deepEqual(
      (await listPages()).map((page) => page.fileName),
      ['one.jpg', 'three.webp', 'four.jpg'],
    );
    assert.equal((await listObjects()).length, 3);
  });
});

describe('a bad form is refused', () => {
  test('without a file', async () => {
    const byApi = await toApi().field('note', 'nothing');
    assert.deepEqual([byApi.status, byApi.body.code], [400, 'no-file']);
    const byForm = await toForm();
    assert.equal(byForm.status, 400);
    assert.match(byForm.text, /No file was selected\. Select one or more photos/);
    const noForm = await toApi().send({ files: [] });
    assert.deepEqual([noForm.status, noForm.body.code], [400, 'no-file']);
    await assertNothingKept();
  });

  test('when the browser sends its empty file field', async () => {
    const byForm = await toForm().attach('files', Buffer.alloc(0), {
      filename: '',
      contentType: 'application/octet-stream',
    });
    assert.equal(byForm.status, 400);
    assert.match(byForm.text, /No file was selected/);
  });

  test('without a boundary', async () => {
    const { status, body } = await toApi().set('Content-Type', 'multipart/form-data').send('--x--');
    assert.deepEqual([status, body.code], [400, 'form-unreadable']);
  });

  test('that ends too early', async () => {
    const { status, body } = await toApi()
      .set('Content-Type', 'multipart/form-data; boundary=x')
      .send(
        Buffer.concat([
          Buffer.from('--x\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'),
          good,
        ]),
      );
    assert.deepEqual([status, body.code], [400, 'form-unreadable']);
    await assertNothingKept();
  });

  test('of 2 000 parts, quickly', async () => {
    const form = buildForm(Array.from({ length: 2000 }, (_, index) => ({ name: `f${index}`, body: 'x' })));
    const startedAt = performance.now();
    const { status, body } = await toApi()
      .set('Content-Type', 'multipart/form-data; boundary=paperlift-test-boundary')
      .send(form);
    assert.equal(status, 400);
    assert.match(body.code, /^form-limit-(field|part)-count$/);
    assert.ok(performance.now() - startedAt < 5000);
  });

  test('with a field a[4294967294], which would make an array of four thousand million', async () => {
    const startedAt = performance.now();
    const { status, body } = await toApi().field('a[4294967294]', 'x').attach('files', good, 'a.jpg');
    assert.deepEqual([status, body.code], [400, 'form-limit-field-nesting']);
    assert.ok(performance.now() - startedAt < 5000);
    await assertNothingKept();
  });

  test('with its files in parts of another name', async () => {
    const { status, body } = await toApi().attach('pictures', good, 'a.jpg');
    assert.deepEqual([status, body.code], [400, 'form-limit-unexpected-file']);
    assert.match(body.detail, /parts named "files"/);
    await assertNothingKept();
  });

  test('with more files than are taken at once: none of them is kept', async () => {
    const form = buildForm(
      Array.from({ length: 101 }, (_, index) => ({
        name: 'files',
        fileName: `${index}.jpg`,
        type: 'image/jpeg',
        body: good,
      })),
    );
    const { status, body } = await toApi()
      .set('Content-Type', 'multipart/form-data; boundary=paperlift-test-boundary')
      .send(form);
    assert.deepEqual([status, body.code], [413, 'form-limit-file-count']);
    await assertNothingKept();
  });

  test('without the CSRF token, or with it after the files: nothing reaches S3', async () => {
    const without = await browser.agent.post(`/projects/${projectId}/pages`).attach('files', good, 'a.jpg');
    const late = await browser.agent
      .post(`/projects/${projectId}/pages`)
      .attach('files', good, 'a.jpg')
      .field('_csrf', browser.csrfToken);
    const another = await browser.agent
      .post(`/api/v1/projects/${projectId}/pages`)
      .set('x-csrf-token', 'x'.repeat(browser.csrfToken.length))
      .attach('files', good, 'a.jpg');
    assert.deepEqual([without.status, late.status, another.status], [403, 403, 403]);
    await assertNothingKept();
  });

  test('into somebody else’s project', async () => {
    const bob = await paperlift.signIn('bob@example.com');
    const { status, body } = await bob.agent
      .post(`/api/v1/projects/${projectId}/pages`)
      .set('x-csrf-token', bob.csrfToken)
      .attach('files', good, 'a.jpg');
    assert.deepEqual([status, body.code], [404, 'project-not-found']);
    await assertNothingKept();
  });
});

describe('file names are only shown', () => {
  const names: [string, string][] = [
    ['../../etc/passwd.jpg', 'passwd.jpg'],
    ['C:\\scans\\receipt.jpg', 'receipt.jpg'],
    ['evil%0D%0ASet-Cookie: a=b.jpg', 'evilSet-Cookie: a=b.jpg'],
    ['say %22hello%22.jpg', 'say "hello".jpg'],
    ['photo\u202Egpj.exe', 'photogpj.exe'],
    ['Quittung März 收据 🧾.jpg', 'Quittung März 收据 🧾.jpg'],
    ['<script>alert(1)</script>.jpg', 'script>.jpg'],
    ['\u200Fa', 'a'],
    [`${'long'.repeat(2500)}.jpg`, 'long'.repeat(50)],
  ];
  for (const [given, shown] of names) {
    test(`${JSON.stringify(given.slice(0, 40))} is shown as ${JSON.stringify(shown.slice(0, 40))}`, async () => {
      const form = buildForm([{ name: 'files', fileName: given, type: 'image/jpeg', body: good }]);
      const { status, body } = await toApi()
        .set('Content-Type', 'multipart/form-data; boundary=paperlift-test-boundary')
        .send(form);
      assert.equal(status, 201, JSON.stringify(body));
      assert.equal(body.items[0].fileName, shown);
      const [key] = await listObjects();
      assert.match(key ?? '', /^projects\/[0-9A-Z]{26}\/pages\/[0-9A-Z]{26}\/originals\/[0-9A-Z]{26}$/);
      const page = await browser.agent.get(`/projects/${projectId}`);
      assert.doesNotMatch(page.text, /<script>alert/);
    });
  }
});

test('a file name with a NUL byte breaks the form, which is refused', async () => {
  const form = buildForm([{ name: 'files', fileName: 'nul\0byte.jpg', type: 'image/jpeg', body: good }]);
  const { status, body } = await toApi()
    .set('Content-Type', 'multipart/form-data; boundary=paperlift-test-boundary')
    .send(form);
  assert.deepEqual([status, body.code], [400, 'form-unreadable']);
  await assertNothingKept();
});

describe('an image is replaced', () => {
  async function replace(pageId: string, file: Buffer) {
    return browser.agent
      .put(`/api/v1/projects/${projectId}/pages/${pageId}/image`)
      .set('x-csrf-token', browser.csrfToken)
      .attach('files', file, 'new.jpg');
  }

  test('by a good one: a new revision', async () => {
    const added = await toApi().attach('files', good, 'old.jpg');
    const [page] = added.body.items;
    const { status, body } = await replace(page.id, await noise(30, 30).jpeg().toBuffer());
    assert.deepEqual(
      [status, body.id, body.revision, body.fileName, body.status],
      [200, page.id, 2, 'new.jpg', 'uploaded'],
    );
  });

  test('not by a bad one: the page and its image stay as they were', async () => {
    const added = await toApi().attach('files', good, 'old.jpg');
    const [page] = added.body.items;
    const objects = await listObjects();
    const { status, body } = await replace(page.id, good.subarray(0, 500));
    assert.deepEqual([status, body.code], [400, 'file-truncated']);
    assert.deepEqual(
      (await listPages()).map(({ fileName, revision }) => [fileName, revision]),
      [['old.jpg', 1]],
    );
    assert.deepEqual(await listObjects(), objects);
  });

  test('not where there is no such page: nothing is read of the file', async () => {
    const { status, body } = await replace('01ARZ3NDEKTSV4RRFFQ69G5FAV', good);
    assert.deepEqual([status, body.code], [404, 'page-not-found']);
    await assertNothingKept();
  });
});

describe('a sender', () => {
  const cookie = () => {
    const jar = browser.agent.jar.getCookies({
      domain: 'localhost',
      path: '/',
      secure: false,
      script: false,
    });
    return jar.toValueString();
  };
  const headers = () => ({ 'X-Csrf-Token': browser.csrfToken });
  const path = () => `/api/v1/projects/${projectId}/pages`;

  test('who goes away at 1, 50 and 99 per cent leaves nothing behind, and no descriptor open', async () => {
    const form = buildForm([
      { name: 'files', fileName: 'a.jpg', type: 'image/jpeg', body: await jpegOf(6 * mb) },
    ]);
    const small = buildForm([
      { name: 'files', fileName: 'a.jpg', type: 'image/jpeg', body: good },
      { name: 'files', fileName: 'b.jpg', type: 'image/jpeg', body: good },
    ]);
    const drop = async (body: Buffer, share: number) => {
      const { socket } = await openForm(paperlift.url, path(), {
        cookie: cookie(),
        length: body.length,
        headers: headers(),
      });
      const part = body.subarray(0, Math.ceil(body.length * share));
      await new Promise((resolve) => socket.write(part, resolve));
      await delay(20);
      socket.destroy();
    };
    await drop(form, 0.5);
    await assertNothingKept();
    const before = readdirSync('/proc/self/fd').length;
    for (const share of [0.01, 0.5, 0.99]) await drop(form, share);
    await Promise.all(
      Array.from({ length: 8 }, (_, at) => drop(small, [0.01, 0.5, 0.9, 0.99][at % 4] as number)),
    );
    await assertNothingKept();
    await waitFor('the descriptors to be as few as before', async () =>
      readdirSync('/proc/self/fd').length <= before + 5 ? true : undefined,
    );
  });

  test('of one byte a second holds up nobody', async () => {
    const form = buildForm([
      { name: 'files', fileName: 'slow.jpg', type: 'image/jpeg', body: await jpegOf(mb) },
    ]);
    const slow = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const { socket } = await openForm(paperlift.url, path(), {
          cookie: cookie(),
          length: form.length,
          headers: headers(),
        });
        socket.write(form.subarray(0, 20_000));
        let at = 20_000;
        const timer = setInterval(() => socket.write(form.subarray(at, ++at)), 1000);
        return () => {
          clearInterval(timer);
          socket.destroy();
        };
      }),
    );
    await delay(100);
    const startedAt = performance.now();
    const { status } = await toApi().attach('files', good, 'quick.jpg');
    assert.equal(status, 201);
    assert.ok(performance.now() - startedAt < 15_000, `took ${performance.now() - startedAt} ms`);
    for (const stop of slow) stop();
    assert.deepEqual(
      (await listPages()).map((page) => page.fileName),
      ['quick.jpg'],
    );
    await waitFor('only the quick one to be in S3', async () =>
      (await listObjects()).length === 1 && (await countMultipartUploads()) === 0 ? true : undefined,
    );
  });
});

test('while 60 MB files come in, the server answers as before', async () => {
  const body = await jpegOf(60 * mb);
  const uploads = [1, 2].map(() =>
    toApi().attach('files', body, { filename: 'large.jpg', contentType: 'image/jpeg' }),
  );
  let over = false;
  const all = Promise.all(uploads).finally(() => {
    over = true;
  });
  const times: number[] = [];
  while (!over) {
    const startedAt = performance.now();
    assert.equal((await fetch(`${paperlift.url}/health/live`)).status, 200);
    times.push(performance.now() - startedAt);
    await delay(10);
  }
  for (const { status, body } of await all) assert.deepEqual([status, body.code], [413, 'file-too-large']);
  times.sort((one, other) => one - other);
  assert.ok(
    (times[Math.floor(times.length / 2)] as number) < 2000,
    `median ${times[Math.floor(times.length / 2)]} ms`,
  );
  await assertNothingKept();
});
