// The languages of a document and of its pages, as screen readers are told them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { buildSearchablePdfHtml } from '../../../src/exports/pdf/searchable-pdf.html.ts';
import { buildTextPdfHtml } from '../../../src/exports/pdf/text-pdf.html.ts';
import type { Polygon } from '../../../src/text/detected-text.ts';
import { readLanguagesWithPdfium, readWithPdfium } from './readers/pdfium.reader.ts';
import { readLanguagesWithPdfJs, readWithPdfJs } from './readers/pdfjs.reader.ts';
import { startRendering } from './rendering.ts';

let rendering: Awaited<ReturnType<typeof startRendering>>;
before(async () => {
  rendering = await startRendering();
});
after(() => rendering.stop());

const polygon: Polygon = [
  { x: 0.1, y: 0.1 },
  { x: 0.6, y: 0.1 },
  { x: 0.6, y: 0.16 },
  { x: 0.1, y: 0.16 },
];
const pageOf = (text: string, language?: string) => {
  const words = text.split(' ').map((word) => ({ text: word, confidence: 99, polygon }));
  return {
    width: 400,
    height: 500,
    lines: [{ id: 'l1', text, confidence: 99, polygon, words }],
    ...(language ? { language } : {}),
  };
};
const pages = [
  pageOf('Rechnung Gesamtbetrag', 'de'),
  pageOf('فاتورة', 'ar'),
  pageOf('Facture', 'fr'),
  pageOf('Datei'),
];
const wanted = [[], ['ar'], ['fr'], []];

async function check(file: string) {
  assert.equal((await readWithPdfJs(file)).language, 'de');
  assert.ok(['de', ''].includes((await readWithPdfium(file)).language), 'older PDFium does not tell it');
  for (const read of [readLanguagesWithPdfium, readLanguagesWithPdfJs]) {
    const found = await read(file);
    // a part may repeat the document's language
    assert.deepEqual(
      found.map((languages) => languages.filter((language) => language !== 'de')),
      wanted,
    );
  }
}

test('a searchable PDF names its language, and each page in another one its own', async () => {
  const jpeg = await sharp({ create: { width: 400, height: 500, channels: 3, background: '#fff' } })
    .jpeg()
    .toBuffer();
  const pdf = await rendering.render({
    html: buildSearchablePdfHtml({ title: 'Post', language: 'de', pages }),
    images: pages.map(() => async () => jpeg),
    expectedPages: pages.length,
  });
  await check(pdf.path);
});

test('so does a text PDF, whose pages lie on one', async () => {
  const pdf = await rendering.render({ html: buildTextPdfHtml({ title: 'Post', language: 'de', pages }) });
  assert.equal((await readWithPdfJs(pdf.path)).language, 'de');
  for (const read of [readLanguagesWithPdfium, readLanguagesWithPdfJs]) {
    const found = (await read(pdf.path)).flat().filter((language) => language !== 'de');
    assert.deepEqual(found.toSorted(), ['ar', 'fr']);
  }
});
