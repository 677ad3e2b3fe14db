import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import sharp from 'sharp';
import { isPaperliftError } from '../../src/errors.ts';
import { createFileInspector } from '../../src/files/file-inspector.ts';
import { buildPdf, photo } from '../support/documents.ts';
import { box } from '../support/heif-boxes.ts';
import { noise, whitePng } from '../support/odd-images.ts';

const types = { jpeg: 'image/jpeg', png: 'image/png', webp: 'image/webp', avif: 'image/avif' } as const;

function inspect(file: Buffer, declaredType: string, chunkSizes: number[] = [file.length || 1]) {
  const inspector = createFileInspector(declaredType);
  for (let at = 0, turn = 0; at < file.length; turn += 1) {
    const size = chunkSizes[turn % chunkSizes.length] as number;
    inspector.push(file.subarray(at, at + size));
    at += size;
  }
  return inspector.finish();
}

function refusalOf(file: Buffer, declaredType = 'image/jpeg', chunkSizes?: number[]): string {
  try {
    inspect(file, declaredType, chunkSizes);
  } catch (error) {
    assert.ok(isPaperliftError(error), `a reason for people, not ${error}`);
    return error.code;
  }
  return 'taken';
}

/** An APP1 segment that holds a whole JPEG, as cameras write their thumbnails. */
function withThumbnail(jpeg: Buffer, thumbnail: Buffer): Buffer {
  const head = Buffer.from([0xff, 0xe1, 0, 0, ...Buffer.from('Exif\0\0')]);
  head.writeUInt16BE(head.length - 2 + thumbnail.length, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, thumbnail, jpeg.subarray(2)]);
}

/** Fill bytes (FF) before every marker of the header. */
function withFillBytes(jpeg: Buffer): Buffer {
  const scan = jpeg.indexOf(Buffer.from([0xff, 0xda]));
  const parts = [jpeg.subarray(0, 2)];
  for (let at = 2; at < scan; ) {
    const length = jpeg.readUInt16BE(at + 2) + 2;
    parts.push(Buffer.from([0xff, 0xff, 0xff]), jpeg.subarray(at, at + length));
    at += length;
  }
  return Buffer.concat([...parts, jpeg.subarray(scan)]);
}

const images: { what: string; type: string; file: Buffer }[] = [];
before(async () => {
  const image = noise(61, 43);
  const jpeg = await image.clone().jpeg().toBuffer();
  const add = (what: string, type: string, file: Buffer) => images.push({ what, type, file });
  add('JPEG', types.jpeg, jpeg);
  add('progressive JPEG', types.jpeg, await image.clone().jpeg({ progressive: true }).toBuffer());
  add(
    'JPEG with restart markers and FF 00',
    types.jpeg,
    await noise(61, 43).jpeg({ quality: 100, mozjpeg: true }).toBuffer(),
  );
  add(
    'JPEG with a thumbnail in its EXIF',
    types.jpeg,
    withThumbnail(jpeg, await noise(16, 16).jpeg().toBuffer()),
  );
  add('JPEG with fill bytes', types.jpeg, withFillBytes(jpeg));
  add(
    'JPEG with data after its end',
    types.jpeg,
    Buffer.concat([jpeg, Buffer.from('PK\x03\x04 a ZIP archive')]),
  );
  add('CMYK JPEG', types.jpeg, await image.clone().toColourspace('cmyk').jpeg().toBuffer());
  add('PNG', types.png, await image.clone().png().toBuffer());
  add(
    '16-bit PNG with alpha',
    types.png,
    await image.clone().ensureAlpha(0.5).toColourspace('rgb16').png().toBuffer(),
  );
  add('AVIF', types.avif, await image.clone().avif({ effort: 0 }).toBuffer());
  add('AVIF of 10 bits', types.avif, await image.clone().avif({ effort: 0, bitdepth: 10 }).toBuffer());
  add('WebP (VP8)', types.webp, await image.clone().webp({ quality: 60 }).toBuffer());
  add('WebP (VP8L)', types.webp, await image.clone().webp({ lossless: true }).toBuffer());
  add(
    'WebP (VP8X)',
    types.webp,
    await image
      .clone()
      .ensureAlpha(0.5)
      .withExif({ IFD0: { Make: 'x' } })
      .webp()
      .toBuffer(),
  );
});

