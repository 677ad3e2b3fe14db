import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { describe, test } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { preparePageImage, UnusableImageError } from '../../src/detection/page-image.ts';
import { noise } from '../support/odd-images.ts';

const streamOf = (file: Buffer) =>
  Readable.from([file.subarray(0, 1000), file.subarray(1000)], { objectMode: false });

/** 60 × 40: a red corner at the top left, a blue one at the top right. */
const drawn = sharp({ create: { width: 60, height: 40, channels: 3, background: '#fff' } }).composite([
  { input: { create: { width: 20, height: 20, channels: 3, background: '#f00' } }, left: 0, top: 0 },
  { input: { create: { width: 20, height: 20, channels: 3, background: '#00f' } }, left: 40, top: 0 },
]);

const marked = sharp(await drawn.png().toBuffer());

async function colourAt(image: Buffer, x: number, y: number): Promise<'red' | 'blue' | 'white' | 'other'> {
  const { data, info } = await sharp(image).raw().toBuffer({ resolveWithObject: true });
  const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels;
  const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
  if (red > 220 && green > 220 && blue > 220) return 'white';
  if (red > 200 && green < 90 && blue < 90) return 'red';
  if (blue > 200 && red < 90 && green < 90) return 'blue';
  return 'other';
}

const corners = async (image: Buffer) =>
  Promise.all([
    colourAt(image, 0.1, 0.1),
    colourAt(image, 0.9, 0.1),
    colourAt(image, 0.9, 0.9),
    colourAt(image, 0.1, 0.9),
  ]);

/** How a camera stores an upright picture for each EXIF orientation: the inverse of what a viewer must do. */
const stored: Record<number, (image: Sharp) => Sharp> = {
  1: (image) => image,
  2: (image) => image.flop(),
  3: (image) => image.rotate(180),
  4: (image) => image.flip(),
  5: (image) => image.flop().rotate(270), // sharp flops first, whatever the order here
  6: (image) => image.rotate(270),
  7: (image) => image.flop().rotate(90),
  8: (image) => image.rotate(90),
};

describe('a page is upright', () => {
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    test(`by EXIF orientation ${orientation}`, async () => {
      const upright = await marked.clone().png().toBuffer();
      const turned = await (stored[orientation] as (image: Sharp) => Sharp)(sharp(upright)).png().toBuffer();
      const file = await sharp(turned).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
      assert.equal((await sharp(file).metadata()).orientation, orientation);
      const prepared = await preparePageImage(streamOf(file), 0);
      assert.deepEqual([prepared.width, prepared.height], [60, 40]);
      assert.deepEqual(await corners(prepared.image), ['red', 'blue', 'white', 'white']);
      const again = await sharp(prepared.image).metadata();
      assert.deepEqual([again.width, again.height, again.orientation], [60, 40, undefined]);
    });
  }

  test('and turned as a person turned it, on top of that', async () => {
    const file = await sharp(await marked.clone().rotate(270).png().toBuffer())
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 95 })
      .toBuffer();
    for (const [rotation, expected, size] of [
      [90, ['white', 'red', 'blue', 'white'], [40, 60]],
      [180, ['white', 'white', 'red', 'blue'], [60, 40]],
      [270, ['blue', 'white', 'white', 'red'], [40, 60]],
    ] as const) {
      const prepared = await preparePageImage(streamOf(file), rotation);
      assert.deepEqual([prepared.width, prepared.height], size);
      assert.deepEqual(await corners(prepared.image), expected);
    }
  });
});

