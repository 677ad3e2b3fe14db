import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { preparePage } from '../../../src/local/textract/page-preparation.ts';
import { buildLines, buildPrintedPage } from './printed-page.ts';

test('a picture of carpet is made small, so that it cannot hold Tesseract up for minutes', async () => {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 60 };
  const carpet = sharp({ create: { width: 900, height: 900, channels: 3, background: '#888', noise } });
  const { width, height } = await preparePage(await carpet.jpeg().toBuffer());
  assert.ok(width * height <= 260_000, `${width} by ${height}`);
});

test('small pages are enlarged and large ones reduced, close print alike', async () => {
  const page = await buildPrintedPage({ lines: buildLines(16), fontSize: 28 })
    .png()
    .toBuffer();
  const pixels = async (side: number) => {
    const { width, height } = await preparePage(await sharp(page).resize(side).png().toBuffer());
    return width * height;
  };
  assert.ok((await pixels(700)) > 2_000_000);
  assert.ok((await pixels(5000)) <= 4_010_000);
});
