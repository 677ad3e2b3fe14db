// Files of many pages over HTTP: what becomes of them, what is refused, and how people follow, cancel and try again.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { brokenPdf, buildEncryptedPdf, buildPdf, buildTiff, photo } from '../support/documents.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { waitFor } from '../support/wait.ts';

interface Page {
  id: string;
  fileName: string;
  status: string;
  failure?: { code: string; message: string };
  source?: { importId: string; page: number; hadText: boolean };
}
interface Import {
  id: string;
  fileName: string;
  status: string;
  pageCount?: number;
  pagesDone: number;
  pagesWithText: number;
  failure?: { code: string; message: string };
}

let paperlift: Paperlift;
let browser: Awaited<ReturnType<Paperlift['signIn']>>;
let projectId: string;
let scan: Buffer;

before(async () => {
  paperlift = await startPaperlift({
    worker: true,
    textract: ['Page of a file'],
    env: { IMPORT_MAX_PAGES: '50' },
  });
  browser = await paperlift.signIn('alice@example.com');
  scan = await sharp({ create: { width: 90, height: 120, channels: 3, background: '#fff' } })
    .jpeg()
    .toBuffer();
});
after(() => paperlift.stop());

beforeEach(async () => {
  projectId = (await call('post', '/projects').send({ name: 'Files' })).body.id;
});

const call = (method: 'get' | 'post' | 'put' | 'delete', path: string) =>
  browser.agent[method](`/api/v1${path}`).set('x-csrf-token', browser.csrfToken);
const upload = (...files: [Buffer, string][]) =>
  files.reduce(
    (request, [file, name]) => request.attach('files', file, name),
    call('post', `/projects/${projectId}/pages`),
  );
const photograph = () =>
  sharp({ create: { width: 40, height: 30, channels: 3, background: '#ddd' } })
    .jpeg()
    .toBuffer();
const scans = (count: number) => buildPdf(Array.from({ length: count }, () => ({ image: scan })));

async function listPages(): Promise<Page[]> {
  return (await call('get', `/projects/${projectId}/pages`)).body.items;
}
async function listImports(): Promise<Import[]> {
  return (await call('get', `/projects/${projectId}/imports`)).body.items;
}
async function listObjects(prefix = `projects/${projectId}/`): Promise<string[]> {
  const { Contents = [] } = await paperlift.services.clients.s3.send(
    new ListObjectsV2Command({ Bucket: 'paperlift', Prefix: prefix }),
  );
  return Contents.map(({ Key }) => Key as string);
}

const settleImports = () =>
  waitFor('the imports to be over', async () => {
    const imports = await listImports();
    return imports.every(({ status }) => ['done', 'failed'].includes(status)) ? imports : undefined;
  });
const settlePages = () =>
  waitFor('the pages to be over', async () => {
    const pages = await listPages();
    return pages.every(({ status }) => ['ready', 'failed'].includes(status)) ? pages : undefined;
  });

async function failureOf(file: Buffer, name: string): Promise<string> {
  const answer = await upload([file, name]);
  assert.equal(answer.status, 201, answer.text);
  const [item] = await settleImports();
  assert.equal(item?.status, 'failed');
  assert.match(item?.failure?.message ?? '', /^\w.+\. .+\.$/, 'what is the matter, and what to do');
  assert.deepEqual(await listPages(), []);
  return item?.failure?.code ?? '';
}

describe('files of many pages', () => {
  test('become pages in their place among the others, in their order, and are told until then', async () => {
    const answer = await upload(
      [await photograph(), 'first.jpg'],
      [await scans(3), 'contract.pdf'],
      [await buildTiff(['#fff', '#eee']), 'fax.tiff'],
      [await photograph(), 'last.jpg'],
    );
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual(
      answer.body.items.map((page: Page) => page.fileName),
      ['first.jpg', 'last.jpg'],
    );
    assert.deepEqual(
      answer.body.imports.map((item: Import) => [item.fileName, item.status, item.pagesDone]),
      [
        ['contract.pdf', 'queued', 0],
        ['fax.tiff', 'queued', 0],
      ],
    );
    const imports = await settleImports();
    assert.deepEqual(
      imports.map(({ status, pageCount, pagesDone }) => [status, pageCount, pagesDone]),
      [
        ['done', 3, 3],
        ['done', 2, 2],
      ],
    );
    const pages = await settlePages();
    assert.deepEqual(
      pages.map(({ fileName, source, status }) => [fileName, source?.page, status]),
      [
        ['first.jpg', undefined, 'ready'],
        ['contract.pdf', 1, 'ready'],
        ['contract.pdf', 2, 'ready'],
        ['contract.pdf', 3, 'ready'],
        ['fax.tiff', 1, 'ready'],
        ['fax.tiff', 2, 'ready'],
        ['last.jpg', undefined, 'ready'],
      ],
    );
  });

  test('with text of their own are read as images, and say so', async () => {
    await upload([await buildPdf([{ image: scan }, { text: 'Hello' }]), 'mixed.pdf']);
    const [item] = await settleImports();
    assert.equal(item?.pagesWithText, 1);
    const pages = await listPages();
    assert.deepEqual(
      pages.map(({ source }) => source?.hadText),
      [false, true],
    );
  });

  test('can be uploaded straight to S3', async () => {
    const file = await scans(2);
    const announced = { fileName: 'direct.pdf', contentType: 'application/pdf', size: file.length };
    const begun = await call('post', `/projects/${projectId}/uploads`).send(announced);
    assert.equal(begun.status, 201, begun.text);
    const { id, url, method, headers } = begun.body;
    await fetch(url, { method, headers, body: new Uint8Array(file) });
    const complete = () => call('post', `/projects/${projectId}/uploads/${id}/complete`);
    const answer = await complete();
    assert.equal(answer.status, 201, answer.text);
    const again = await complete();
    assert.equal(again.body.imports[0].id, answer.body.imports[0].id, 'completed again: the same import');
    await settleImports();
    assert.equal((await listPages()).length, 2);
    assert.equal((await listImports()).length, 1);
  });
});