test('every kind of image is taken with its size, however its bytes come', () => {
  for (const { what, type, file } of images) {
    for (const chunks of [[file.length], [1], [7, 1, 3], [11, 1], [13, 1000], [4096]]) {
      assert.deepEqual(
        inspect(file, type, chunks),
        { contentType: type, width: 61, height: 43 },
        `${what} by ${chunks}`,
      );
    }
  }
  const kinds = images
    .filter(({ type }) => type === types.webp)
    .map(({ file }) => file.toString('latin1', 12, 16));
  assert.deepEqual(kinds, ['VP8 ', 'VP8L', 'VP8X']);
});

test('an image that ends too early is never taken, wherever it ends', () => {
  for (const { what, type, file } of images) {
    const end = what.includes('after its end') ? file.indexOf('PK') : file.length;
    for (let length = 1; length < end; length += 97) {
      const code = refusalOf(file.subarray(0, length), type, [1000]);
      assert.ok(
        ['file-truncated', 'file-type-unsupported'].includes(code),
        `${what} cut to ${length}: ${code}`,
      );
      assert.equal(code === 'file-type-unsupported', length < 12, `${what} cut to ${length}: ${code}`);
    }
    assert.equal(
      refusalOf(file.subarray(0, end - 1), type),
      'file-truncated',
      `${what} without its last byte`,
    );
  }
});

describe('what is none of what is taken is refused', () => {
  const others: [string, () => Buffer | Promise<Buffer>, string][] = [
    ['a GIF', () => noise(9, 9).gif().toBuffer(), 'file-type-unsupported'],
    ['a BMP', () => Buffer.concat([Buffer.from('BM'), Buffer.alloc(2000)]), 'file-type-unsupported'],
    ['a video', () => box('ftyp', Buffer.from('isom\0\0\0\0isomavc1mp41')), 'file-type-unsupported'],
    [
      'an SVG',
      () => Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'),
      'file-type-unsupported',
    ],
    ['PostScript', () => Buffer.from('%!PS-Adobe-3.0\n%%EOF\n'), 'file-type-unsupported'],
    ['a program', () => Buffer.from('7f454c460201010000000000', 'hex'), 'file-type-unsupported'],
    ['an empty file', () => Buffer.alloc(0), 'file-empty'],
    ['three bytes of a JPEG', () => Buffer.from('ffd8ff', 'hex'), 'file-type-unsupported'],
    ['RIFF that is no WebP', () => Buffer.from('RIFF\x20\0\0\0WAVEfmt '), 'file-type-unsupported'],
  ];
  for (const [what, file, code] of others) {
    test(what, async () => {
      for (const declared of ['image/jpeg', 'application/octet-stream', '']) {
        assert.equal(refusalOf(await file(), declared, [1]), code);
      }
    });
  }

  test('an image declared as another kind, or as something that is not taken', () => {
    const [jpeg] = images;
    assert.equal(refusalOf(jpeg?.file as Buffer, 'image/png'), 'file-type-mismatch');
    assert.equal(refusalOf(jpeg?.file as Buffer, 'image/svg+xml'), 'file-type-unsupported');
    assert.equal(refusalOf(jpeg?.file as Buffer, 'text/html'), 'file-type-unsupported');
    assert.equal(refusalOf(jpeg?.file as Buffer, 'application/octet-stream'), 'taken');
  });
});

