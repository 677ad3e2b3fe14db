// Pages of digital PDFs in a searchable PDF: as they are in the file, not as pictures, and without what a page can do.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import sharp from 'sharp';
import { buildPdf, type PdfPage } from '../support/documents.ts';
import { exportProject } from '../support/exports.ts';
import { type Paperlift, startPaperlift } from '../support/paperlift.ts';
import { callAs } from '../support/shown-pages.ts';
import { waitFor } from '../support/wait.ts';
import { readByAll } from './pdf/pdf-reading.ts';
import { drawWithPdfium, readWithPdfium } from './pdf/readers/pdfium.reader.ts';
import { readHeadingsWithPdfJs } from './pdf/readers/pdfjs.reader.ts';
import { withoutSpace, wordsIn } from './pdf/readers/read-pdf.ts';
import { startRendering } from './pdf/rendering.ts';

let paperlift: Paperlift;
let browser: Awaited<ReturnType<Paperlift['signIn']>>;
let projectId: string;
let folder: string;
let scan: Buffer;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paperlift-carried-'));
  paperlift = await startPaperlift({ worker: true, textract: ['Scanned'] });
  browser = await paperlift.signIn('alice@example.com');
  scan = await sharp({ create: { width: 600, height: 800, channels: 3, background: '#eee' } })
    .jpeg()
    .toBuffer();
});
after(async () => {
  await paperlift.stop();
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  projectId = (await call('post', '/projects').send({ name: 'Annual report' })).body.id;
});

const call = (...[method, path]: Parameters<ReturnType<typeof callAs>>) => callAs(browser)(method, path);
const pagePath = (pageId: string) => `/projects/${projectId}/pages/${pageId}`;

interface Page {
  id: string;
  status: string;
  revision: number;
  textSource: string;
  lines: { id: string; text: string }[];
}

async function add(pdf: Buffer, count: number): Promise<Page[]> {
  const answer = await call('post', `/projects/${projectId}/pages`).attach('files', pdf, 'report.pdf');
  assert.equal(answer.status, 201, answer.text);
  const address = `/projects/${projectId}/imports/${answer.body.imports[0].id}`;
  // the file's last page may be ready before the import is done, and an export is refused until then
  await waitFor('the import', async () => {
    const { status, failure } = (await call('get', address)).body;
    assert.notEqual(status, 'failed', JSON.stringify(failure));
    return status === 'done' || undefined;
  });
  return waitFor('the pages to be ready', async () => {
    const { items } = (await call('get', `/projects/${projectId}/pages`)).body;
    assert.equal(items.length, count);
    return items.every(({ status }: Page) => status === 'ready') ? items : undefined;
  });
}

/** Saves the project as a searchable PDF. */
async function exportPdf(name: string): Promise<{ path: string; bytes: Buffer }> {
  const { body } = await exportProject(call, projectId, 'searchable-pdf');
  const path = join(folder, `${name}.pdf`);
  await writeFile(path, body);
  return { path, bytes: body };
}

const print = (text: string, x = 20, y = 300) => `BT /F 12 Tf ${x} ${y} Td (${text}) Tj ET `;
const difference = async (one: Buffer, other: Buffer) => {
  const [a, b] = await Promise.all([one, other].map((png) => sharp(png).greyscale().raw().toBuffer()));
  assert.equal(a?.length, b?.length);
  return (
    (a ?? Buffer.alloc(0)).reduce((sum, pixel, at) => sum + Math.abs(pixel - (b?.[at] ?? 0)), 0) /
    (a?.length ?? 1)
  );
};