describe('a file that cannot be split is told why', () => {
  test('because it wants a password', async () =>
    assert.equal(await failureOf(await buildEncryptedPdf(), 'secret.pdf'), 'file-encrypted'));
  test('because it is damaged', async () =>
    assert.equal(await failureOf(brokenPdf, 'broken.pdf'), 'file-damaged'));
  test('because it has too many pages', async () =>
    assert.equal(
      await failureOf(await buildPdf(Array.from({ length: 10_001 }, () => ({}))), 'thick.pdf'),
      'too-many-pages',
    ));

  test('and one page that is damaged fails by itself, the others do not', async () => {
    const pdf = (await scans(3)).toString('latin1');
    const damaged = Buffer.from(pdf.replace('10 0 R]', '99 0 R]'), 'latin1'); // a page that is nowhere in the file
    await upload([damaged, 'torn.pdf']);
    const [item] = await settleImports();
    assert.equal(item?.status, 'done', JSON.stringify(item));
    const pages = await settlePages();
    assert.deepEqual(
      pages.map(({ status }) => status),
      ['ready', 'ready', 'failed'],
    );
    assert.equal(pages[2]?.failure?.code, 'page-unreadable');
    const failed = await paperlift.services.stores.pages.find(projectId, pages[2]?.id ?? '');
    assert.ok(failed && !('dueKey' in failed), 'no worker is to come to it');
    const retried = await call('post', `/projects/${projectId}/pages/${pages[2]?.id}/retry`);
    assert.equal(retried.status, 202);
    assert.deepEqual(
      (await settlePages()).map(({ failure }) => failure?.code),
      [undefined, undefined, 'page-unreadable'],
      'tried again, it fails for the same reason',
    );
  });
});

describe('what is refused at once', () => {
  for (const [what, file, name, type, code] of [
    ['a PDF named .jpg', () => scans(1), 'scan.jpg', 'image/jpeg', 'file-type-mismatch'],
    ['a JPEG named .pdf', () => photograph(), 'scan.pdf', 'application/pdf', 'file-type-mismatch'],
    ['a TIFF named .heic', () => buildTiff(['#fff', '#fff']), 'a.heic', 'image/heic', 'file-type-mismatch'],
    [
      'half a PDF',
      async () => (await scans(2)).subarray(0, 900),
      'half.pdf',
      'application/pdf',
      'file-truncated',
    ],
    ['half a HEIC', () => photo.subarray(0, 1700), 'half.heic', 'image/heic', 'file-truncated'],
    ['a HEIC cut in its header', () => photo.subarray(0, 300), 'head.heic', 'image/heic', 'file-truncated'],
    [
      'a page description that is no PDF from its first byte on',
      async () => Buffer.concat([Buffer.from('<script>alert(1)</script>'), await scans(1)]),
      'polyglot.pdf',
      'application/pdf',
      'file-type-unsupported',
    ],
  ] as const) {
    test(what, async () => {
      const answer = await call('post', `/projects/${projectId}/pages`).attach('files', await file(), {
        filename: name,
        contentType: type,
      });
      assert.equal(answer.body.code, code, answer.text);
      assert.deepEqual([await listPages(), await listImports()], [[], []]);
      assert.deepEqual(await listObjects(), []);
    });
  }

  test('a HEIC that promises too many pixels', async () => {
    const bomb = Buffer.from(photo);
    bomb.writeUInt32BE(9_000, bomb.indexOf('ispe') + 8);
    bomb.writeUInt32BE(9_000, bomb.indexOf('ispe') + 12);
    const answer = await upload([bomb, 'bomb.heic']);
    assert.equal(answer.body.code, 'image-too-large', answer.text);
  });

  test('a PDF in the place of a page’s image', async () => {
    const [page] = (await upload([await photograph(), 'a.jpg'])).body.items;
    const answer = await call('put', `/projects/${projectId}/pages/${page.id}/image`).attach(
      'files',
      await scans(1),
      'b.pdf',
    );
    assert.equal(answer.body.code, 'file-no-image', answer.text);
  });
});