describe('size', () => {
  test('30 000 × 30 000 pixels in a hundred kilobytes are refused from the header, before the pixels', () => {
    const bomb = whitePng(30_000, 30_000);
    assert.ok(bomb.length < 200_000);
    assert.equal(refusalOf(bomb.subarray(0, 29), types.png, [1]), 'image-too-large');
  });

  for (const [width, height, code] of [
    [10_000, 10_000, 'taken'],
    [10_001, 1, 'image-too-large'],
    [1, 10_001, 'image-too-large'],
    [1, 1, 'taken'],
    [0, 10, 'file-damaged'],
    [10, 0, 'file-damaged'],
  ] as const) {
    test(`${width} × ${height}: ${code}`, () => {
      const png = whitePng(1, 1);
      png.writeUInt32BE(width, 16);
      png.writeUInt32BE(height, 20);
      assert.equal(refusalOf(png, types.png), code);
    });
  }

  test('JPEG and WebP of too many pixels', async () => {
    const jpeg = Buffer.from(images[0]?.file as Buffer);
    jpeg.writeUInt16BE(20_000, jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 5);
    assert.equal(refusalOf(jpeg), 'image-too-large');
    const wide = await sharp({ create: { width: 12_000, height: 1, channels: 3, background: '#fff' } })
      .webp()
      .toBuffer();
    assert.equal(refusalOf(wide, types.webp), 'image-too-large');
  });
});

test('a broken structure is refused where it breaks', () => {
  const png = Buffer.from(whitePng(8, 8));
  png.write('IDAX', 12);
  assert.equal(refusalOf(png, types.png), 'file-damaged');
  const type = whitePng(8, 8);
  type.write('\0\0\0\0', 37);
  assert.equal(refusalOf(type, types.png), 'file-damaged');
  const jpeg = Buffer.from(images[0]?.file as Buffer);
  jpeg.writeUInt16BE(1, 4);
  assert.equal(refusalOf(jpeg), 'file-damaged');
  const webp = Buffer.from(images.find(({ what }) => what === 'WebP (VP8)')?.file as Buffer);
  webp.write('VP9 ', 12);
  assert.equal(refusalOf(webp, types.webp), 'file-damaged');
});

describe('kinds of JPEG', () => {
  const sayOf = (change: (jpeg: Buffer, frame: number) => void) => {
    const jpeg = Buffer.from(images[0]?.file as Buffer);
    change(jpeg, jpeg.indexOf(Buffer.from([0xff, 0xc0])));
    try {
      return inspect(jpeg, types.jpeg, [500]).contentType;
    } catch (error) {
      assert.ok(isPaperliftError(error));
      assert.equal(error.kind, 'unsupported');
      return `${error.code}: ${error.message} ${error.hint}`;
    }
  };

  test('that no decoder here reads are named when they are refused', () => {
    const hint = 'Save it as a standard JPEG or PNG, then upload that.';
    const lossless = `image-encoding-unsupported: This is a lossless JPEG, which isn’t supported. ${hint}`;
    for (const marker of [0xc3, 0xc7, 0xcb, 0xcf, 0xf7])
      assert.equal(
        sayOf((jpeg, frame) => jpeg.writeUInt8(marker, frame + 1)),
        lossless,
      );
    for (const marker of [0xc5, 0xc6, 0xcd, 0xce])
      assert.match(
        sayOf((jpeg, frame) => jpeg.writeUInt8(marker, frame + 1)),
        /This is a hierarchical JPEG,/,
      );
    assert.match(
      sayOf((jpeg, frame) => jpeg.writeUInt8(12, frame + 4)),
      /This is a JPEG with 12 bits per color,/,
    );
    assert.match(
      sayOf((jpeg, frame) => jpeg.writeUInt16BE(0, frame + 5)),
      /This is a JPEG that gives its height only at the end,/,
    );
  });

  test('with arithmetic coding are taken', () => {
    for (const marker of [0xc9, 0xca])
      assert.equal(
        sayOf((jpeg, frame) => jpeg.writeUInt8(marker, frame + 1)),
        types.jpeg,
      );
  });
});

