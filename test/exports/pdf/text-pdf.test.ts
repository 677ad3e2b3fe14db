import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { buildTextPdfHtml } from '../../../src/exports/pdf/text-pdf.html.ts';
import { readByAll } from './pdf-reading.ts';
import { readWithPdfium } from './readers/pdfium.reader.ts';
import { readWithPdfJs } from './readers/pdfjs.reader.ts';
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

test('a text PDF holds the title, every line in order on a line of its own, and page numbers, for every reader', async (t) => {
  const long = Array.from({ length: 120 }, (_, index) => `Line ${index} of the paper`);
  const html = buildTextPdfHtml({
    title: 'Kitchen & bath',
    language: 'de',
    pages: [page('Total 12,50', 'Danke'), page(...long)],
  });
  const pdf = await rendering.render({ html });
  assert.ok(pdf.pageCount > 1);
  const expected = ['Kitchen & bath', 'Page 1', 'Total 12,50', 'Danke', 'Page 2', ...long];
  for (const { reader, pages } of await readByAll(t, pdf.path)) {
    const lines = pages.flatMap(({ text }) => text.split(/\r?\n/)).map((line) => line.trim());
    assert.deepEqual(
      lines.filter((line) => line !== '' && !/^\d+ \/ \d+$/.test(line)),
      expected,
      reader,
    );
    assert.match(pages[1]?.text ?? '', new RegExp(`^2 / ${pdf.pageCount}\\s*$`, 'm'), reader);
    assert.ok(Math.abs((pages[0]?.width ?? 0) - 594.96) < 0.01, reader);
  }
  const read = [await readWithPdfium(pdf.path), await readWithPdfJs(pdf.path)];
  for (const { title, outline } of read) {
    assert.equal(title, 'Kitchen & bath');
    assert.deepEqual(outline, [
      { title: 'Kitchen & bath', page: 1 },
      { title: 'Page 1', page: 1 },
      { title: 'Page 2', page: 1 },
    ]);
  }
  assert.match(await readFile(pdf.path, 'latin1'), /\/Lang \(de\)/);
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
  const { pages } = await readWithPdfium(pdf.path);
  const [left, right] = ['left', 'שלום'].map((word) => pages[0]?.pieces.find(({ text }) => text === word));
  assert.ok(left && left.x - left.width / 2 < 0.17);
  assert.ok(right && right.x - right.width / 2 > 0.75);
});

test('Japanese and Korean lines ask for fonts of their own, Chinese ones for those of the document', () => {
  const html = buildTextPdfHtml({ title: 't', language: 'zh-Hant', pages: [page('かな', '한국어', '漢字')] });
  assert.match(html, /<p dir="auto" lang="ja">かな<\/p>/);
  assert.match(html, /<p dir="auto" lang="ko">한국어<\/p>/);
  assert.match(html, /<p dir="auto">漢字<\/p>/);
});