test('a photograph from a telephone (HEIC) is a page, upright, without where it was taken; a PDF with a ZIP behind it is a PDF', async () => {
  const zip = Buffer.concat([await scans(1), Buffer.from('PK\x03\x04 not shown to anybody')]);
  const answer = await upload([photo, 'IMG_0042.HEIC'], [zip, 'polyglot.pdf']);
  assert.equal(answer.body.items.length, 1, answer.text);
  await settleImports();
  const [page, second] = await settlePages();
  assert.deepEqual([page?.status, second?.status], ['ready', 'ready']);
  const image = await call('get', `/projects/${projectId}/pages/${page?.id}/image`).buffer(true);
  const { width, height, exif } = await sharp(image.body).metadata();
  assert.deepEqual([width, height, exif], [240, 320, undefined]);
});

describe('people', () => {
  /** A file that is not split yet, because nobody was told of it. */
  async function addWaiting(count: number): Promise<Import> {
    const { uploads, queues } = paperlift.services;
    const send = queues.pages.send;
    queues.pages.send = async () => {};
    try {
      return (await upload([await scans(count), 'waiting.pdf'])).body.imports[0];
    } finally {
      queues.pages.send = send;
      assert.ok(uploads);
    }
  }

  test('see a file under way and cancel it without script: nothing of it is left', async () => {
    const item = await addWaiting(3);
    const page = await browser.agent.get(`/projects/${projectId}`);
    assert.match(page.text, /waiting\.pdf/);
    assert.match(page.text, new RegExp(`action="/projects/${projectId}/imports/${item.id}/remove"`));
    assert.match(page.text, /hx-get=/, 'it is followed');
    const exported = await call('post', `/projects/${projectId}/exports`).send({ format: 'txt' });
    assert.equal(exported.body.code, 'import-under-way', 'an export would lack its pages');
    const removed = await browser.agent
      .post(`/projects/${projectId}/imports/${item.id}/remove`)
      .type('form')
      .send({ _csrf: browser.csrfToken });
    assert.equal(removed.status, 303);
    assert.deepEqual([await listImports(), await listPages(), await listObjects()], [[], [], []]);
    await paperlift.services.uploads.announceImport({ projectId, id: item.id } as never);
  });

  test('read why a file failed, try it again, and remove it', async () => {
    const [item] = (await upload([brokenPdf, 'broken.pdf'])).body.imports;
    await settleImports();
    const page = await browser.agent.get(`/projects/${projectId}`);
    assert.match(page.text, /broken\.pdf[\s\S]*damaged and cannot be opened/);
    const post = (what: string) =>
      browser.agent
        .post(`/projects/${projectId}/imports/${item.id}/${what}`)
        .type('form')
        .send({ _csrf: browser.csrfToken });
    assert.equal((await post('retry')).status, 303);
    await settleImports();
    assert.equal((await post('remove')).status, 303);
    assert.equal((await post('remove')).status, 303, 'twice is no mistake');
    assert.deepEqual([await listImports(), await listObjects()], [[], []]);
  });

  test('cannot take away a file that is split; it goes with the last of its pages when that is erased', async () => {
    const [item] = (await upload([await scans(2), 'done.pdf'])).body.imports;
    await settleImports();
    const refused = await call('delete', `/projects/${projectId}/imports/${item.id}`);
    assert.equal(refused.body.code, 'import-done');
    assert.equal((await call('post', `/projects/${projectId}/imports/${item.id}/retry`)).status, 409);
    const [one, other] = await settlePages();
    const { arrangement, stores } = paperlift.services;
    for (const page of [one, other]) {
      assert.equal((await listImports()).length, 1);
      await call('delete', `/projects/${projectId}/pages/${page?.id}`);
      const deleted = await stores.pages.listDeleted(projectId);
      for (const each of deleted) await arrangement.erase(each); // the sweeper, an hour later
    }
    assert.deepEqual([await listImports(), await listObjects()], [[], []]);
  });
});

test('the form offers to choose what is taken', async () => {
  const page = await browser.agent.get(`/projects/${projectId}`);
  const [, accepted = ''] = /<input type="file" id="files"[^>]* accept="([^"]*)"/.exec(page.text) ?? [];
  const { fileTypes } = await import('../../src/pages/file-types.ts');
  for (const type of fileTypes) assert.ok(accepted.split(',').includes(type), type);
});