test('a PDF is one that begins within the first kilobyte, whatever follows its end', async () => {
  const pdf = await buildPdf([{ text: 'Hello' }]);
  const type = 'application/pdf';
  for (const before of [0, 1, 20, 1000, 1024]) {
    const file = Buffer.concat([Buffer.alloc(before, 'x'), pdf]);
    for (const chunks of [[file.length], [1], [1023, 1], [1024, 7]])
      assert.equal(refusalOf(file, type, chunks), 'taken', `${before} bytes before it`);
  }
  assert.equal(refusalOf(Buffer.concat([Buffer.alloc(1025, 'x'), pdf]), type), 'file-type-unsupported');
  assert.equal(refusalOf(Buffer.concat([pdf, Buffer.alloc(9000)]), type, [100]), 'taken');
  assert.equal(refusalOf(Buffer.concat([pdf, Buffer.alloc(9000, 'x')]), type, [100]), 'file-truncated');
});

describe('HEIF files', () => {
  const brands = (...names: string[]) =>
    box('ftyp', Buffer.from(`${names[0]}\0\0\0\0${names.slice(1).join('')}`));

  test('are HEIC or AVIF by any of their brands, and image/heif is either', async () => {
    const avif = await noise(61, 43).avif({ effort: 0 }).toBuffer();
    const rest = avif.subarray(avif.readUInt32BE(0));
    const pad = 'miaf'.repeat((avif.readUInt32BE(0) - 24) / 4);
    const renamed = Buffer.concat([brands('mif1', 'avif', pad), rest]);
    assert.equal(inspect(renamed, 'image/avif', [1]).contentType, 'image/avif');
    assert.equal(inspect(renamed, 'image/heif').contentType, 'image/avif');
    assert.equal(inspect(photo, 'image/heif').contentType, 'image/heic');
    assert.equal(refusalOf(renamed, 'image/heic'), 'file-type-mismatch');
    assert.equal(refusalOf(photo, 'image/avif'), 'file-type-mismatch');
  });

  test('that hold another encoding are refused with its name', () => {
    for (const [codec, says] of [
      ['avc1', /a HEIF image that contains H\.264,/],
      ['zzzz', /an unusual kind of HEIF image,/],
    ] as const) {
      const file = Buffer.from(photo);
      for (let at = file.indexOf('hvc1'); at >= 0; at = file.indexOf('hvc1')) file.write(codec, at);
      assert.equal(refusalOf(file, 'image/heic', [64]), 'image-encoding-unsupported');
      assert.throws(() => inspect(file, 'image/heic'), { message: says });
    }
  });

  test('that are a sequence without a main photo are told what they are, and when they are cut off', () => {
    const file = Buffer.concat([
      brands('msf1', 'msf1', 'hevc'),
      box('moov', Buffer.alloc(300)),
      box('mdat', Buffer.alloc(5000)),
    ]);
    assert.equal(refusalOf(file, 'image/heic', [700]), 'image-sequence-unsupported');
    assert.equal(refusalOf(file.subarray(0, -1), 'image/heic', [700]), 'file-truncated');
  });

  test('with broken boxes are refused, never mistaken', () => {
    const meta = photo.indexOf('meta');
    const end = photo.indexOf('mdat');
    for (let at = meta + 4; at < end; at += 3) {
      const file = Buffer.from(photo);
      file.writeUInt8(file.readUInt8(at) ^ 0xff, at);
      assert.match(refusalOf(file, 'image/heic'), /^(taken|(file|image)-.*)$/); // nothing else is thrown
    }
  });
});

test('what cannot replace a page names only images', () => {
  const inspector = createFileInspector('image/jpeg', { imagesOnly: true });
  assert.throws(() => inspector.push(Buffer.alloc(2000, 'text')), {
    message: 'This isn’t an image or PDF, despite its name.',
    hint: 'Use JPEG, PNG, WebP, HEIC or AVIF.',
  });
});
