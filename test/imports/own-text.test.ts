// PDFs with text of their own, over HTTP: what is taken from the file costs no call of the text detector.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import sharp from 'sharp';
import { buildPdf } from '../support/documents.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { waitFor } from '../support/wait.ts';

interface Page {
  id: string;
  status: string;
  textSource: string;
  text: string;
  doubtfulCount: number;
  lines: { words: { text: string; confidence: number; polygon: { x: number; y: number }[] }[] }[];
}

let paperlift: Paperlift;
let browser: Awaited<ReturnType<Paperlift['signIn']>>;
let projectId: string;
let scan: Buffer;

before(async () => {
  paperlift = await startPaperlift({ worker: true, textract: ['Read from the image'] });
  browser = await paperlift.signIn('alice@example.com');
  scan = await sharp({ create: { width: 300, height: 400, channels: 3, background: '#eee' } })
    .jpeg()
    .toBuffer();
});
after(() => paperlift.stop());

beforeEach(async () => {
  projectId = (await call('post', '/projects').send({ name: 'Digital' })).body.id;
});

const call = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string) =>
  browser.agent[method](`/api/v1${path}`).set('x-csrf-token', browser.csrfToken);
const pagePath = (pageId: string) => `/projects/${projectId}/pages/${pageId}`;

async function upload(pdf: Buffer, count: number): Promise<Page[]> {
  const answer = await call('post', `/projects/${projectId}/pages`).attach('files', pdf, 'report.pdf');
  assert.equal(answer.status, 201, answer.text);
  return settle(count);
}

const settle = (count: number) =>
  waitFor('the pages to be over', async () => {
    const { items } = (await call('get', `/projects/${projectId}/pages`)).body;
    const isOver = items.every(({ status }: Page) => ['ready', 'failed'].includes(status));
    return items.length === count && isOver ? (items as Page[]) : undefined;
  });

const read = async (pageId: string): Promise<Page> => (await call('get', pagePath(pageId))).body;

