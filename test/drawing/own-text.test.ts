// A PDF page's own text: what is taken from the file, and what is not real and has to be read from the image.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import { createPageDrawer } from '../../src/drawing/page-drawer.ts';
import type { Detection, Polygon } from '../../src/text/detected-text.ts';
import { startRendering } from '../exports/pdf/rendering.ts';
import { buildPdf, type PdfPage } from '../support/documents.ts';
import { ensureFonts } from '../support/fonts.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paperlift-own-text-'));
  await ensureFonts();
});
after(() => rm(folder, { recursive: true, force: true }));

/** The own text of each page, as the worker gets it; `undefined` where the page is to be read from its image. */
async function takeAll(file: Buffer): Promise<(Detection | undefined)[]> {
  const path = join(folder, 'file.pdf');
  await writeFile(path, file);
  const opened = await createPageDrawer().open(path, 'application/pdf');
  try {
    const texts: (Detection | undefined)[] = [];
    for (let number = 1; number <= opened.pageCount; number += 1) {
      const to = join(folder, `${number}.json`);
      const isReal = await opened.takeText(number, to);
      texts.push(isReal ? JSON.parse(await readFile(to, 'utf8')) : undefined);
    }
    return texts;
  } finally {
    await opened.close();
  }
}

const take = async (page: PdfPage) => (await takeAll(await buildPdf([page])))[0];
const linesOf = (text: Detection | undefined) => text?.lines.map((line) => line.text);

/** Text at a place from the bottom left, in points. */
const print = (text: string, x = 20, y = 200, size = 10) => `BT /F ${size} Tf ${x} ${y} Td (${text}) Tj ET `;
const sentence = 'The harbour was quiet since the ferry stopped running';

/** A page's image with this text on it. */
const scanOf = async (text: string, { width = 600, height = 800, size = 60 } = {}) =>
  sharp({ create: { width, height, channels: 3, background: '#fff' } })
    .composite([
      {
        input: { text: { text, width: width - 40, dpi: size, font: 'sans', rgba: true } },
        left: 20,
        top: 20,
      },
    ])
    .jpeg()
    .toBuffer();

function assertAt(polygon: Polygon | undefined, expected: number[], within = 0.012) {
  const found = polygon?.flatMap(({ x, y }) => [x, y]) ?? [];
  assert.equal(found.length, 8);
  for (const [index, place] of expected.entries())
    assert.ok(Math.abs((found[index] ?? 9) - place) < within, `${found.map((each) => each.toFixed(3))}`);
}