describe('a searchable PDF carries pages with text of their own over', () => {
  test('as they are in the file, in their order among scans, for every reader', async (t) => {
    const pages: PdfPage[] = [
      { content: print('Invoice 2024-117') + print('Total 12.50', 100, 100) },
      { image: scan },
      { content: print('Turned by the file'), rotate: 90 },
      { content: print('Cropped by the file', 60, 250), mediaBox: '[0 0 300 400]/CropBox[50 200 250 400]' },
      { content: print('In units of its own'), mediaBox: '[0 0 300 400]/UserUnit 2' },
    ];
    const original = await buildPdf(pages);
    await add(original, pages.length);
    const { path, bytes } = await exportPdf('mixed');
    const expected = [
      'Invoice 2024-117 Total 12.50',
      'Scanned',
      'Turned by the file',
      'Cropped by the file',
      'In units of its own',
    ];
    for (const { reader, pages: read } of await readByAll(t, path)) {
      assert.deepEqual(
        read.map(({ text }) => wordsIn(text).join(' ')),
        expected,
        reader,
      );
    }
    const { title, outline, pages: read } = await readWithPdfium(path);
    assert.equal(title, 'Annual report');
    assert.deepEqual(
      outline.map(({ page }) => page),
      [1, 2, 3, 4, 5],
    );
    const sizes = read.map(({ width, height }) => [Math.round(width), Math.round(height)]);
    assert.deepEqual(sizes.toSpliced(1, 1), [
      [300, 400],
      [400, 300],
      [200, 200],
      [600, 800],
    ]);
    for (const page of [1, 3, 4]) {
      const [before, after] = [
        await drawWithPdfium(original, { page, scale: 2 }),
        await drawWithPdfium(bytes, { page, scale: 2 }),
      ];
      assert.ok((await difference(before, after)) < 0.5, `page ${page} looks as in the file`);
    }
    const widths = [...bytes.toString('latin1').matchAll(/<<[^<>]*\/Subtype ?\/Image[^<>]*>>/g)].map(
      ([entry]) => Number(/\/Width (\d+)/.exec(entry)?.[1]),
    );
    const placeholder = 8;
    assert.deepEqual(
      widths.filter((width) => width > placeholder),
      [600],
      'the scan is the only picture',
    );
  });

  test('in no more bytes than the file, with its fonts once', async () => {
    const rendering = await startRendering();
    try {
      const paragraph =
        'The harbour had been quiet since the ferry stopped running. A surveyor measured the cranes. ';
      const body = Array.from(
        { length: 6 },
        (_, page) =>
          `<h1 style="break-before: page">Chapter ${page + 1}</h1>${`<p>${paragraph.repeat(6)}</p>`.repeat(4)}`,
      );
      const pdf = await rendering.render({
        html: `<!doctype html><title>Report</title><style>@page { size: A4; margin: 20mm }</style>${body.join('')}`,
      });
      const original = await readFile(pdf.path);
      await add(original, pdf.pageCount);
      const { bytes } = await exportPdf('report');
      assert.ok(bytes.length < original.length * 1.2, `${bytes.length} bytes of ${original.length}`);
      const [before, after] = [await readWithPdfium(original), await readWithPdfium(bytes)];
      assert.deepEqual(
        after.pages.map(({ text }) => wordsIn(text)),
        before.pages.map(({ text }) => wordsIn(text)),
      );
    } finally {
      await rendering.stop();
    }
  });

  test('turned as a person turned them', async () => {
    const [page] = await add(await buildPdf([{ content: print('Turned by hand') }]), 1);
    const turned = await call('patch', pagePath(page?.id ?? '')).send({ rotation: 90, revision: 1 });
    assert.ok(turned.status < 300, turned.text);
    const { pages } = await readWithPdfium((await exportPdf('turned')).bytes);
    assert.deepEqual([pages[0]?.width, pages[0]?.height], [400, 300]);
    const piece = pages[0]?.pieces[0];
    assert.ok(piece && piece.height > piece.width, 'the words run downwards');
  });

  test('but a page with corrections as a picture, in which the corrected text is found', async () => {
    const [page] = await add(await buildPdf([{ content: print('Total 12.50') }]), 1);
    const { lines, revision } = (await call('get', pagePath(page?.id ?? ''))).body as Page;
    const corrected = await call('patch', pagePath(page?.id ?? '')).send({
      revision,
      lines: [{ id: lines[0]?.id, text: 'Total 99.50' }],
    });
    assert.ok(corrected.status < 300, corrected.text);
    const { pages } = await readWithPdfium((await exportPdf('corrected')).bytes);
    assert.equal(wordsIn(pages[0]?.text ?? '').join(' '), 'Total 99.50');
  });

  test('with what form fields, stamps and notes show, and with nothing that they do', async (t) => {
    const script = '<</S/JavaScript/JS(app.alert\\(1\\))>>';
    const launch = '<</S/Launch/F(calc.exe)/Win<</F(calc.exe)>>>>';
    const at = (y: number) => `/Rect[20 ${y} 220 ${y + 20}]/F 4`;
    const shown = '/AP<</N 6 0 R>>';
    const attached = '/FS<</Type/Filespec/F(payload.exe)/EF<</F 6 0 R>>>>/Contents(payload)/Name/PushPin';
    const page = {
      content: print('Name of the applicant'),
      width: 200,
      height: 20,
      form: print('John Smith', 2, 4),
      mediaBox: `[0 0 300 400]/Annots[
        <</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(John Smith)${at(260)}${shown}/AA<</K${script}>>>>
        <</Type/Annot/Subtype/Widget/FT/Tx/T(town)/V(Harbourtown)${at(230)}/DA(/F 12 Tf 0 g)>>
        <</Type/Annot/Subtype/FreeText/Contents(Seen by Ada)/Rect[20 200 220 220]/DA(/F 12 Tf 0 g)/A${launch}>>
        <</Type/Annot/Subtype/Widget/FT/Tx/T(secret)/V(Hidden value)/Rect[20 170 220 190]/F 2/DA(/F 12 Tf 0 g)>>
        <</Type/Annot/Subtype/FileAttachment${at(140)}${attached}>>
        <</Type/Annot/Subtype/Link${at(110)}/A${launch}>>
        <</Type/Annot/Subtype/Popup/Contents(Pop up)${at(80)}>>]`,
    };
    const catalog = `/AcroForm<</Fields[]/NeedAppearances true/XFA(evil)/DR<</Font<</F 3 0 R>>>>/DA(/F 12 Tf 0 g)>>`;
    const [added] = await add(await buildPdf([page], { catalog }), 1);
    const expected = ['Name of the applicant', 'John Smith', 'Harbourtown', 'Seen by Ada'];
    const { lines } = (await call('get', pagePath(added?.id ?? ''))).body as Page;
    assert.deepEqual(
      lines.map(({ text }) => text),
      expected,
      'in the text of the page',
    );
    const image = (await call('get', `${pagePath(added?.id ?? '')}/image`).responseType('blob')).body;
    const inkAt = async (picture: Buffer, y: number) => {
      const { width = 0, height = 0 } = await sharp(picture).metadata();
      const [top, left] = [1 - (y + 18) / 400, 20 / 300].map((share, index) =>
        Math.round(share * (index === 0 ? height : width)),
      );
      const area = {
        left: left ?? 0,
        top: top ?? 0,
        width: Math.round(width / 3),
        height: Math.round(height / 25),
      };
      const pixels = await sharp(picture).extract(area).greyscale().raw().toBuffer();
      return pixels.filter((pixel) => pixel < 128).length > 50;
    };
    const { path, bytes } = await exportPdf('filled');
    for (const picture of [image, await drawWithPdfium(bytes, { page: 1, scale: 2 })])
      assert.deepEqual(
        await Promise.all([260, 230, 200, 170].map((y) => inkAt(picture, y))),
        [true, true, true, false],
        'filled fields and notes are seen, hidden ones are not',
      );
    for (const { reader, pages } of await readByAll(t, path))
      assert.equal(withoutSpace(pages[0]?.text ?? ''), withoutSpace(expected.join('')), reader);
    assert.doesNotMatch(
      bytes.toString('latin1'),
      /AcroForm|Widget|\/Annots|JavaScript|Launch|calc\.exe|Filespec|EmbeddedFile|payload|XFA|evil|Hidden value|Pop up/,
    );
    assert.equal(
      bytes.toString('latin1').match(/\/Subtype ?\/Image/g)?.length ?? 0,
      1,
      'carried, not a picture',
    );
  });

  test('without the tags of the file, which would name parts of the export that are others', async (t) => {
    const content = `/H1<</MCID 0>>BDC ${print('Tagged heading')}EMC /P<</MCID 1>>BDC ${print('Tagged words', 20, 200)}EMC`;
    const page = { content, mediaBox: '[0 0 300 400]/StructParents 0/Tabs/S' };
    const catalog = '/MarkInfo<</Marked true>>/StructTreeRoot<</Type/StructTreeRoot/K[]>>/Lang(fr)';
    await add(await buildPdf([page], { catalog }), 1);
    const { path, bytes } = await exportPdf('tagged');
    for (const { reader, pages } of await readByAll(t, path))
      assert.equal(wordsIn(pages[0]?.text ?? '').join(' '), 'Tagged heading Tagged words', reader);
    assert.deepEqual(await readHeadingsWithPdfJs(path), [['Page 1']], 'the export’s own');
    assert.deepEqual((await readWithPdfium(path)).isTagged, true);
    assert.equal(bytes.toString('latin1').match(/\/Type ?\/StructTreeRoot/g)?.length, 1);
  });

  test('but a page with layers as a picture: without the file’s catalog, hidden ones would be shown', async () => {
    const content = `/OC /L BDC ${print('Shown layer')}EMC `;
    const properties = '/Properties<</L<</Type/OCG/Name(Layer)>>>>';
    const [added] = await add(await buildPdf([{ content, resources: properties }]), 1);
    assert.equal(added?.textSource, 'pdf-text');
    const { bytes } = await exportPdf('layered');
    assert.doesNotMatch(bytes.toString('latin1'), /\/OCG|\/Carried/);
    assert.equal(wordsIn((await readWithPdfium(bytes)).pages[0]?.text ?? '').join(' '), 'Shown layer');
  });

  test('without what programs note in resources, and as a picture where these hold a script', async () => {
    const attached = '/AF[<</Type/Filespec/F(payload.exe)>>]';
    const noted = `/Type/ExtGState/PieceInfo<</Program<</Private(noted)>>>>/Metadata(noted)/OPI<<>>/StructParent 7/StructParents 7${attached}`;
    const content = `/G gs ${print('Plain words')}`;
    await add(await buildPdf([{ content, resources: `/ExtGState<</G<<${noted}>>>>` }]), 1);
    const carried = (await exportPdf('noted')).bytes.toString('latin1');
    assert.match(carried, /\/Carried/);
    const own = /Filespec|payload|PieceInfo|noted|OPI|StructParents? 7/;
    assert.doesNotMatch(carried, own);

    projectId = (await call('post', '/projects').send({ name: 'Scripted' })).body.id;
    await add(await buildPdf([{ content, resources: '/ExtGState<</G<</JS(evil\\(\\))>>>>' }]), 1);
    const picture = (await exportPdf('scripted')).bytes.toString('latin1');
    assert.doesNotMatch(picture, /\/Carried|evil/);
  });

  test('without links, scripts, form fields, attachments and what the file does when it is opened', async () => {
    const action = '<</S/JavaScript/JS(app.alert\\(1\\))>>';
    const page = {
      content: print('Harmless'),
      mediaBox: `[0 0 300 400]/AA<</O${action}>>/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 300 400]/A<</S/URI/URI(http://evil.example)>>>>]/Metadata 3 0 R`,
    };
    const pdf = await buildPdf([page], {
      catalog: `/OpenAction${action}/Names<</JavaScript<</Names[(a)${action}]>>>>`,
    });
    await add(pdf, 1);
    const { bytes } = await exportPdf('harmless');
    const { pages } = await readWithPdfium(bytes);
    assert.equal(wordsIn(pages[0]?.text ?? '').join(' '), 'Harmless');
    assert.doesNotMatch(bytes.toString('latin1'), /JavaScript|evil\.example|\/Annots|\/AA|OpenAction|alert/);
  });
});