describe('a PDF with text of its own', () => {
  test('is not sent to the text detector; an ordinary scan beside it in the same file is', async () => {
    const before = paperlift.countDetections();
    const pages = await upload(
      await buildPdf([{ text: 'Total 12.50' }, { image: scan }, { text: 'Invoice 2024-117', rotate: 90 }]),
      3,
    );
    assert.deepEqual(
      pages.map(({ status, textSource }) => [status, textSource]),
      [
        ['ready', 'pdf-text'],
        ['ready', 'ocr'],
        ['ready', 'pdf-text'],
      ],
    );
    assert.equal(paperlift.countDetections() - before, 1, 'the scan alone');
    const texts = await Promise.all(pages.map(async ({ id }) => (await read(id)).text));
    assert.deepEqual(texts, ['Total 12.50', 'Read from the image', 'Invoice 2024-117']);
    const first = await read(pages[0]?.id ?? '');
    assert.equal(first.doubtfulCount, 0);
    assert.deepEqual(
      first.lines[0]?.words.map(({ confidence }) => confidence),
      [100, 100],
    );
    const review = await browser.agent.get(pagePath(pages[0]?.id ?? ''));
    assert.match(review.text, /Text from the PDF/);
    const found = await waitFor('the page to be found', async () => {
      const { body } = await call('get', '/search').query({ q: '2024-117' });
      return body.items.length > 0 ? body.items : undefined;
    });
    assert.equal(found.length, 1);
  });

  test('keeps its words where they are when the page was turned before it was read', async () => {
    const [page] = await upload(await buildPdf([{ text: 'Total 12.50' }]), 1);
    const upright = (await read(page?.id ?? '')).lines[0]?.words[0]?.polygon ?? [];
    const changed = await call('patch', pagePath(page?.id ?? '')).send({ rotation: 90, revision: 1 });
    assert.ok(changed.status < 300, changed.text);
    const turned = (await read(page?.id ?? '')).lines[0]?.words[0]?.polygon ?? [];
    for (const [index, { x, y }] of upright.entries()) {
      assert.ok(Math.abs((turned[index]?.x ?? 9) - (1 - y)) < 1e-9);
      assert.ok(Math.abs((turned[index]?.y ?? 9) - x) < 1e-9);
    }
  });

  test('is read as an image instead when a person asks for it, in the detail that reading needs, and back again', async () => {
    const [page] = await upload(await buildPdf([{ text: 'Total 12.50' }]), 1);
    const id = page?.id ?? '';
    const { width } = (await call('get', pagePath(id))).body;
    const menu = await browser.agent.get(pagePath(id));
    assert.match(menu.text, /name="textSource" value="ocr"[\s\S]*Read as an image instead/);
    assert.doesNotMatch(menu.text, /Detect text again/, 'there was nothing to detect');
    const before = paperlift.countDetections();
    const asked = await call('post', `${pagePath(id)}/retry`).send({ textSource: 'ocr' });
    assert.equal(asked.status, 202, asked.text);
    const [asImage] = await settle(1);
    const image = (await call('get', pagePath(id))).body;
    assert.deepEqual(
      [asImage?.textSource, image.text, paperlift.countDetections() - before],
      ['ocr', 'Read from the image', 1],
    );
    assert.equal(image.width, Math.round(width * 1.5), '300 dots an inch instead of 200');

    const form = await browser.agent
      .post(`${pagePath(id)}/retry`)
      .type('form')
      .send({ _csrf: browser.csrfToken, textSource: 'pdf-text' });
    assert.deepEqual([form.status, form.headers.location], [303, pagePath(id)]);
    const [again] = await settle(1);
    assert.deepEqual([again?.textSource, (await read(id)).text], ['pdf-text', 'Total 12.50']);
    assert.equal(paperlift.countDetections() - before, 1);
  });

  test('asks before corrections are lost', async () => {
    const [page] = await upload(await buildPdf([{ text: 'Total 12.50' }]), 1);
    const id = page?.id ?? '';
    await call('patch', pagePath(id)).send({ revision: 1, lines: [{ id: 'l1', text: 'Total 13.50' }] });
    const refused = await call('post', `${pagePath(id)}/retry`).send({ textSource: 'ocr' });
    assert.deepEqual([refused.status, refused.body.code], [409, 'corrections-would-be-lost']);
    assert.equal((await read(id)).text, 'Total 13.50');
    const menu = await browser.agent.get(pagePath(id));
    assert.match(menu.text, /Discard your corrections\?/);
    const sent = await call('post', `${pagePath(id)}/retry`).send({
      textSource: 'ocr',
      discardCorrections: true,
    });
    assert.equal(sent.status, 202);
    await settle(1);
    assert.equal((await read(id)).text, 'Read from the image');
  });

  test('is changed from the project’s page, of one page or several; pages that somebody corrected stay', async () => {
    const pages = await upload(
      await buildPdf([{ text: 'First 1' }, { image: scan }, { text: 'Third 3' }]),
      3,
    );
    const [first = '', second = '', third = ''] = pages.map(({ id }) => id);
    const shown = async () => (await browser.agent.get(`/projects/${projectId}`)).text;
    const act = async (fields: object) => {
      const sent = { _csrf: browser.csrfToken, fragment: 'yes', ...fields };
      const { body, status } = await browser.agent
        .post(`/projects/${projectId}/batch`)
        .type('form')
        .send(sent);
      return [status, body.said ?? body.message] as const;
    };
    const before = await shown();
    const { width } = (await call('get', pagePath(first))).body;
    for (const id of [first, third]) {
      assert.match(before, new RegExp(`value="read-image:${id}">Read as an image instead`));
      assert.doesNotMatch(before, new RegExp(`${id}/detect-again`), 'there was nothing to detect');
    }
    assert.doesNotMatch(before, new RegExp(`read-image:${second}|value="read-pdf-text`));
    assert.match(before, new RegExp(`${second}/detect-again`));

    assert.deepEqual(await act({ do: `read-image:${first}` }), [
      200,
      'Reading 1 page from the image. To undo it, use the PDF’s own text.',
    ]);
    await settle(3);
    assert.deepEqual(
      [(await read(first)).text, (await read(third)).text],
      ['Read from the image', 'Third 3'],
    );
    const image = (await call('get', pagePath(first))).body;
    assert.equal(image.width, Math.round(width * 1.5), 'drawn anew, in the detail that reading needs');
    assert.match(await shown(), new RegExp(`value="read-pdf-text:${first}">Use the PDF’s own text`));

    await call('patch', pagePath(third)).send({ revision: 1, lines: [{ id: 'l1', text: 'Third 33' }] });
    assert.deepEqual(await act({ do: 'read-image', page: [first, second] }), [
      200,
      'No text from a PDF to replace.',
    ]);
    const [status, message] = await act({ do: `read-image:${third}` });
    assert.equal(status, 409);
    assert.match(message, /^The page has corrections.* open the page and confirm it there/);

    assert.deepEqual(await act({ do: 'read-pdf-text', page: [first, second, third] }), [
      200,
      'Taking the text of 1 page from the PDF. To undo it, read as an image instead.',
    ]);
    await settle(3);
    assert.deepEqual(await act({ do: 'read-image', page: [first, second, third] }), [
      200,
      'Reading 1 page from the image. To undo it, use the PDF’s own text. 1 page with corrections or a review left unchanged.',
    ]);
    await settle(3);
    assert.deepEqual(
      [(await read(first)).text, (await read(third)).text],
      ['Read from the image', 'Third 33'],
    );
  });

  test('is not to be had from a scan', async () => {
    const [page] = await upload(await buildPdf([{ image: scan }]), 1);
    const refused = await call('post', `${pagePath(page?.id ?? '')}/retry`).send({ textSource: 'pdf-text' });
    assert.deepEqual([refused.status, refused.body.code], [409, 'no-own-text']);
    const again = await call('post', `${pagePath(page?.id ?? '')}/retry`).send({ textSource: 'ocr' });
    assert.equal(again.status, 202, 'its image is there to be read again');
    await settle(1);
    assert.doesNotMatch((await browser.agent.get(pagePath(page?.id ?? ''))).text, /id="other-source"/);
  });

  test('leaves nothing behind when its page is erased', async () => {
    const [page] = await upload(await buildPdf([{ text: 'Total 12.50' }]), 1);
    const { pages } = paperlift.services.stores;
    const stored = await pages.find(projectId, page?.id ?? '');
    assert.ok(stored?.ownTextKey?.startsWith(`projects/${projectId}/pages/${page?.id}/`));
    assert.equal((await call('delete', `/projects/${projectId}`)).status, 204);
    await waitFor('the text to be gone', () =>
      paperlift.services.blobs.read(stored?.ownTextKey ?? '').then(
        () => undefined,
        () => true,
      ),
    );
  });
});
