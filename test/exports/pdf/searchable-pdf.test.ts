import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { countPdfPages } from '../../../src/exports/pdf/pdf-page-count.ts';
import { buildSearchablePdfHtml } from '../../../src/exports/pdf/searchable-pdf.html.ts';
import { applyCorrections } from '../../../src/pages/corrections.ts';
import { openPdf } from '../../../src/splitting/pdf.drawable.ts';
import {
  countJpegs,
  readOutline,
  readPageSizes,
  readPicture,
  readProperties,
  readTexts,
  readWords,
  withoutSpace,
} from './pdf-reading.ts';
import { startRendering } from './rendering.ts';
import { buildLine, buildPage, type SyntheticPage } from './synthetic-pages.ts';

let rendering: Awaited<ReturnType<typeof startRendering>>;
before(async () => {
  rendering = await startRendering();
});
after(() => rendering.stop());

/** Distances between where the PDF has each word and where it was detected, in fractions of the page, sorted. */
async function measureDistances(path: string, pages: SyntheticPage[]): Promise<number[]> {
  const read = await readWords(path);
  const distances = pages.flatMap((page, index) => {
    const left = [...(read[index] ?? [])];
    const words = page.lines.flatMap((line) => line.words);
    assert.deepEqual(left.map((word) => word.text).sort(), words.map((word) => word.text).sort());
    return words.map(({ text, polygon }) => {
      const x = polygon.reduce((sum, point) => sum + point.x / 4, 0);
      const y = polygon.reduce((sum, point) => sum + point.y / 4, 0);
      const far = (word: { x: number; y: number }) => Math.hypot(word.x - x, word.y - y);
      const [nearest] = left.filter((word) => word.text === text).sort((one, other) => far(one) - far(other));
      if (nearest) left.splice(left.indexOf(nearest), 1);
      return nearest ? far(nearest) : Number.POSITIVE_INFINITY;
    });
  });
  return distances.sort((a, b) => a - b);
}

function percentile(sorted: number[], share: number): number {
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
}

test('words lie where they were detected, on pages of different sizes in one document', async () => {
  const sizes = [
    [1240, 1754],
    [463, 605],
    [1527, 1080],
    [900, 3100],
    [4961, 7016],
    [333, 333],
  ] as const;
  const pages = await Promise.all(sizes.map(([width, height], shade) => buildPage({ width, height, shade })));
  const pdf = await rendering.renderPages(pages);
  const distances = await measureDistances(pdf.path, pages);
  assert.ok(percentile(distances, 0.5) <= 0.001, `median ${percentile(distances, 0.5)}`);
  assert.ok(percentile(distances, 0.95) <= 0.005, `95th percentile ${percentile(distances, 0.95)}`);
  const boxes = await readPageSizes(pdf.path);
  sizes.forEach(([width, height], index) => {
    const box = boxes[index] ?? { width: 0, height: 0 };
    assert.ok(
      Math.abs((box.width / box.height) * (height / width) - 1) < 0.005,
      `${box.width} x ${box.height}`,
    );
    assert.ok(Math.max(box.width, box.height) < 843);
  });
});

