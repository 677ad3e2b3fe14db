import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import sharp from 'sharp';
import { exportProject } from '../support/exports.ts';
import { textJpeg } from '../support/images.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { callAs } from '../support/shown-pages.ts';
import { waitFor } from '../support/wait.ts';
import { assertReads, readByAll, readTexts } from './pdf/pdf-reading.ts';
import { readWithPdfium } from './pdf/readers/pdfium.reader.ts';
import { withoutSpace } from './pdf/readers/read-pdf.ts';

interface ApiWord {
  text: string;
  polygon: { x: number; y: number }[];
}
interface ApiPage {
  id: string;
  text: string;
  width: number;
  height: number;
  lines: { id: string; text: string; words: ApiWord[] }[];
}

let paperlift: Paperlift;
let folder: string;
let call: ReturnType<typeof callAs>;

before(async () => {
  paperlift = await startPaperlift({ worker: true });
  folder = await mkdtemp(path.join(tmpdir(), 'paperlift-exports-'));
  call = callAs(await paperlift.signIn('alice@example.com'));
});
after(async () => {
  await paperlift.stop();
  await rm(folder, { recursive: true, force: true });
});

async function createProject(name: string, images: Buffer[]) {
  const { id } = (await call('post', '/projects').send({ name })).body as { id: string };
  const upload = call('post', `/projects/${id}/pages`);
  for (const image of images) upload.attach('files', image, 'page.jpg');
  const uploaded = await upload;
  assert.equal(uploaded.status, 201, uploaded.text);
  const pages: ApiPage[] = [];
  for (const { id: pageId } of uploaded.body.items as { id: string }[]) {
    pages.push(
      await waitFor('a page to be read', async () => {
        const { body } = await call('get', `/projects/${id}/pages/${pageId}`);
        assert.notEqual(body.status, 'failed', body.failure?.message);
        return body.status === 'ready' ? (body as ApiPage) : undefined;
      }),
    );
  }
  return { id, pages };
}

const makeExport = (projectId: string, format: string) => exportProject(call, projectId, format);

const lines = ['Invoice number 4711', 'Paper and pencils', 'Total amount 12.50', 'Thank you very much'];

test('every reader finds every word of the searchable PDF where the API says, on upright, turned and tilted pages', async (t) => {
  const upright = await textJpeg(lines);
  const turned = await sharp(upright).rotate(-90).withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const tilted = await textJpeg(lines, { angle: 5 });
  const { id, pages } = await createProject('Geometry', [upright, turned, tilted]);
  assert.deepEqual([pages[1]?.width, pages[1]?.height], [900, 600], 'the turned page stands upright');

  const pdf = await makeExport(id, 'searchable-pdf');
  const file = path.join(folder, 'geometry.pdf');
  await writeFile(file, pdf.body);
  for (const page of pages) {
    assert.ok(page.lines.flatMap((line) => line.words).length >= 10, page.text);
  }
  for (const reading of await readByAll(t, file)) assertReads(reading, pages, 0.01);
  let jpegBytes = 0;
  for (const page of pages) {
    jpegBytes += Number(
      (await call('get', `/projects/${id}/pages/${page.id}/image`)).headers['content-length'],
    );
  }
  const wordCount = pages.flatMap((page) => page.lines).reduce((count, line) => count + line.words.length, 0);
  const added = pdf.body.length - jpegBytes;
  assert.ok(added <= 80_000 + 150 * wordCount, `${added} bytes for ${wordCount} words`);
  assert.equal((await readWithPdfium(file)).title, 'Geometry');
});