describe('every kind of image becomes a plain JPEG', () => {
  const kinds: [string, () => Promise<Buffer>][] = [
    ['CMYK', () => marked.clone().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()],
    ['16-bit PNG', () => marked.clone().toColourspace('rgb16').png().toBuffer()],
    ['PNG with a palette', () => marked.clone().png({ palette: true }).toBuffer()],
    ['WebP', () => marked.clone().webp({ lossless: true }).toBuffer()],
    ['progressive JPEG', () => marked.clone().jpeg({ progressive: true, quality: 95 }).toBuffer()],
  ];
  for (const [what, file] of kinds) {
    test(what, async () => {
      const { image, thumbnail } = await preparePageImage(streamOf(await file()), 0);
      const { format, space, channels, depth } = await sharp(image).metadata();
      assert.deepEqual([format, space, channels, depth], ['jpeg', 'srgb', 3, 'uchar']);
      const [topLeft, , bottomRight] = await corners(image);
      if (what !== 'CMYK') assert.equal(topLeft, 'red'); // without a profile the colours of CMYK are anybody's guess
      assert.equal(bottomRight, 'white');
      assert.equal((await sharp(thumbnail).metadata()).format, 'jpeg');
    });
  }

  test('what is transparent is white', async () => {
    const file = await sharp({
      create: { width: 20, height: 20, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    const { image } = await preparePageImage(streamOf(file), 0);
    assert.deepEqual(await corners(image), Array(4).fill('white'));
  });

  test('one pixel high', async () => {
    const { width, height } = await preparePageImage(streamOf(await noise(500, 1).png().toBuffer()), 90);
    assert.deepEqual([width, height], [1, 500]);
  });

  test('without the place where it was taken, or anything else about it', async () => {
    const exif = {
      IFD0: { Make: 'SecretCamera', Copyright: 'Somebody' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
    };
    const file = await marked.clone().withExif(exif).jpeg().toBuffer();
    assert.ok(file.includes('SecretCamera'));
    for (const made of Object.values(await preparePageImage(streamOf(file), 0))) {
      if (!Buffer.isBuffer(made)) continue;
      assert.ok(!made.includes('SecretCamera') && !made.includes('Exif'));
      assert.equal((await sharp(made).metadata()).exif, undefined);
    }
  });

  test('with nothing of what came after its end', async () => {
    const file = Buffer.concat([
      await marked.clone().jpeg().toBuffer(),
      Buffer.from('PK\x03\x04<script>alert(1)</script>'),
    ]);
    assert.ok(!(await preparePageImage(streamOf(file), 0)).image.includes('<script>'));
  });
});

test('the thumbnail is at most 480 pixels a side, and never larger than the page', async () => {
  const large = await preparePageImage(streamOf(await noise(1000, 500).jpeg().toBuffer()), 0);
  const { width, height } = await sharp(large.thumbnail).metadata();
  assert.deepEqual([width, height], [480, 240]);
  const small = await preparePageImage(streamOf(await noise(50, 20).jpeg().toBuffer()), 0);
  assert.equal((await sharp(small.thumbnail).metadata()).width, 50);
});

describe('what cannot be opened', () => {
  const unusable = (error: unknown) =>
    error instanceof UnusableImageError &&
    error.failure.code === 'image-unreadable' &&
    /damaged and can’t be opened\. Retake the photo or upload another file\./.test(error.failure.message);

  test('a damaged image fails with a reason for people', async () => {
    const jpeg = await noise(300, 200).jpeg().toBuffer();
    await assert.rejects(preparePageImage(streamOf(jpeg.subarray(0, jpeg.length / 2)), 0), unusable);
    const png = await noise(300, 200).png().toBuffer();
    png.fill(0, 200, 400);
    await assert.rejects(preparePageImage(streamOf(png), 0), unusable);
    await assert.rejects(preparePageImage(streamOf(Buffer.from('ffd8ffd9', 'hex')), 0), unusable);
  });

  test('kinds of images that are not taken are not even decoded', async () => {
    for (const other of [
      await noise(20, 20).gif().toBuffer(),
      await noise(20, 20).tiff().toBuffer(),
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    ]) {
      await assert.rejects(preparePageImage(streamOf(other), 0), unusable);
    }
  });

  test('more pixels than are taken', async () => {
    const file = await sharp({ create: { width: 10_001, height: 10_000, channels: 3, background: '#fff' } })
      .png({ compressionLevel: 1 })
      .toBuffer();
    await assert.rejects(preparePageImage(streamOf(file), 0), unusable);
  });

  for (const [what, error] of [
    ['a connection that was reset', Object.assign(new Error('aborted'), { code: 'ECONNRESET' })],
    ['a time-out', Object.assign(new Error('too late'), { name: 'TimeoutError' })],
    ['a checksum that does not fit', new Error('Checksum mismatch')],
    [
      'a premature close',
      Object.assign(new Error('Premature close'), { code: 'ERR_STREAM_PREMATURE_CLOSE' }),
    ],
  ] as const) {
    test(`${what} is not mistaken for a damaged image, and is not waited for`, async () => {
      const jpeg = await noise(300, 200).jpeg().toBuffer();
      const broken = new PassThrough();
      broken.write(jpeg.subarray(0, 3000));
      setImmediate(() => broken.destroy(error));
      await assert.rejects(preparePageImage(broken, 0), (thrown) => thrown === error);
    });
  }
});