test('corrected words lie where the words lay that they replace, also on a tilted page', async () => {
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
    const distances = await measureDistances(pdf.path, [{ ...page, lines: printed }]);
    assert.ok((distances.at(-1) ?? 1) < 0.01, `${degrees} degrees: ${distances.at(-1)}`);
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

test('the scan covers its page to the edges', async () => {
  const pdf = await rendering.renderPages([await buildPage({ width: 463, height: 605, shade: 0 })]);
  const image = await readPicture(pdf.path);
  const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const redOf = (x: number, y: number) => data[(y * info.width + x) * 3] ?? 255;
  // The last pixel or two may lie on the page's very edge.
  const [right, bottom] = [info.width - 3, info.height - 3];
  assert.deepEqual([redOf(0, 0), redOf(right, 0), redOf(0, bottom), redOf(right, bottom)], [0, 0, 0, 0]);
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

test('words of a page tilted by 5 degrees lie along their own polygons', async () => {
  const pages = [
    await buildPage({ width: 1240, height: 1754, degrees: 5 }),
    await buildPage({ width: 1240, height: 1754, degrees: -5, shade: 9 }),
  ];
  const pdf = await rendering.renderPages(pages);
  const distances = await measureDistances(pdf.path, pages);
  assert.ok(percentile(distances, 0.95) <= 0.01, `95th percentile ${percentile(distances, 0.95)}`);
});

test('fifty pages keep every JPEG as it is and cost at most 80 KB and 150 bytes a word more', async () => {
  const pages = await Promise.all(
    Array.from({ length: 50 }, (_, shade) => buildPage({ width: 620, height: 877, lineCount: 20, shade })),
  );
  const pdf = await rendering.renderPages(pages);
  assert.equal(pdf.pageCount, 50);
  assert.equal(pdf.sizeBytes, (await stat(pdf.path)).size);
  assert.equal(await countJpegs(pdf.path), 50);
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

test('title, language and an entry a page in the outline are set', async () => {
  const pages = [await buildPage({ width: 600, height: 800 }), await buildPage({ width: 800, height: 600 })];
  const pdf = await rendering.renderPages(pages, { title: 'Büro <b>&amp;</b> "2026"', language: 'de-CH' });
  const properties = await readProperties(pdf.path);
  assert.equal(properties.Title, 'Büro <b>&amp;</b> "2026"');
  assert.equal(properties.Tagged, 'yes');
  const { titles, catalog } = await readOutline(pdf.path);
  assert.deepEqual(titles, ['Page 1', 'Page 2']);
  assert.match(catalog, /\/Lang \(de-CH\)/);
  assert.match(catalog, /\/DisplayDocTitle true/);
});

test('a page without text is a page with its image', async () => {
  const pages = [
    await buildPage({ width: 600, height: 800, texts: [] }),
    await buildPage({ width: 600, height: 800 }),
  ];
  const pdf = await rendering.renderPages(pages);
  assert.equal((await readTexts(pdf.path))[0], '');
  assert.equal(await countJpegs(pdf.path), 2);
  assert.deepEqual((await readOutline(pdf.path)).titles, ['Page 1', 'Page 2']);
});

const scripts = {
  'accents and ligatures': 'naïve Ünïcödé ŁŐŞ office ﬁ ĳ ½ ₹ „quoted“ A\u0308\u0304 e\u0301e',
  'Chinese, Japanese and Korean': '漢字 かな ｶﾞ か\u3099 𠮷野 한국어 \u1112\u1161\u11ab',
  'Indic and south-east Asian': 'हिन्दी रसीद क्षत्रिय ไทย น้ำ ស្ត្រី မြန်မာ',
  'emoji and joiners': '👨‍👩‍👧 👍🏽 🇩🇪 🎉 soft\u00adhyphen zero\u200bwidth',
  'beyond the first plane': '𝒜𝔟𐍈 𠀀 \ue000',
  markup: `<script>alert(1)</script> &amp; "q" 's' ]]> <!-- </b></div></body>`,
};
for (const [name, text] of Object.entries(scripts)) {
  test(`the PDF's text is the page's text: ${name}`, async () => {
    const pages = [await buildPage({ width: 900, height: 600, texts: [text] })];
    const pdf = await rendering.renderPages(pages);
    assert.deepEqual(await readTexts(pdf.path), [withoutSpace(text)]);
    assert.deepEqual(
      (await readWords(pdf.path))[0]?.map((word) => word.text),
      text.split(' '),
    );
  });
}

test('right-to-left text is read in its own order', async () => {
  const texts = ['שלום', 'עולם', 'مرحبا', 'بالعالم', '١٢٣', 'می\u200cخواهم', 'סה"כ!'];
  const pages = [await buildPage({ width: 900, height: 600, texts })];
  const pdf = await rendering.renderPages(pages);
  const [text = ''] = await readTexts(pdf.path);
  assert.ok(text.startsWith(texts.slice(0, 5).join('')), text);
  assert.deepEqual([...text].sort(), [...texts.join('')].sort());
});

test('a word that stands upright or on its head is turned', async () => {
  const upright = await buildPage({ width: 800, height: 800, degrees: 90, texts: ['Vertical'] });
  const onItsHead = await buildPage({ width: 800, height: 800, degrees: 180, texts: ['Reversed'], shade: 1 });
  const pdf = await rendering.renderPages([upright, onItsHead]);
  const distances = await measureDistances(pdf.path, [upright, onItsHead]);
  assert.ok(percentile(distances, 1) < 0.005, `${distances}`);
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
  const { truncate } = await import('node:fs/promises');
  await truncate(pdf.path, pdf.sizeBytes - 10);
  assert.equal(await countPdfPages(pdf.path), undefined);
});