test('an unchanged project gives the stored file; a correction, a rename and a deletion give a new one', async () => {
  const { id, pages } = await createProject('Stored', [
    await textJpeg(lines),
    await textJpeg(['Second page here']),
  ]);
  const first = await makeExport(id, 'txt');
  assert.equal((await makeExport(id, 'txt')).id, first.id);
  const [page] = pages as [ApiPage];
  const line = page.lines[0] as ApiPage['lines'][number];
  await call('patch', `/projects/${id}/pages/${page.id}`).send({
    lines: [{ id: line.id, text: 'Invoice number 4712' }],
  });
  const corrected = await makeExport(id, 'txt');
  assert.notEqual(corrected.id, first.id);
  assert.match(corrected.body.toString(), /^Invoice number 4712\n/);
  await call('patch', `/projects/${id}`).send({ name: 'Renamed' });
  const renamed = await makeExport(id, 'txt');
  assert.notEqual(renamed.id, corrected.id);
  assert.match(renamed.headers['content-disposition'] ?? '', /filename="?Renamed\.txt/);
  await call('delete', `/projects/${id}/pages/${page.id}`);
  const shorter = await makeExport(id, 'txt');
  assert.equal(shorter.body.toString().trim(), pages[1]?.text);
});

test('JSON holds what the API says; the text PDF holds the text', async () => {
  const { id, pages } = await createProject('Formats', [await textJpeg(lines)]);
  const json = JSON.parse((await makeExport(id, 'json')).body.toString());
  assert.equal(json.name, 'Formats');
  assert.deepEqual(json.pages[0].lines, pages[0]?.lines);
  const file = path.join(folder, 'text.pdf');
  await writeFile(file, (await makeExport(id, 'text-pdf')).body);
  const text = (await readTexts(file)).join('');
  for (const line of pages[0]?.lines ?? []) assert.ok(text.includes(withoutSpace(line.text)), line.text);
});

test('the ZIP holds every image with its text beside it, named in the project’s order', async () => {
  const { id, pages } = await createProject('Büro: Belege/2026', [
    await textJpeg(lines),
    await textJpeg(['Second page here']),
  ]);
  const zip = await makeExport(id, 'zip');
  assert.match(
    zip.headers['content-disposition'] ?? '',
    /filename\*=UTF-8''B%C3%BCro%20%20Belege%202026\.zip|Belege 2026\.zip/,
  );
  const files = unzipSync(zip.body);
  assert.deepEqual(Object.keys(files), [
    '001 page.jpg',
    '001 page.txt',
    '002 page.jpg',
    '002 page.txt',
    'all pages.txt',
  ]);
  const image = await call('get', `/projects/${id}/pages/${pages[1]?.id}/image`);
  assert.deepEqual(Buffer.from(files['002 page.jpg'] as Uint8Array), image.body);
  assert.equal(strFromU8(files['002 page.txt'] as Uint8Array).trim(), pages[1]?.text);
});

test('the Word document holds the text, each page of paper on a page of its own', async () => {
  const { id, pages } = await createProject('Letters', [
    await textJpeg(lines),
    await textJpeg(['Tom & Jerry <script>']),
  ]);
  const docx = await makeExport(id, 'docx');
  const xml = strFromU8(unzipSync(docx.body)['word/document.xml'] as Uint8Array);
  const texts = [...xml.matchAll(/<w:t[^>]*>([^<]*)<\/w:t>/g)].map(([, text = '']) => unescapeXml(text));
  assert.deepEqual(
    texts,
    pages.flatMap((page) => page.text.split('\n')),
  );
  assert.equal([...xml.matchAll(/<w:pageBreakBefore\/>/g)].length, 1);
});

const unescapeXml = (text: string) =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');

test('an export waits for pages under way, wants a page at all, and is the owner’s to ask for', async () => {
  const { id } = (await call('post', '/projects').send({ name: 'Empty' })).body;
  const empty = await call('post', `/projects/${id}/exports`).send({ format: 'txt' });
  assert.deepEqual([empty.status, empty.body.code], [409, 'no-pages']);
  const unknown = await call('post', `/projects/${id}/exports`).send({ format: 'exe' });
  assert.equal(unknown.status, 400);
  await call('post', `/projects/${id}/pages`).attach('files', await textJpeg(lines), 'a.jpg');
  const early = await call('post', `/projects/${id}/exports`).send({ format: 'txt' });
  assert.deepEqual([early.status, early.body.code], [409, 'pages-under-way']);
  const erin = await paperlift.signIn('erin@example.com');
  const auditor = await erin.agent
    .post(`/api/v1/projects/${id}/exports`)
    .set('x-csrf-token', erin.csrfToken)
    .send({ format: 'txt' });
  assert.equal(auditor.body.code, 'read-only');
});