describe('a page’s own text', () => {
  test('is taken with its lines, words and places, and without doubt', async () => {
    const text = await take({ content: print('Total due', 30, 300) + print('12.50 EUR', 150, 100) });
    assert.deepEqual(linesOf(text), ['Total due', '12.50 EUR']);
    assert.deepEqual(
      text?.lines.map((line) => line.words.map(({ text: word, confidence }) => [word, confidence])),
      [
        [
          ['Total', 100],
          ['due', 100],
        ],
        [
          ['12.50', 100],
          ['EUR', 100],
        ],
      ],
    );
    // from the baseline at 300 of 400 points: 10 points of print; "Total" is 22 points wide
    const [left, right, top, bottom] = [30 / 300, 52 / 300, 1 - 307.5 / 400, 1 - 297.8 / 400];
    assertAt(text?.lines[0]?.words[0]?.polygon, [left, top, right, top, right, bottom, left, bottom]);
  });

  test('lies where the page shows it: turned, cropped, and in larger units', async () => {
    const content = print('Total due', 30, 300);
    const plain = (await take({ content }))?.lines[0]?.polygon as Polygon;
    const turnedContent = `q 0 1 -1 0 300 0 cm ${print('Total due', 30, 220)} Q`;
    const cases: [PdfPage, number[]][] = [
      [{ content, rotate: 90 }, plain.flatMap(({ x, y }) => [1 - y, x])],
      [{ content, rotate: 180 }, plain.flatMap(({ x, y }) => [1 - x, 1 - y])],
      [{ content, rotate: 270 }, plain.flatMap(({ x, y }) => [y, 1 - x])],
      [
        { content, mediaBox: '[0 0 300 400]/CropBox[0 200 150 400]' },
        plain.flatMap(({ x, y }) => [2 * x, 2 * y]),
      ],
      [{ content, mediaBox: '[0 0 300 400]/UserUnit 2' }, plain.flatMap(({ x, y }) => [x, y])],
      // printed upwards on a page that is turned back
      [{ content: turnedContent, rotate: 90 }, [30 / 400, 72.5 / 300]],
    ];
    for (const [page, expected] of cases) {
      const text = await take(page);
      assert.deepEqual(linesOf(text), ['Total due'], JSON.stringify(page));
      assertAt(text?.lines[0]?.polygon, expected);
    }
  });

  test('has turned polygons where it is printed at an angle', async () => {
    const [cos, sin] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
    const content = `BT /F 20 Tf ${cos} ${sin} ${-sin} ${cos} 100 100 Tm (Draft copy) Tj ET ${print(sentence)}`;
    const line = (await take({ content }))?.lines.find(({ text }) => text === 'Draft copy');
    const [topLeft, topRight] = line?.polygon ?? [];
    assert.ok(topLeft && topRight);
    const angle = Math.atan2((topLeft.y - topRight.y) * 400, (topRight.x - topLeft.x) * 300);
    assert.ok(Math.abs(angle - Math.PI / 6) < 0.01, `${angle}`);
  });

  test('is read column by column, and the cells of a row from left to right', async () => {
    const column = (x: number, name: string) =>
      Array.from({ length: 8 }, (_, row) =>
        print(`${name} ${row} runs along its column`, x, 380 - row * 14, 8),
      ).join('');
    const columns = await take({ content: column(20, 'Left') + column(160, 'Right') });
    assert.deepEqual(
      linesOf(columns)?.map((line) => line.slice(0, 6).trim()),
      [
        ...Array.from({ length: 8 }, (_, row) => `Left ${row}`),
        ...Array.from({ length: 8 }, (_, row) => `Right ${row}`.slice(0, 6).trim()),
      ],
    );
    const cells = ['Amount', '3', 'Item', 'Bread'].map((cell, index) =>
      print(cell, index % 2 === 0 ? 200 : 20, index < 2 ? 300 : 280),
    );
    const table = await take({ content: cells.toReversed().join('') });
    assert.deepEqual(linesOf(table), ['3', 'Amount', 'Bread', 'Item']);
  });

  test('of every script has every character, in logical order, for what a browser prints', async () => {
    const paragraphs = [
      'The office of the chief affiliate – “fine flow”, 12½ % of €30.',
      'Straße, Übergröße, łódź, naïve façade, Ærø',
      'Ελληνικά και кириллица',
      'שלום עולם 123',
    ];
    const rendering = await startRendering();
    try {
      const html = `<!doctype html><body style="font: 16px sans-serif; font-variant-ligatures: common-ligatures">${paragraphs.map((each) => `<p>${each}</p>`).join('')}<p style="width: 12em; hyphens: manual">Donau&shy;dampfschifffahrts&shy;gesellschaft</p></body>`;
      const pdf = await rendering.render({ html });
      const [text] = await takeAll(await readFile(pdf.path));
      const lines = linesOf(text) ?? [];
      assert.deepEqual(lines.slice(0, 4), paragraphs);
      // Chrome prints U+002D where the font lacks U+2010.
      assert.match(lines.slice(4).join(''), /^Donaudampfschifffahrts[‐-]gesellschaft$/, 'as it shows');
    } finally {
      await rendering.stop();
    }
  });

  test('may have a small logo beside it', async () => {
    const logo = await scanOf('Harbour Ltd', { width: 120, height: 40, size: 40 });
    const text = await take({ content: `q 60 0 0 20 20 370 cm /I0 Do Q ${print(sentence)}`, images: [logo] });
    assert.deepEqual(linesOf(text), [sentence]);
  });

  test('may be light grey, have dotted lines, and one character in hundreds that names nothing', async () => {
    assert.deepEqual(linesOf(await take({ content: `0.9 g ${print(sentence)}` })), [sentence]);
    const dotted = `Arrival ${'.'.repeat(60)} 7`;
    assert.deepEqual(linesOf(await take({ content: print(dotted) })), [dotted]);
    const rows = [0, 1, 2, 3].map((row) =>
      print(row === 3 ? `${sentence}\\001` : sentence, 20, 200 - 14 * row),
    );
    assert.equal(linesOf(await take({ content: rows.join('') }))?.length, 4);
  });

  test('may lie over a picture and be light on dark', async () => {
    const content = `0.1 0.1 0.4 rg 0 150 300 100 re f 1 1 1 rg ${print(sentence)}`;
    assert.deepEqual(linesOf(await take({ content })), [sentence]);
  });
});

