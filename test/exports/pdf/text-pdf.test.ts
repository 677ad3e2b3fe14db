import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { buildTextPdfHtml } from '../../../src/exports/pdf/text-pdf.html.ts';
import { readOutline, readPageSizes, readProperties, withoutSpace } from './pdf-reading.ts';
import { startRendering } from './rendering.ts';
import { buildLine } from './synthetic-pages.ts';

let rendering: Awaited<ReturnType<typeof startRendering>>;
before(async () => {
  rendering = await startRendering();
});
after(() => rendering.stop());

function page(...texts: string[]) {
  return { lines: texts.map((text, index) => buildLine({ id: `${index}`, text, x: 0, y: 0, height: 0.1 })) };
}

function readLayout(path: string): string {
  return execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' });
}

test('a text PDF holds the title, every line on a line of its own, and page numbers', async () => {
  const long = Array.from({ length: 120 }, (_, index) => `Line ${index} of the paper`);
  const html = buildTextPdfHtml({
    title: 'Kitchen & bath',
    language: 'en',
    pages: [page('Total 12,50', 'Danke'), page(...long)],
  });
  const pdf = await rendering.render({ html });
  const text = readLayout(pdf.path);
  const lines = text.split('\n').map((line) => line.trim());
  assert.ok(pdf.pageCount > 1);
  for (const line of ['Kitchen & bath', 'Page 1', 'Total 12,50', 'Danke', 'Page 2', ...long]) {
    assert.ok(lines.includes(line), line);
  }
  assert.match(withoutSpace(text.split('\f')[1] ?? ''), new RegExp(`2/${pdf.pageCount}$`));
  assert.deepEqual((await readPageSizes(pdf.path))[0]?.width, 594.96);
});

test('title, language and outline are set', async () => {
  const html = buildTextPdfHtml({ title: 'Belege', language: 'de', pages: [page('eins'), page('zwei')] });
  const pdf = await rendering.render({ html });
  assert.equal((await readProperties(pdf.path)).Title, 'Belege');
  const { titles, catalog } = await readOutline(pdf.path);
  assert.deepEqual(titles.sort(), ['Belege', 'Page 1', 'Page 2']);
  assert.match(catalog, /\/Lang \(de\)/);
});

test('words with low confidence are not marked, and an empty page says that it is one', () => {
  const doubtful = page('doubtful');
  for (const line of doubtful.lines) for (const word of line.words) word.confidence = 1;
  const sure = buildTextPdfHtml({ title: 't', language: 'en', pages: [page('doubtful')] });
  assert.equal(buildTextPdfHtml({ title: 't', language: 'en', pages: [doubtful] }), sure);
  assert.match(
    buildTextPdfHtml({ title: 't', language: 'en', pages: [page()] }),
    /No text was found on this page/,
  );
});

test('right-to-left lines begin at the right', async () => {
  const html = buildTextPdfHtml({ title: 't', language: 'en', pages: [page('left', 'שלום עולם')] });
  const pdf = await rendering.render({ html });
  const boxes = execFileSync('pdftotext', ['-bbox', pdf.path, '-'], { encoding: 'utf8' });
  const xMinOf = (text: string) => Number(new RegExp(`xMin="([\\d.]+)"[^>]*>${text}`).exec(boxes)?.[1]);
  assert.ok(xMinOf('left') < 100);
  assert.ok(xMinOf('םולש') > 450);
});

test('Japanese and Korean lines ask for fonts of their own, Chinese ones for those of the document', () => {
  const html = buildTextPdfHtml({ title: 't', language: 'zh-Hant', pages: [page('かな', '한국어', '漢字')] });
  assert.match(html, /<p dir="auto" lang="ja">かな<\/p>/);
  assert.match(html, /<p dir="auto" lang="ko">한국어<\/p>/);
  assert.match(html, /<p dir="auto">漢字<\/p>/);
});
