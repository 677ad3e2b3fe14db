import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import sharp from 'sharp';
import { preparePageImage } from '../../src/detection/page-image.ts';
import { noise } from '../support/odd-images.ts';

test('what would be larger than Textract takes becomes smaller, and says its new size', async () => {
  const file = await noise(5000, 4500).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer();
  assert.ok(file.length > 20 * 1024 * 1024);
  const { image, width, height } = await preparePageImage(Readable.from([file], { objectMode: false }), 0);
  assert.ok(image.length <= 10 * 1024 * 1024, `${image.length} bytes`);
  const actual = await sharp(image).metadata();
  assert.deepEqual([actual.width, actual.height], [width, height]);
  assert.ok(Math.abs(width / height - 5000 / 4500) < 0.001);
});