describe('a page is read from its image', () => {
  const cases: Record<string, () => Promise<PdfPage> | PdfPage> = {
    'when its text is an invisible layer over a scan': async () => ({
      image: await scanOf(sentence),
      text: 'Read by another',
      isTextInvisible: true,
    }),
    'when its text lies behind a scan': async () => ({
      content: `${print(sentence)} q 300 0 0 400 0 0 cm /I0 Do Q`,
      images: [await scanOf(sentence)],
    }),
    'when its text is white on white': () => ({ content: `1 1 1 rg ${print(sentence)}` }),
    'when a part of its text is white on white': () => ({
      content: `${print(sentence)} 1 1 1 rg ${print('ignore all of this', 20, 100)}`,
    }),
    'when its text is nearly white': () => ({ content: `0.99 g ${print(sentence)}` }),
    'when other text lies over it, painted invisibly': () => ({
      content: `${print(sentence)} 3 Tr ${print('Something else that searches would find')}`,
    }),
    'when some of its characters name nothing': () => ({ content: print(`${sentence}\\001 quietly\\002`) }),
    'when a picture of some size shows a few words': async () => ({
      content: `${print(sentence)} q 120 0 0 60 20 300 cm /I0 Do Q`,
      images: [await scanOf('Harbour Ltd', { width: 400, height: 200, size: 200 })],
    }),
    'when its text is clipped away': () => ({ content: `0 0 10 10 re W n ${print(sentence)}` }),
    'when its text lies off the page': () => ({ content: print(sentence, 20, 500) }),
    'when its text lies outside of what is cropped': () => ({
      content: print(sentence, 20, 300),
      mediaBox: '[0 0 300 400]/CropBox[0 0 300 200]',
    }),
    'when a scan takes a part of it': async () => ({
      content: `${print(sentence, 20, 380)} q 260 0 0 200 20 100 cm /I0 Do Q`,
      images: [await scanOf(`${sentence}. ${sentence}.`, { width: 780, height: 600, size: 110 })],
    }),
    'when a font names none of its characters': () => ({
      content: print('\\001\\002\\003\\004\\005 \\006\\007'),
    }),
    'when a font names others than it shows: sequences of codes': () => ({
      content: print('!"#$%&\'*+ ,-./0 12 34 !"# $%&'),
    }),
    'when a font names others than it shows: letters moved along the alphabet': () => ({
      content: print('7KH KDUERXU ZDV TXLHW VLQFH WKH IHUUB VWRSSHG UXQQLQJ', 20, 200, 6),
    }),
    'when a rectangle hides a word': () => ({
      content: `${print(`${sentence} secret`, 20, 200, 8)} 0 0 0 rg 210 195 60 14 re f`,
    }),
    'when it has more text than any page that people read': () => ({
      content: print('many words '.repeat(95_000)),
    }),
    'when it has no text at all': async () => ({ image: await scanOf(sentence) }),
  };
  for (const [name, build] of Object.entries(cases)) {
    test(name, async () => assert.equal(await take(await build()), undefined));
  }

  test('and the pages beside it in the same file are not', async () => {
    const texts = await takeAll(
      await buildPdf([
        { content: print(sentence) },
        { image: await scanOf(sentence), text: 'Read by another', isTextInvisible: true },
        { content: print(sentence) },
      ]),
    );
    assert.deepEqual(texts.map(linesOf), [[sentence], undefined, [sentence]]);
  });
});
