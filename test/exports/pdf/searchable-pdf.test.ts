import assert from 'node:assert/strict';
import { readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { openPdf } from '../../../src/drawing/pdf.drawable.ts';
import { countPdfPages } from '../../../src/exports/pdf/pdf-page-count.ts';
import { buildSearchablePdfHtml } from '../../../src/exports/pdf/searchable-pdf.html.ts';
import { applyCorrections } from '../../../src/text/corrections.ts';
import type { DetectedLine, Polygon } from '../../../src/text/detected-text.ts';
import { assertReads, readByAll, readTexts, readWords } from './pdf-reading.ts';
import { drawWithPdfium, readWithPdfium } from './readers/pdfium.reader.ts';
import { readWithPdfJs } from './readers/pdfjs.reader.ts';
import { drawWithPoppler, popplerIsMissing } from './readers/poppler.reader.ts';
import { withoutSpace, wordsIn } from './readers/read-pdf.ts';
import { startRendering } from './rendering.ts';
import { buildLine, buildPage } from './synthetic-pages.ts';

let rendering: Awaited<ReturnType<typeof startRendering>>;
before(async () => {
  rendering = await startRendering();
});
after(() => rendering.stop());

test('every reader finds every word in order where it was detected, on pages of different sizes, and outline entries lead to their pages', async (t) => {
  const sizes = [
    [1240, 1754],
    [463, 605],
    [1527, 1080],
    [900, 3100],
    [4961, 7016],
    [333, 333],
    [1080, 1527],
  ] as const;
  const pages = await Promise.all(sizes.map(([width, height], shade) => buildPage({ width, height, shade })));
  const pdf = await rendering.renderPages(pages, { title: 'Büro <b>&amp;</b> "2026"', language: 'de-CH' });
  for (const reading of await readByAll(t, pdf.path)) {
    assertReads(reading, pages, 0.002);
    sizes.forEach(([width, height], index) => {
      const box = reading.pages[index] ?? { width: 0, height: 0 };
      const ratio = (box.width / box.height) * (height / width);
      assert.ok(Math.abs(ratio - 1) < 0.005, `${box.width} x ${box.height}`);
      assert.ok(Math.max(box.width, box.height) < 843);
    });
  }
  for (const read of [await readWithPdfium(pdf.path), await readWithPdfJs(pdf.path)]) {
    assert.deepEqual(
      read.outline,
      sizes.map((_, index) => ({ title: `Page ${index + 1}`, page: index + 1 })),
    );
    assert.equal(read.title, 'Büro <b>&amp;</b> "2026"');
    assert.equal(read.isTagged, true);
  }
  assert.equal((await readWithPdfJs(pdf.path)).language, 'de-CH');
  assert.match(await readFile(pdf.path, 'latin1'), /\/DisplayDocTitle true/);
});

test('corrected words lie where the words lay that they replace, also on a tilted page', async (t) => {
  for (const degrees of [0, 4, 90]) {
    const page = await buildPage({
      width: 1240,
      height: 1754,
      degrees,
      texts: ['Tota1 12 ,50 EUR', 'Ka ffee, groß 3,80 x'],
    });
    const [total, coffee] = page.lines.map(({ words }) => words.map(({ polygon }) => polygon));
    const lines = applyCorrections(page, { 'line-0': 'Total 12,50 EUR', 'line-1': 'Kaffee, groß 3,80' });
    const printed = lines.map((line) => ({ ...line, text: line.corrected ?? line.text }));
    const pdf = await rendering.renderPages([{ ...page, lines: printed }]);
    for (const reading of await readByAll(t, pdf.path)) assertReads(reading, [{ lines: printed }], 0.01);
    const read = (await readWords(pdf.path)).flat();
    for (const [text, from, to] of [
      ['Total', total?.[0], total?.[0]],
      ['12,50', total?.[1], total?.[2]],
      ['Kaffee,', coffee?.[0], coffee?.[1]],
      ['3,80', coffee?.[3], coffee?.[3]],
    ] as const) {
      const [start, end] = [from?.[0], to?.[2]];
      const found = read.find((word) => word.text === text);
      const off = Math.hypot(
        (found?.x ?? 9) - ((start?.x ?? 0) + (end?.x ?? 0)) / 2,
        (found?.y ?? 9) - ((start?.y ?? 0) + (end?.y ?? 0)) / 2,
      );
      assert.ok(off < 0.01, `${text} at ${degrees} degrees lies ${off} off`);
    }
  }
});

test('nothing of the text is seen in any viewer: the scan covers its page to the edges', async (t) => {
  // words at the very edges, over the whole page, and beyond it
  const edges = [0, 0.2, 0.4, 0.6, 0.8, 0.98].map((y, index) =>
    buildLine({
      id: `e${index}`,
      text: 'Words from edge to edge of paper',
      x: index % 2 ? 0.35 : -0.02,
      y,
      height: 0.03,
    }),
  );
  const scans = await Promise.all(
    [
      [463, 605],
      [1001, 703],
    ].map(async ([width = 0, height = 0], shade) => ({
      ...(await buildPage({ width, height, shade, texts: [] })),
      lines: edges,
    })),
  );
  const pdf = await rendering.renderPages(scans);
  const drawings = { PDFium: drawWithPdfium, ...(popplerIsMissing ? {} : { poppler: drawWithPoppler }) };
  if (popplerIsMissing) t.diagnostic(`Not drawn by poppler: ${popplerIsMissing}`);
  for (const [viewer, draw] of Object.entries(drawings)) {
    for (const [index, scan] of scans.entries()) {
      const image = await draw(pdf.path, { page: index + 1 });
      const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      const {
        channels: [red],
      } = await sharp(scan.jpeg).stats();
      let different = 0;
      let darker = 0;
      // the last two pixels may lie on the page's very edge: paper may be seen there, text may not
      for (let y = 0; y < info.height; y += 1) {
        for (let x = 0; x < info.width; x += 1) {
          const difference = (data[(y * info.width + x) * 3] ?? 255) - (red?.mean ?? 0);
          if (difference < -2) darker += 1;
          if (difference > 2 && x < info.width - 2 && y < info.height - 2) different += 1;
        }
      }
      assert.deepEqual({ different, darker }, { different: 0, darker: 0 }, `page ${index + 1} in ${viewer}`);
    }
  }
});

test('words are as wide and as high as they were detected', async () => {
  const pages = [await buildPage({ width: 1000, height: 1400 })];
  const pdf = await rendering.renderPages(pages);
  const [read] = await readWords(pdf.path);
  pages[0]?.lines
    .flatMap((line) => line.words)
    .forEach(({ polygon: [topLeft, , bottomRight] }, index) => {
      assert.ok(Math.abs((read?.[index]?.width ?? 0) - (bottomRight.x - topLeft.x)) < 0.001);
      assert.ok(Math.abs((read?.[index]?.height ?? 0) - (bottomRight.y - topLeft.y)) < 0.001);
    });
});

test('words of tilted pages and of pages that lie on their side are where they were detected', async (t) => {
  for (const [degrees, within] of [
    [[5, -5], 0.01],
    [[90, 270], 0.02],
  ] as const) {
    const pages = await Promise.all(
      degrees.map((angle, shade) => buildPage({ width: 1240, height: 1754, degrees: angle, shade })),
    );
    const pdf = await rendering.renderPages(pages);
    for (const reading of await readByAll(t, pdf.path)) assertReads(reading, pages, within);
  }
});

test('every reader gives a page in two columns column by column', async (t) => {
  const page = await buildPage({ width: 1240, height: 1754, texts: [] });
  const lines = [0.05, 0.55].flatMap((x, column) =>
    Array.from({ length: 20 }, (_, row) => {
      const text = `column ${column} row ${row} of a story`;
      const { words, ...line } = buildLine({
        id: `${column}-${row}`,
        text,
        x,
        y: 0.1 + row * 0.03,
        height: 0.02,
      });
      // half as wide: two of them stand beside each other
      const halve = (polygon: Polygon) =>
        polygon.map((point) => ({ ...point, x: x + (point.x - x) * 0.55 })) as Polygon;
      return { ...line, words: words.map((word) => ({ ...word, polygon: halve(word.polygon) })) };
    }),
  );
  const pdf = await rendering.renderPages([{ ...page, lines }]);
  for (const reading of await readByAll(t, pdf.path)) assertReads(reading, [{ lines }]);
});

test('a narrow page with a number beside it is read line by line', async (t) => {
  const page = await buildPage({ width: 1240, height: 1754, texts: [] });
  const lines = Array.from({ length: 24 }, (_, index) =>
    buildLine({ id: `${index}`, text: 'Coffee, tea', x: 0.05, y: 0.05 + index * 0.035, height: 0.03 }),
  );
  lines.push(buildLine({ id: 'number', text: '17', x: 0.9, y: 0.93, height: 0.03 }));
  const pdf = await rendering.renderPages([{ ...page, lines }]);
  for (const reading of await readByAll(t, pdf.path)) {
    assertReads(reading, [{ lines }]);
    const read = reading.pages[0]?.text.split(/\r?\n/).map((line) => line.trim());
    assert.deepEqual(
      read?.filter((line) => line !== ''),
      lines.map((line) => line.text),
      reading.reader,
    );
  }
});

test('fifty pages keep every JPEG as it is and cost at most 80 KB and 150 bytes a word more', async () => {
  const pages = await Promise.all(
    Array.from({ length: 50 }, (_, shade) => buildPage({ width: 620, height: 877, lineCount: 20, shade })),
  );
  const pdf = await rendering.renderPages(pages);
  assert.equal(pdf.pageCount, 50);
  assert.equal(pdf.sizeBytes, (await stat(pdf.path)).size);
  const file = await readFile(pdf.path);
  assert.ok(pages.every((page) => file.includes(page.jpeg)));
  const words = pages.flatMap((page) => page.lines.flatMap((line) => line.words)).length;
  const jpegBytes = pages.reduce((sum, page) => sum + page.jpeg.length, 0);
  assert.ok(
    pdf.sizeBytes - jpegBytes <= 80_000 + 150 * words,
    `${pdf.sizeBytes - jpegBytes} bytes for ${words} words`,
  );
  assert.deepEqual(
    await readTexts(pdf.path),
    pages.map((page) => withoutSpace(page.lines.map((line) => line.text).join(''))),
  );
});

test('uploaded again it gives the scans it was made of, in their own pixels, and says that it had text', async () => {
  const sizes = [
    [619, 1483],
    [532, 1502],
    [463, 605],
    [333, 333],
  ] as const;
  const made = await Promise.all(sizes.map(([width, height], shade) => buildPage({ width, height, shade })));
  const pdf = await rendering.renderPages(made);
  const { pageCount, draw } = await openPdf(pdf.path);
  assert.equal(pageCount, sizes.length);
  for (const [index, [width, height]] of sizes.entries()) {
    const image = join(rendering.directory, `again-${index}.jpg`);
    assert.deepEqual(await draw(index + 1, image), { hadText: true });
    const drawn = await sharp(image).metadata();
    assert.deepEqual([drawn.width, drawn.height], [width, height]);
  }
});

test('a page without text is a page with its image', async () => {
  const pages = [
    await buildPage({ width: 600, height: 800, texts: [] }),
    await buildPage({ width: 600, height: 800 }),
  ];
  const pdf = await rendering.renderPages(pages);
  assert.equal((await readTexts(pdf.path))[0], '');
  const file = await readFile(pdf.path);
  assert.ok(pages.every((page) => file.includes(page.jpeg)));
  const { outline } = await readWithPdfium(pdf.path);
  assert.deepEqual(outline, [
    { title: 'Page 1', page: 1 },
    { title: 'Page 2', page: 2 },
  ]);
});

const scripts = {
  'accents and ligatures': 'naïve Ünïcödé ŁŐŞ office ﬁ ĳ ½ ₹ „quoted“ A\u0308\u0304 e\u0301e',
  'Chinese, Japanese and Korean': '漢字 かな ｶﾞ か\u3099 𠮷野 한국어 \u1112\u1161\u11ab',
  'Indic and south-east Asian': 'हिन्दी रसीद क्षत्रिय ไทย น้ำ ស្ត្រី မြန်မာ',
  'emoji and joiners': '👨‍👩‍👧 👍🏽 🇩🇪 🎉 soft\u00adhyphen zero\u200bwidth',
  'beyond the first plane': '𝒜𝔟𐍈 𠀀 \ue000',
  markup: `<script>alert(1)</script> &amp; "q" 's' ]]> <!-- </b></div></body>`,
};
test('every reader finds every word of every script', async (t) => {
  const pages = await Promise.all(
    Object.values(scripts).map((text) => buildPage({ width: 900, height: 600, texts: [text] })),
  );
  const pdf = await rendering.renderPages(pages);
  for (const { reader, pages: read } of await readByAll(t, pdf.path)) {
    for (const [index, [name, text]] of Object.entries(scripts).entries()) {
      const [found, expected] = [read[index]?.text ?? '', text].map((each) => wordsIn(comparable(each)));
      if (reader === 'pdf.js' && name === 'Indic and south-east Asian') {
        // pdf.js does not know replacement texts: vowel signs come where they are drawn
        assert.deepEqual(lettersOf(found), lettersOf(expected), `${name} as ${reader} reads it`);
      } else assert.deepEqual(found, expected, `${name} as ${reader} reads it`);
    }
  }
});

/** Readers write ligatures as their letters, and some leave joiners out. */
function comparable(text: string): string {
  return text.normalize('NFKC').replace(/[\u00ad\u200b-\u200d]/gu, '');
}

function lettersOf(words: string[] = []): string[] {
  return [...words.join('')].sort();
}

test('right-to-left text is read in its own order', async (t) => {
  const hebrew = ['שלום', 'עולם', 'סה"כ!'];
  const arabic = ['مرحبا', 'بالعالم', '١٢٣'];
  const pages = await Promise.all(
    [hebrew, arabic].map(async (words) => ({
      ...(await buildPage({ width: 900, height: 600, texts: [] })),
      lines: [buildRightToLeftLine(words)],
    })),
  );
  const pdf = await rendering.renderPages(pages);
  for (const { reader, pages: read } of await readByAll(t, pdf.path)) {
    const texts = read.map(({ text }) => withoutSpace(text));
    const expected = [hebrew, arabic].map((words) => words.join(''));
    if (reader === 'PDFium') assert.deepEqual(texts, expected);
    else
      assert.deepEqual(
        texts.map((text) => [...text].sort()),
        expected.map((text) => [...text].sort()),
        reader,
      );
  }
});

/** The first word lies at the right. */
function buildRightToLeftLine(words: string[]): DetectedLine {
  const line = buildLine({ id: 'rtl', text: words.toReversed().join(' '), x: 0.2, y: 0.2, height: 0.05 });
  return { ...line, text: words.join(' '), words: line.words.toReversed() };
}

test('a word on its head is turned', async (t) => {
  const page = await buildPage({ width: 800, height: 800, degrees: 180, texts: ['Reversed'] });
  const pdf = await rendering.renderPages([page]);
  for (const reading of await readByAll(t, pdf.path)) assertReads(reading, [page]);
});

test('controls and halves of characters, which no document can hold, are left out', async () => {
  const pages = [
    await buildPage({
      width: 900,
      height: 600,
      texts: ['nu\u0000l e\u001b[31m \ud800x y\ufffe \u202eab\u202c'],
    }),
  ];
  const pdf = await rendering.renderPages(pages);
  assert.deepEqual(await readTexts(pdf.path), ['nule[31mxyab']);
});

test('a corrected line replaces the detected text and lies on its line', async () => {
  const line = buildLine({ id: 'a', text: 'Tota1 I2,50', x: 0.2, y: 0.2, height: 0.03 });
  const page = await buildPage({ width: 600, height: 800, texts: [] });
  const corrected = { ...line, text: 'Total  EUR 12,50' };
  const pdf = await rendering.renderPages([{ ...page, lines: [corrected] }]);
  const [words] = await readWords(pdf.path);
  assert.deepEqual(
    words?.map((word) => word.text),
    ['Total', 'EUR', '12,50'],
  );
  const [topLeft, topRight] = line.polygon;
  assert.ok(
    words?.every((word) => Math.abs(word.y - 0.215) < 0.001 && word.x > topLeft.x && word.x < topRight.x),
  );
});

test('a word is kept when its polygon is no area or reaches beyond the page', async () => {
  const page = await buildPage({ width: 600, height: 800, texts: ['point beyond'] });
  const [point, beyond] = page.lines[0]?.words ?? [];
  if (point) point.polygon = [0, 0, 0, 0].map(() => ({ x: 0.5, y: 0.5 })) as typeof point.polygon;
  if (beyond) beyond.polygon = beyond.polygon.map(({ y }) => ({ x: 1.4, y })) as typeof beyond.polygon;
  const pdf = await rendering.renderPages([page]);
  assert.deepEqual(await readTexts(pdf.path), ['pointbeyond']);
});

test('a language that is none is no way into the document', () => {
  const html = buildSearchablePdfHtml({ title: 'x', language: 'en"><img src=x>', pages: [] });
  assert.match(html, /<html lang="und">/);
});

test('a PDF that is cut off has no page count', async () => {
  const pages = [await buildPage({ width: 600, height: 800 })];
  const pdf = await rendering.renderPages(pages);
  assert.equal(await countPdfPages(pdf.path), 1);
  await truncate(pdf.path, pdf.sizeBytes - 10);
  assert.equal(await countPdfPages(pdf.path), undefined);
});
