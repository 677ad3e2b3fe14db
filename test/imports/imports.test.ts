// Files of many pages over HTTP: what becomes of them, what is refused, and how people follow, cancel and try again.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { brokenPdf, buildEncryptedPdf, buildPdf, buildTiff, photo } from '../support/documents.ts';
import { box } from '../support/heif-boxes.ts';
import { arithmeticJpeg, withOrientation } from '../support/odd-images.ts';
import { buildOldTiff } from '../support/old-tiff.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { waitFor } from '../support/wait.ts';

interface Page {
  id: string;
  fileName: string;
  status: string;
  failure?: { code: string; message: string; retryable: boolean };
  source?: { importId: string; page: number; hadText: boolean };
}
interface Import {
  id: string;
  fileName: string;
  status: string;
  pageCount?: number;
  pagesDone: number;
  pagesWithText: number;
  failure?: { code: string; message: string; retryable: boolean };
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

/** As if the import had failed for another reason. */
async function setFailure(importId: string, code: string) {
  const { imports } = paperlift.services.stores;
  const item = await imports.find(projectId, importId);
  assert.ok(item);
  await imports.remove(projectId, importId);
  await imports.create({ ...item, failure: { code, message: 'It failed.' } });
}

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

  test('with text of their own say so', async () => {
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
    assert.deepEqual([retried.status, retried.body.code], [409, 'retry-cannot-help']);
    assert.match(retried.body.detail, /Trying again won’t help\. This page is damaged/);
    assert.equal(pages[2]?.failure?.retryable, false);
    const view = await browser.agent.get(`/projects/${projectId}`);
    assert.doesNotMatch(view.text, /id="retry-/);
    assert.match(view.text, new RegExp(`id="replace-failed-${pages[2]?.id}"`));
    const review = await browser.agent.get(`/projects/${projectId}/pages/${pages[2]?.id}`);
    assert.doesNotMatch(review.text, /\/retry"/);
    assert.match(review.text, /href="[^"]*\/replace"/);
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
    await paperlift.services.enqueue.import({ projectId, id: item.id } as never);
  });

  test('read why a file failed, try it again only where that may help, and remove it', async () => {
    const [item] = (await upload([brokenPdf, 'broken.pdf'])).body.imports;
    await settleImports();
    const page = await browser.agent.get(`/projects/${projectId}`);
    assert.match(page.text, /broken\.pdf[\s\S]*damaged and can’t be opened/);
    const post = (what: string) =>
      browser.agent
        .post(`/projects/${projectId}/imports/${item.id}/${what}`)
        .type('form')
        .send({ _csrf: browser.csrfToken });
    assert.doesNotMatch(page.text, /id="retry-/);
    assert.equal((await post('retry')).status, 303, 'from a page that is out of date');
    const retry = () => call('post', `/projects/${projectId}/imports/${item.id}/retry`);
    const refused = await retry();
    assert.deepEqual([refused.status, refused.body.code], [409, 'retry-cannot-help']);
    const [failed] = await listImports();
    assert.deepEqual([failed?.status, failed?.failure?.retryable], ['failed', false]);

    await setFailure(item.id, 'drawing-failed');
    assert.match((await browser.agent.get(`/projects/${projectId}`)).text, /id="retry-import-/);
    assert.equal((await listImports())[0]?.failure?.retryable, true);
    assert.equal((await retry()).status, 202);
    assert.equal((await settleImports())[0]?.failure?.code, 'file-damaged');
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
    const { pageActions, stores } = paperlift.services;
    for (const page of [one, other]) {
      assert.equal((await listImports()).length, 1);
      await call('delete', `/projects/${projectId}/pages/${page?.id}`);
      const deleted = await stores.pages.listDeleted(projectId);
      for (const each of deleted) await pageActions.erase(each); // the sweeper, an hour later
    }
    assert.deepEqual([await listImports(), await listObjects()], [[], []]);
  });
});

test('every form offers to choose what is taken there, and says so', async () => {
  const page = await browser.agent.get(`/projects/${projectId}`);
  const acceptedBy = (html: string, id: string) =>
    (new RegExp(`id="${id}"[^>]* accept="([^"]*)"`).exec(html)?.[1] ?? '').split(',');
  const { fileTypeNames, fileTypes, isDocument } = await import('../../src/files/file-types.ts');
  const images = fileTypes.filter((type) => !isDocument(type));
  const [photo] = (await upload([await photograph(), 'a.jpg'])).body.items;
  const form = await browser.agent.get(`/projects/${projectId}/pages/${photo.id}/replace`);
  const extensions = ['.heic', '.avif'];
  for (const accepted of [acceptedBy(page.text, 'replace-file'), acceptedBy(form.text, 'replacement')]) {
    for (const type of [...images, ...extensions]) assert.ok(accepted.includes(type), type);
    for (const type of fileTypes.filter(isDocument)) assert.ok(!accepted.includes(type), type);
  }
  for (const type of [...fileTypes, ...extensions, '.pdf'])
    assert.ok(acceptedBy(page.text, 'files').includes(type), type);
  for (const name of fileTypeNames.split(/, | or /)) {
    assert.match(page.text, new RegExp(`id="upload-hint">[^<]*\\b${name}\\b`));
    assert.equal(form.text.includes(name), !/TIFF|PDF/.test(name), name);
  }
});

test('odd files become right pages or say at once what they are', async () => {
  const image = sharp({ create: { width: 60, height: 40, channels: 3, background: '#ddd' } });
  const junk = Buffer.from('From a mail gateway\r\n\r\n');
  const sequence = Buffer.concat([
    box('ftyp', Buffer.from('msf1\0\0\0\0msf1hevc')),
    box('moov', Buffer.alloc(40)),
    box('mdat', Buffer.alloc(400)),
  ]);
  const lossless = await photograph();
  lossless.writeUInt8(0xc3, lossless.indexOf(Buffer.from([0xff, 0xc0])) + 1);
  const answer = await upload(
    [await image.clone().avif({ effort: 0 }).toBuffer(), 'saved.avif'],
    [await image.clone().png({ progressive: true, palette: true }).toBuffer(), 'interlaced.png'],
    [await image.clone().toColourspace('rgb16').png().toBuffer(), 'deep.png'],
    [withOrientation(await image.clone().png().toBuffer(), 6), 'turned.png'],
    [arithmeticJpeg, 'arithmetic.jpg'],
    [Buffer.concat([junk, await scans(1)]), 'mail.pdf'],
    [
      await buildOldTiff(sharp({ create: { width: 64, height: 48, channels: 3, background: '#ddd' } })),
      'old.tif',
    ],
    [sequence, 'burst.heic'],
    [lossless, 'lossless.jpg'],
  );
  assert.deepEqual(
    answer.body.refusals.map(({ fileName, code, message }: Record<string, string>) => [
      fileName,
      code,
      message,
    ]),
    [
      [
        'burst.heic',
        'image-sequence-unsupported',
        'This file is a burst or an animation without a main photo. Export one of its photos as JPEG, then upload that.',
      ],
      [
        'lossless.jpg',
        'image-encoding-unsupported',
        'This is a lossless JPEG, which isn’t supported. Save it as a standard JPEG or PNG, then upload that.',
      ],
    ],
  );
  await settleImports();
  await settlePages();
  const items = (await call('get', `/projects/${projectId}/pages`)).body.items;
  assert.deepEqual(
    items.map((page: Record<string, unknown>) => [page.fileName, page.status, page.width, page.height]),
    [
      ['saved.avif', 'ready', 60, 40],
      ['interlaced.png', 'ready', 60, 40],
      ['deep.png', 'ready', 60, 40],
      ['turned.png', 'ready', 40, 60],
      ['arithmetic.jpg', 'ready', 16, 8],
      ['mail.pdf', 'ready', 90, 120],
      ['old.tif', 'ready', 64, 48],
    ],
  );
});
