// What images cost to decode: refused by name at upload. `decoding-memory.soak.ts` measures it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JpegOptions } from 'sharp';
import { estimatePreparing, type UnusableImageError } from '../../src/detection/page-image.ts';
import { isPaperliftError } from '../../src/errors.ts';
import { estimateTiffPage, type ImageHeader, largestReadable } from '../../src/files/decoding-cost.ts';
import { createFileInspector } from '../../src/files/file-inspector.ts';
import { noise, pngHeader } from '../support/odd-images.ts';

function refusalOf(file: Buffer, type: string): { code: string; message: string } | undefined {
  try {
    createFileInspector(type).push(file);
    return undefined;
  } catch (error) {
    assert.ok(isPaperliftError(error), String(error));
    return error;
  }
}

/** The JPEG's header with another size; its data stay as they are, for nobody decodes them. */
function withSize(jpeg: Buffer, width: number, height: number): Buffer {
  const resized = Buffer.from(jpeg);
  const frame = [0xffc0, 0xffc2]
    .map((marker) => resized.indexOf(Buffer.from([marker >> 8, marker & 0xff])))
    .find((at) => at > 0);
  assert.ok(frame);
  resized.writeUInt16BE(height, frame + 5);
  resized.writeUInt16BE(width, frame + 7);
  return resized;
}

/** Makes of one scan three, as its header says: only the header is read. */
function inSeveralScans(jpeg: Buffer): Buffer {
  const changed = Buffer.from(jpeg);
  const scan = changed.indexOf(Buffer.from([0xff, 0xda]));
  changed[scan + 4] = 1;
  return changed;
}

const image = noise(64, 48);
const full = { chromaSubsampling: '4:4:4' } as const;
const jpegOf = (options: JpegOptions) => image.clone().jpeg(options).toBuffer();
const cmykOf = (options: JpegOptions) =>
  image
    .clone()
    .toColourspace('cmyk')
    .jpeg({ ...full, ...options })
    .toBuffer();

test('such an image that was accepted before there was a limit fails in the worker, before it is decoded', async () => {
  const image = withSize(await jpegOf({ ...full, progressive: true }), 10_000, 10_000);
  await assert.rejects(estimatePreparing(image, 0), ({ failure }: UnusableImageError) => {
    assert.equal(failure.code, 'image-too-costly');
    assert.match(failure.message, /This is a progressive JPEG, and opening it takes too much memory\./);
    return true;
  });
});

describe('an image that takes more memory to decode than its pixels say is refused by its kind', () => {
  const jpeg = 'image/jpeg';
  const png = 'image/png';
  const kinds: [name: string, type: string, make: () => Promise<Buffer> | Buffer, most: RegExp][] = [
    [
      'a progressive JPEG',
      jpeg,
      async () => withSize(await jpegOf({ ...full, progressive: true }), 10_000, 10_000),
      /67 million/,
    ],
    [
      'a progressive CMYK JPEG',
      jpeg,
      async () => withSize(await cmykOf({ progressive: true }), 10_000, 10_000),
      /51 million/,
    ],
    [
      'a JPEG in several scans',
      jpeg,
      async () => inSeveralScans(withSize(await jpegOf(full), 10_000, 10_000)),
      /67 million/,
    ],
    ['a 16-bit PNG', png, () => pngHeader(10_000, 10_000, { bitDepth: 16, colourType: 6 }), /75 million/],
    [
      'an interlaced 16-bit PNG',
      png,
      () => pngHeader(10_000, 10_000, { bitDepth: 16, colourType: 6, isInterlaced: true }),
      /38 million/,
    ],
    [
      'an interlaced PNG',
      png,
      () => pngHeader(10_000, 10_000, { bitDepth: 8, colourType: 6, isInterlaced: true }),
      /75 million/,
    ],
    ['a WebP image', 'image/webp', () => webpHeader(10_000, 10_000), /49 million/],
  ];
  for (const [name, type, make, most] of kinds) {
    test(name, async () => {
      const refusal = refusalOf(await make(), type);
      assert.equal(refusal?.code, 'image-too-costly');
      assert.match(refusal?.message ?? '', new RegExp(`This is ${name} of 10,000 × 10,000 pixels`));
      assert.match(refusal?.message ?? '', most);
    });
  }

  for (const [name, type, make] of [
    ['a JPEG of 100 megapixels', jpeg, async () => withSize(await jpegOf({}), 10_000, 10_000)],
    ['a CMYK JPEG of 100 megapixels', jpeg, async () => withSize(await cmykOf({}), 10_000, 10_000)],
    [
      'a progressive JPEG of 67 megapixels',
      jpeg,
      async () => withSize(await jpegOf({ ...full, progressive: true }), 10_000, 6700),
    ],
    ['a PNG of 100 megapixels', png, () => pngHeader(10_000, 10_000, { bitDepth: 8, colourType: 6 })],
  ] as [string, string, () => Promise<Buffer> | Buffer][]) {
    test(`${name} is not`, async () => assert.equal(refusalOf(await make(), type), undefined));
  }

  test('a second frame header, behind which a large first one could hide', async () => {
    const large = withSize(await jpegOf({ progressive: true }), 10_000, 10_000);
    const small = await jpegOf({});
    const [start, scan] = [
      small.indexOf(Buffer.from([0xff, 0xc0])),
      small.indexOf(Buffer.from([0xff, 0xda])),
    ];
    const at = large.indexOf(Buffer.from([0xff, 0xda]));
    const both = Buffer.concat([large.subarray(0, at), small.subarray(start, scan), small.subarray(scan)]);
    assert.equal(refusalOf(both, jpeg)?.code, 'file-damaged');
  });
});

test('a phone’s photos of 50 megapixels are accepted in every format that phones write', () => {
  const most = (header: object) => largestReadable({ width: 1, height: 1, ...header } as ImageHeader);
  assert.ok(most({ kind: 'heic' }) > 50_000_000);
  assert.ok(most({ kind: 'jpeg', components: 3, samples: 3, scans: 'progressive' }) > 50_000_000);
});

test('a TIFF page costs its turned picture and its largest strip', () => {
  const page = {
    width: 10_000,
    height: 10_000,
    channels: 3,
    bitDepth: 8,
    pixelsAtOnce: 10_000,
    isTurned: false,
  };
  assert.ok(estimateTiffPage(page) < 200_000_000);
  assert.ok(estimateTiffPage({ ...page, isTurned: true }) > 400_000_000);
  assert.ok(estimateTiffPage({ ...page, pixelsAtOnce: 100_000_000 }) > 1_000_000_000);
});

/** RIFF, VP8X with alpha, and the size of its canvas. */
function webpHeader(width: number, height: number): Buffer {
  const file = Buffer.alloc(64);
  file.write('RIFF', 0);
  file.writeUInt32LE(1_000_000, 4);
  file.write('WEBPVP8X', 8);
  file.writeUInt32LE(10, 16);
  file[20] = 0x10;
  file.writeUIntLE(width - 1, 24, 3);
  file.writeUIntLE(height - 1, 27, 3);
  return file;
}
