// What every LineReader promises, whichever engine is behind it.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import sharp from 'sharp';
import { lineHeight, type RgbImage } from '../../../../src/local/textract/engine/image.ts';
import { findPrint } from '../../../../src/local/textract/engine/line-ink.ts';
import type { LineReader } from '../../../../src/local/textract/engine/line-reader.ts';
import { findModels } from '../../../../src/local/textract/engine/models.ts';
import { createPaddleLineReader } from '../../../../src/local/textract/engine/paddle-line-reader.ts';
import { loadRuntime } from '../../../../src/local/textract/engine/runtime.ts';
import { createTesseractLineReader } from '../../../../src/local/textract/engine/tesseract-line-reader.ts';
import { gatherLanguages } from '../../../../src/local/textract/language-data.ts';
import { buildPrintedPage } from '../printed-page.ts';

const paddle = async (choice: 'native' | 'portable') =>
  createPaddleLineReader({ runtime: await loadRuntime(choice), models: findModels(), wants: () => true });

const readers: Record<string, () => Promise<LineReader>> = {
  'PP-OCR, native': () => paddle('native'),
  'PP-OCR, portable': () => paddle('portable'),
  Tesseract: async () => {
    const data = await gatherLanguages(['eng']);
    return createTesseractLineReader({ languages: ['eng'], dataPath: data.path });
  },
};

/** A line of that width; `x` is where its print begins. */
async function buildLine(text: string, { x = 20, width = 480 } = {}): Promise<RgbImage> {
  const data = await buildPrintedPage({ lines: [{ text, x, y: 134 }], fontSize: 30 })
    .extract({ left: 0, top: 100, width, height: lineHeight })
    .removeAlpha()
    .raw()
    .toBuffer();
  return { data, width, height: lineHeight };
}

for (const [name, create] of Object.entries(readers)) {
  describe(name, async () => {
    const reader = await create();
    after(() => reader.close());
    const textsOf = async (line: RgbImage) => (await reader.read(line)).map(({ text }) => text);

    test('words come in reading order, each with a confidence from 0 to 100', async () => {
      const words = await reader.read(await buildLine('Invoice 4711 is paid'));
      assert.deepEqual(
        words.map(({ text }) => text),
        ['Invoice', '4711', 'is', 'paid'],
      );
      for (const { confidence } of words) assert.ok(confidence > 50 && confidence <= 100);
    });

    test('words begin and end where their ink does', async () => {
      const [first, second] = await reader.read(await buildLine('Total due', { x: 100 }));
      assert.ok(first && second);
      assert.ok(Math.abs(first.from - 100) <= 6, `it begins at ${first.from}`);
      assert.ok(first.to < second.from && second.from - first.to < 20, `${first.to} to ${second.from}`);
      assert.ok(second.to < 260, `it ends at ${second.to}`);
    });

    test('paper without print has no words', async () => {
      assert.deepEqual(await textsOf(await buildLine('')), []);
    });

    test('a line no wider than a letter is read', async () => {
      assert.deepEqual(await textsOf(await buildLine('7', { x: 8, width: 40 })), ['7']);
    });
  });
}

test('condensed print keeps its double letters, and its words their places', async (t) => {
  const reader = await paddle('native');
  t.after(() => reader.close());
  const line = await buildLine('Committee coffee 7700 bookkeeping', { width: 680 });
  const data = await sharp(line.data, { raw: { width: line.width, height: line.height, channels: 3 } })
    .resize({ width: 400, height: lineHeight, fit: 'fill' })
    .raw()
    .toBuffer();
  const words = await reader.read({ data, width: 400, height: lineHeight });
  assert.deepEqual(
    words.map(({ text }) => text),
    ['Committee', 'coffee', '7700', 'bookkeeping'],
  );
  const { ink } = findPrint({ data, width: 400, height: lineHeight });
  assert.ok(Math.abs((words[0]?.from ?? 0) - ink.findIndex(Boolean)) <= 4);
  assert.ok(Math.abs((words[3]?.to ?? 0) - ink.findLastIndex(Boolean)) <= 4);
});
