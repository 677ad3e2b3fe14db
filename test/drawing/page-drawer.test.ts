// Pages as they come out of files, drawn by the process that draws them in production.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import { DrawingError } from '../../src/drawing/drawable.ts';
import { createPageDrawer, DrawingEndedError } from '../../src/drawing/page-drawer.ts';
import {
  brokenPdf,
  buildEncryptedPdf,
  buildPdf,
  buildTiff,
  buildTiffBomb,
  type PdfPage,
  photo,
  tiledPhoto,
} from '../support/documents.ts';
import { withTransforms } from '../support/heif-boxes.ts';
import { buildOldTiff } from '../support/old-tiff.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paperlift-drawing-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const types = { pdf: 'application/pdf', tiff: 'image/tiff', heic: 'image/heic', avif: 'image/avif' };
let count = 0;

async function save(file: Buffer): Promise<string> {
  count += 1;
  const path = join(folder, `file-${count}`);
  await writeFile(path, file);
  return path;
}

/** The pages of a file, as JPEG files, and whether each had text of its own. */
async function drawAll(file: Buffer, type: string, numbers?: number[]) {
  const opened = await createPageDrawer().open(await save(file), type);
  try {
    const pages: { image: Buffer; hadText: boolean; width: number; height: number }[] = [];
    for (const number of numbers ?? Array.from({ length: opened.pageCount }, (_, index) => index + 1)) {
      const to = join(folder, `page-${number}.jpg`);
      const { hadText } = await opened.draw(number, to);
      const image = await readFile(to);
      const { width, height } = await sharp(image).metadata();
      pages.push({ image, hadText, width, height });
    }
    return pages;
  } finally {
    await opened.close();
  }
}

const drawPdf = async (...pages: PdfPage[]) => drawAll(await buildPdf(pages), types.pdf);
const fault = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof DrawingError, `a reason, not ${error}`);
  assert.equal(error.fault, expected);
  return true;
};

/** The colour of one pixel, places being fractions; each part rounded to 0, 128 or 255. */
async function colourAt(image: Buffer, x: number, y: number): Promise<string> {
  const { data, info } = await sharp(image).raw().toBuffer({ resolveWithObject: true });
  const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels;
  return [...data.subarray(at, at + 3)].map((part) => (part > 170 ? 255 : part > 85 ? 128 : 0)).join(' ');
}

/** Red at the top left, blue at the bottom right, the rest white. */
const corners = async (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#fff' } })
    .composite([
      { input: { create: { width: 40, height: 40, channels: 3, background: '#f00' } }, left: 0, top: 0 },
      {
        input: { create: { width: 40, height: 40, channels: 3, background: '#00f' } },
        left: width - 40,
        top: height - 40,
      },
    ])
    .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
    .toBuffer();

/** A scan of which each pixel is black or white, unlike those beside it: whatever blurs it makes it grey. */
async function buildChecks(width: number, height: number, x = 0, y = 0): Promise<Buffer> {
  const pixels = Buffer.from(
    Array.from(
      { length: width * height },
      (_, at) => (((at % width) + x + Math.floor(at / width) + y) % 2) * 255,
    ),
  );
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .jpeg({ quality: 95 })
    .toBuffer();
}

/** How far pixels are from black or white on average, from 0 to 127. */
async function measureBlur(image: Buffer): Promise<number> {
  const pixels = await sharp(image).greyscale().raw().toBuffer();
  return pixels.reduce((sum, value) => sum + Math.min(value, 255 - value), 0) / pixels.length;
}

describe('a PDF', () => {
  test('of scans keeps their pixels, each page its own', async () => {
    const pages = await drawPdf(
      { image: await corners(620, 877), width: 595, height: 842 },
      { image: await corners(300, 200), width: 600, height: 400 },
    );
    assert.deepEqual(
      pages.map(({ width, height }) => [width, height]),
      [
        [620, 877],
        [300, 200],
      ],
    );
    for (const { image, hadText } of pages) {
      assert.equal(await colourAt(image, 0.01, 0.01), '255 0 0', 'red is not taken for blue');
      assert.equal(await colourAt(image, 0.99, 0.99), '0 0 255');
      assert.equal(await colourAt(image, 0.5, 0.5), '255 255 255');
      assert.equal(hadText, false);
    }
  });

  test('that a program has read already is still the scan, and says so', async () => {
    const [page] = await drawPdf({
      image: await corners(450, 600),
      width: 300,
      height: 400,
      text: 'Read by another',
      isTextInvisible: true,
    });
    assert.deepEqual([page?.width, page?.height, page?.hadText], [450, 600, true]);
  });

  test('of one scan a page comes out in the scan’s own pixels, none of them blurred', async () => {
    const [wide, high] = [93, 121];
    const scan = await buildChecks(wide, high);
    const full = '33.48 0 0 43.56 0 0 cm /I0 Do';
    const page = { images: [scan], width: 33.48, height: 43.56 };
    const text = (mode: string) => `BT ${mode} /F 9 Tf 3 20 Td (Hidden) Tj ET`;
    const strips = Array.from({ length: 8 }, (_, at) => ({
      top: at * 16,
      rows: Math.min(16, high - at * 16),
    }));
    const cases: Record<string, PdfPage> = {
      'at 150 dpi, in numbers that were rounded': {
        images: [scan],
        width: 44.64,
        height: 58.08,
        content: '44.64 0 0 58.08 0 0 cm /I0 Do',
      },
      'on a page rounded up to whole points': { ...page, width: 34, height: 44, content: full },
      'on a page rounded down to whole points': { ...page, width: 33, height: 43, content: full },
      'pulled a little out of its shape': { ...page, width: 34, content: '34 0 0 43.56 0 0 cm /I0 Do' },
      'behind a crop': {
        ...page,
        mediaBox: '[0 0 200 200]/CropBox[36 40 69.48 83.56]',
        content: '33.48 0 0 43.56 36 40 cm /I0 Do',
      },
      'with text that is not seen': { ...page, content: `q ${full} Q ${text('3 Tr')}` },
      'with text under the scan': { ...page, content: `${text('0 Tr')} ${full}` },
      'with text without ink': { ...page, content: `q ${full} Q 7 Tr ${text('')}` },
      'on a white sheet': { ...page, content: `1 1 1 rg 0 0 33.48 43.56 re f ${full}` },
      'beside what touches its edge': { ...page, content: `q 33.78 0 0 43.95 0 43.5 cm /I0 Do Q ${full}` },
      'in a form': { ...page, form: full, content: 'q .5 0 0 .5 0 0 cm 2 0 0 2 0 0 cm /X Do Q' },
      'in strips': {
        ...page,
        images: await Promise.all(strips.map(({ top, rows }) => buildChecks(wide, rows, 0, top))),
        content: strips
          .map(({ top, rows }, at) => {
            const [tall, below] = [rows * 0.36, (high - top - rows) * 0.36].map((points) =>
              points.toFixed(2),
            );
            return `q 33.48 0 0 ${tall} 0 ${below} cm /I${at} Do Q`;
          })
          .join(' '),
      },
    };
    const turns = [90, 180, 270] as const;
    const inputs = [...Object.values(cases), ...turns.map((rotate) => ({ ...page, content: full, rotate }))];
    const drawn = await drawPdf(...inputs);
    const names = [...Object.keys(cases), ...turns.map((rotate) => `turned by ${rotate} degrees`)];
    for (const [at, { image, width, height, hadText }] of drawn.entries()) {
      const isOnItsSide = [90, 270].some((degrees) => names[at]?.includes(` ${degrees} `));
      assert.deepEqual([width, height], isOnItsSide ? [high, wide] : [wide, high], names[at]);
      assert.ok((await measureBlur(image)) < 12, `${names[at]}: ${await measureBlur(image)}`);
      assert.equal(hadText, inputs[at]?.content?.includes('Tj'), names[at]);
    }

    const beside = await drawPdf(
      { images: [scan], width: 72, height: 72, content: '33.48 0 0 43.56 10.1 20.3 cm /I0 Do' },
      {
        ...page,
        images: [scan, await buildChecks(30, 40)],
        content: `q 33.48 0 0 43.56 0 0 cm /I1 Do Q ${full}`,
      },
      { ...page, content: `q ${full} Q ${text('0 Tr')}` },
      { ...page, content: `q ${full} Q 0 0 9 9 re f` },
    );
    assert.deepEqual(
      beside.map(({ width, height }) => [width, height]),
      [
        [200, 200], // the scan with its margins
        [139, 182], // layers, whose masks may be finer: 300 dpi
        [139, 182], // text that is seen
        [139, 182],
      ],
    );
    assert.ok((await measureBlur(beside[0]?.image as Buffer)) < 12);
    assert.equal(await colourAt(beside[0]?.image as Buffer, 0.05, 0.5), '255 255 255');
  });

  test('of text is drawn at 300 dpi, and says so', async () => {
    const [page] = await drawPdf({ width: 288, height: 360, text: 'Hello' });
    assert.deepEqual([page?.width, page?.height, page?.hadText], [1200, 1500, true]);
    assert.ok(((await sharp(page?.image).stats()).channels[0]?.min ?? 255) < 60, 'there is ink on it');
  });

  test('with text over a coarse scan gets enough pixels for the text', async () => {
    const [page] = await drawPdf({
      image: await corners(200, 300),
      width: 288,
      height: 432,
      text: 'Stamped',
    });
    assert.deepEqual([page?.width, page?.height], [1200, 1800]);
  });

  test('with form fields shows what was filled in, with and without a picture of it in the file, and on turned pages', async () => {
    const field = (more: string) =>
      `/Annots[<</Type/Annot/Subtype/Widget/FT/Tx/T(n)/V(HHHHHHHH)/F 4/Rect[100 200 250 240]${more}>>]`;
    const white = await sharp({ create: { width: 300, height: 400, channels: 3, background: '#fff' } })
      .jpeg()
      .toBuffer();
    const page = { image: white, width: 150, height: 40, form: 'BT /F 36 Tf 2 4 Td (HHHHH) Tj ET' };
    const fieldOf = async (rotate: 0 | 90, more: string) => {
      const mediaBox = `[0 0 300 400]${field(more)}`;
      const file = await buildPdf([{ ...page, mediaBox, rotate }], {
        catalog: '/AcroForm<</Fields[]/NeedAppearances true/DR<</Font<</F 3 0 R>>>>/DA(/F 30 Tf 0 g)>>',
      });
      const [drawn] = await drawAll(file, types.pdf);
      const upright = await sharp(drawn?.image).rotate(-rotate).toBuffer();
      const { width = 0, height = 0 } = await sharp(upright).metadata();
      const inkIn = async (left: number, top: number, right: number, bottom: number) => {
        const area = {
          left: Math.round(left * width),
          top: Math.round(top * height),
          width: Math.round((right - left) * width),
          height: Math.round((bottom - top) * height),
        };
        const pixels = await sharp(upright).extract(area).greyscale().raw().toBuffer();
        return pixels.some((pixel) => pixel < 100);
      };
      return [await inkIn(1 / 3, 0.4, 5 / 6, 0.5), await inkIn(0, 0.55, 1, 1)];
    };
    for (const rotate of [0, 90] as const)
      for (const more of ['/AP<</N 7 0 R>>', '/DA(/F 30 Tf 0 g)'])
        assert.deepEqual(await fieldOf(rotate, more), [true, false], `${rotate} ${more}`);
  });

  test('whose page is turned comes upright', async () => {
    const [page] = await drawPdf({ image: await corners(300, 400), width: 300, height: 400, rotate: 90 });
    assert.deepEqual([page?.width, page?.height], [400, 300]);
    assert.equal(await colourAt(page?.image as Buffer, 0.99, 0.01), '255 0 0', 'top left is top right now');
  });

  test('with a page as large as a field is drawn as large as fits', async () => {
    const pages = await drawPdf(
      { mediaBox: '[0 0 200000 200000]', text: 'Huge' },
      { mediaBox: '[0 0 1000000 1]' },
      { mediaBox: '[0 0 0 0]' },
      { mediaBox: '[5 5 5 5 5]' },
    );
    for (const { width, height } of pages) {
      assert.ok(width <= 10_000 && height <= 10_000 && width * height <= 41_000_000, `${width} × ${height}`);
    }
  });

  test('with scripts and attachments is a picture, and nothing of them', async () => {
    const pdf = await buildPdf([{ text: 'Active' }], {
      catalog:
        '/OpenAction<</S/JavaScript/JS(app.alert\\("run"\\))>>/Names<</EmbeddedFiles<</Names[(evil.exe)<</Type/Filespec/F(evil.exe)>>]>>>>',
    });
    const [page] = await drawAll(pdf, types.pdf);
    assert.equal(page?.image.includes('alert'), false);
    assert.equal(page?.image.includes('evil'), false);
  });

  test('behind up to a kilobyte of other bytes is drawn, whichever way its offsets count; so is one with bytes behind', async () => {
    const pdf = await buildPdf([{ image: await corners(300, 400), width: 300, height: 400 }]);
    const before = Buffer.from(`HTTP/1.1 200 OK\r\n${'X-Header: 1\r\n'.repeat(60)}\r\n`);
    const fromHeader = Buffer.concat([before, pdf]);
    const text = fromHeader.toString('latin1');
    const fromFile = Buffer.from(
      text
        .replace(
          /(\d{10}) 00000 n/g,
          (_, at) => `${String(Number(at) + before.length).padStart(10, '0')} 00000 n`,
        )
        .replace(/startxref\n(\d+)/, (_, at) => `startxref\n${Number(at) + before.length}`),
      'latin1',
    );
    const padded = Buffer.concat([pdf, Buffer.alloc(6000)]);
    for (const file of [fromHeader, fromFile, padded]) {
      const [page] = await drawAll(file, types.pdf);
      assert.deepEqual([page?.width, page?.height], [300, 400]);
      assert.equal(await colourAt(page?.image as Buffer, 0.01, 0.01), '255 0 0');
    }
  });

  test('with a password is refused as encrypted', async () => {
    await assert.rejects(drawAll(await buildEncryptedPdf(), types.pdf), fault('encrypted'));
  });

  test('with nothing in it, or cut off, is refused as damaged', async () => {
    await assert.rejects(drawAll(brokenPdf, types.pdf), fault('damaged'));
    await assert.rejects(drawAll((await buildPdf([{}])).subarray(0, 30), types.pdf), fault('damaged'));
  });

  test('without pages is refused', async () => {
    await assert.rejects(drawAll(await buildPdf([]), types.pdf), (error) => error instanceof DrawingError);
  });
});

describe('a TIFF', () => {
  test('gives each of its pages', async () => {
    const pages = await drawAll(await buildTiff(['#f00', '#0f0', '#00f']), types.tiff);
    const colours = await Promise.all(pages.map(({ image }) => colourAt(image, 0.5, 0.5)));
    assert.deepEqual(colours, ['255 0 0', '0 255 0', '0 0 255']);
    assert.deepEqual(
      pages.map(({ width, height }) => [width, height]),
      Array(3).fill([200, 120]),
    );
  });

  test('from a fax machine, black or white and with flat pixels, is not squashed', async () => {
    const fax = (xres: number, yres: number) =>
      ({ compression: 'ccittfax4', bitdepth: 1, xres, yres }) as const;
    const across = sharp(await corners(204, 147))
      .toColourspace('b-w')
      .tiff(fax(204 / 25.4, 98 / 25.4));
    const down = sharp(await corners(147, 204))
      .toColourspace('b-w')
      .tiff(fax(98 / 25.4, 204 / 25.4));
    for (const [file, size] of [
      [across, [204, 306]],
      [down, [306, 204]],
    ] as const) {
      const [page] = await drawAll(await file.toBuffer(), types.tiff);
      assert.deepEqual([page?.width, page?.height], size);
      assert.equal(await colourAt(page?.image as Buffer, 0.5, 0.5), '255 255 255', 'paper is white');
      assert.equal(await colourAt(page?.image as Buffer, 0.03, 0.03), '0 0 0', 'ink is black');
    }
  });

  test('with a small picture of a page beside the page gives the page only', async () => {
    const file = await buildTiff(['#f00', '#0f0', '#00f']);
    const subfileType = Buffer.from([254, 0, 4, 0, 1, 0, 0, 0]);
    const second = file.indexOf(subfileType, file.indexOf(subfileType) + 1);
    file.writeUInt32LE(1, second + 8);
    const pages = await drawAll(file, types.tiff);
    const colours = await Promise.all(pages.map(({ image }) => colourAt(image, 0.5, 0.5)));
    assert.deepEqual(colours, ['255 0 0', '0 0 255']);
  });

  test('with JPEG in the old style is read in each of its layouts, and turned as it says', async () => {
    const image = sharp(await corners(160, 128));
    for (const given of [
      { layout: 'stream' },
      { layout: 'stream', orientation: 6 },
      { layout: 'stream', orientation: 4 },
      { layout: 'header', strips: 1 },
      { layout: 'header', strips: 4 },
      { layout: 'tables', strips: 1 },
      { layout: 'tables', strips: 4 },
    ] as const) {
      const name = JSON.stringify(given);
      const [page, ...others] = await drawAll(await buildOldTiff(image.clone(), given), types.tiff);
      assert.equal(others.length, 0, name);
      const { orientation = 1 } = { orientation: 1, ...given };
      assert.deepEqual([page?.width, page?.height], orientation === 6 ? [128, 160] : [160, 128], name);
      const red = { 1: [0.05, 0.05], 6: [0.95, 0.05], 4: [0.05, 0.95] }[orientation] as [number, number];
      assert.equal(await colourAt(page?.image as Buffer, ...red), '255 0 0', name);
      assert.equal(await colourAt(page?.image as Buffer, 1 - red[0], 1 - red[1]), '0 0 255', name);
      assert.equal(await colourAt(page?.image as Buffer, 0.5, 0.5), '255 255 255', name);
    }
    const lossless = await buildOldTiff(image.clone(), { process: 14 });
    await assert.rejects(drawAll(lossless, types.tiff), fault('foreign'));
  });

  test('compressed in a way that is not read here is not called damaged', async () => {
    const file = await buildTiff(['#f00', '#0f0']);
    const zstd = 50_000;
    file.writeUInt16LE(zstd, file.indexOf(Buffer.from([259 % 256, 1, 3, 0, 1, 0, 0, 0])) + 8);
    await assert.rejects(drawAll(file, types.tiff), fault('foreign'));
  });

  test('that promises more pixels than it may is refused before they are unpacked', async () => {
    for (const [width, height] of [
      [60_000, 60_000],
      [20_000, 1],
    ] as const) {
      await assert.rejects(drawAll(buildTiffBomb(width, height), types.tiff), (error) => {
        assert.ok(error instanceof DrawingError);
        assert.match(error.fault, /page-too-large|page-unreadable|damaged/);
        return true;
      });
    }
  });

  test('a page that takes too much memory to decode', async () => {
    const small = await sharp({ create: { width: 9, height: 9, channels: 4, background: '#fff' } })
      .toColourspace('rgb16')
      .tiff({ compression: 'none' })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    for (const tag of [256, 257]) {
      const entry = findTiffEntry(small, tag);
      small.writeUInt16LE(4, entry + 2); // LONG
      small.writeUInt32LE(9500, entry + 8);
    }
    await assert.rejects(drawAll(small, types.tiff), fault('page-too-costly'));
  });

  test('that is none, whatever its name says, is not opened', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    const jpeg = await corners(60, 60);
    for (const file of [svg, jpeg]) await assert.rejects(drawAll(file, types.tiff), fault('damaged'));
  });
});

describe('a HEIC photograph', () => {
  test('comes upright by its own turn, without where it was taken', async () => {
    assert.ok(photo.includes('Exif'));
    const [page] = await drawAll(photo, types.heic);
    assert.deepEqual([page?.width, page?.height], [240, 320]);
    assert.equal(await colourAt(page?.image as Buffer, 0.5, 0.1), '255 0 0');
    assert.equal(await colourAt(page?.image as Buffer, 0.1, 0.9), '0 0 255');
    const { exif, icc, xmp } = await sharp(page?.image).metadata();
    assert.deepEqual([exif, icc, xmp], [undefined, undefined, undefined]);
  });

  test('of tiles, as iPhones make it, is put together and turned once', async () => {
    const [page] = await drawAll(tiledPhoto, types.heic);
    assert.deepEqual([page?.width, page?.height], [150, 220]);
    const image = page?.image as Buffer;
    assert.equal(await colourAt(image, 0.5, 0.1), '255 0 0');
    assert.equal(await colourAt(image, 0.1, 0.9), '0 0 255');
    assert.equal(await colourAt(image, 0.6, 0.5), '255 255 255');
  });

  test('of which most is cropped away is cropped, turned and mirrored in the order of its properties', async () => {
    const size = { width: 320, height: 240 };
    const whole = withTransforms(photo, [{ turn: 1 }, { mirror: 'rows' }], size);
    const [mirrored] = await drawAll(whole, types.heic);
    assert.deepEqual([mirrored?.width, mirrored?.height], [240, 320]);
    assert.equal(
      await colourAt(mirrored?.image as Buffer, 0.5, 0.1),
      '255 0 0',
      'turned the other way, and back',
    );
    assert.equal(await colourAt(mirrored?.image as Buffer, 0.9, 0.9), '0 0 255');
    const crop = { width: 60, height: 40, left: 10, top: 100 };
    const [page] = await drawAll(withTransforms(photo, [{ crop }, { turn: 3 }], size), types.heic);
    assert.deepEqual([page?.width, page?.height], [40, 60]);
    assert.equal(await colourAt(page?.image as Buffer, 0.5, 0.1), '255 0 0');
  });

  test('whose data is damaged is refused', async () => {
    const damaged = Buffer.from(photo);
    damaged.fill(0, damaged.indexOf('mdat') + 4);
    await assert.rejects(drawAll(damaged, types.heic), (error) => error instanceof DrawingError);
  });
});

describe('an AVIF image', () => {
  /** A quarter each: red, green, blue, white. */
  const quarters = (width: number, height: number) => {
    const part = (background: string) => ({
      create: { width: width / 2, height: height / 2, channels: 3 as const, background },
    });
    return sharp({ create: { width, height, channels: 3, background: '#fff' } })
      .composite([
        { input: part('#f00'), left: 0, top: 0 },
        { input: part('#0f0'), left: width / 2, top: 0 },
        { input: part('#00f'), left: 0, top: height / 2 },
      ])
      .png()
      .toBuffer();
  };
  const quartersOf = async (image: Buffer | undefined) =>
    Promise.all([0.25, 0.75].flatMap((y) => [0.25, 0.75].map((x) => colourAt(image as Buffer, x, y)))).then(
      (colours) =>
        colours
          .map((colour) => ({ '255 0 0': 'red', '0 255 0': 'green', '0 0 255': 'blue' })[colour] ?? 'white')
          .join(' '),
    );

  test('is drawn with 8, 10 or 12 bits a colour, flat on white', async () => {
    for (const bitdepth of [8, 10, 12] as const) {
      const file = await sharp(await quarters(160, 120))
        .avif({ effort: 0, bitdepth, chromaSubsampling: '4:4:4' })
        .toBuffer();
      const [page] = await drawAll(file, types.avif);
      assert.deepEqual([page?.width, page?.height], [160, 120]);
      assert.equal(await quartersOf(page?.image), 'red green blue white', `${bitdepth} bits`);
    }
    const clear = { width: 40, height: 40, channels: 4 as const, background: { r: 0, g: 0, b: 0, alpha: 0 } };
    const [page] = await drawAll(await sharp({ create: clear }).avif({ effort: 0 }).toBuffer(), types.avif);
    assert.equal(await colourAt(page?.image as Buffer, 0.5, 0.5), '255 255 255');
  });

  test('comes upright and cropped by its own properties, in their order, not by its EXIF', async () => {
    const size = { width: 480, height: 360 };
    const file = await sharp(await quarters(size.width, size.height))
      .withExif({ IFD0: { Orientation: '3' } })
      .avif({ effort: 0, chromaSubsampling: '4:4:4' })
      .toBuffer();
    const crop = { width: 80, height: 60, left: 200, top: 150 };
    for (const [transforms, expected, colours] of [
      [[], [480, 360], 'red green blue white'],
      [[{ turn: 1 }], [360, 480], 'green white red blue'],
      [[{ crop }, { turn: 3 }], [60, 80], 'blue red white green'],
      [[{ turn: 1 }, { mirror: 'rows' }], [360, 480], 'red blue green white'],
      [[{ mirror: 'columns' }, { turn: 1 }], [360, 480], 'red blue green white'],
      [[{ crop }, { turn: 2 }, { mirror: 'columns' }], [80, 60], 'blue white red green'],
    ] as const) {
      const turned = withTransforms(file, [...transforms], size);
      const [page] = await drawAll(turned, types.avif);
      const name = JSON.stringify(transforms);
      assert.deepEqual([page?.width, page?.height], expected, name);
      assert.equal(await quartersOf(page?.image), colours, name);
    }
  });

  test('whose data is damaged is refused', async () => {
    const damaged = await sharp(await quarters(80, 60))
      .avif({ effort: 0 })
      .toBuffer();
    damaged.fill(0, damaged.indexOf('mdat') + 4);
    await assert.rejects(drawAll(damaged, types.avif), fault('damaged'));
  });
});

describe('the process that draws', () => {
  /** It notes each of its starts. */
  const program = async (source: string) => {
    const path = join(folder, `program-${source.length}.mjs`);
    const starts = JSON.stringify(`${path}.starts`);
    await writeFile(
      path,
      `import { appendFileSync } from 'node:fs'; appendFileSync(${starts}, '.'); ${source}`,
    );
    return path;
  };
  const startsOf = async (path: string) => (await readFile(`${path}.starts`, 'utf8')).length;
  const answersOpen = `process.on('message', (m) => { if (m.do === 'open') process.send({ outcome: 'opened', pageCount: 9 }); else draw(m); });`;

  test('that ends on a page is started again once, then the page is given up and the next ones are drawn', async () => {
    const path = await program(
      `${answersOpen} function draw(m) { if (m.number === 2) process.exit(3); process.send({ outcome: 'drawn', hadText: false }); }`,
    );
    const drawer = createPageDrawer({ program: path });
    const file = await drawer.open('x', types.pdf);
    await file.draw(1, 'y');
    await assert.rejects(file.draw(2, 'y'), (error) => error instanceof DrawingEndedError && !error.isLate);
    assert.equal(await startsOf(path), 2);
    await file.draw(3, 'y');
    await file.close();
  });

  test('that never ends a page is ended, and does not try again', async () => {
    const path = await program(`${answersOpen} function draw() { for (;;); }`);
    const drawer = createPageDrawer({ pageMs: 4000, program: path }); // it must start within that, too
    const file = await drawer.open('x', types.pdf);
    await assert.rejects(file.draw(1, 'y'), (error) => error instanceof DrawingEndedError && error.isLate);
    assert.equal(await startsOf(path), 1);
    await file.close();
  });

  test('knows no credentials', async () => {
    process.env.AWS_SECRET_ACCESS_KEY ??= 'local';
    const path = join(folder, 'environment.json');
    const drawer = createPageDrawer({
      program: await program(
        `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(path)}, JSON.stringify(process.env)); ${answersOpen}`,
      ),
    });
    const file = await drawer.open('x', types.pdf);
    await file.close();
    const names = Object.keys(JSON.parse(await readFile(path, 'utf8')));
    assert.deepEqual(
      names.filter((name) => name.startsWith('AWS') || name.includes('SECRET')),
      [],
    );
  });
});

/** Where the entry of a tag begins, in the first directory of a little-endian TIFF. */
function findTiffEntry(tiff: Buffer, tag: number): number {
  const directory = tiff.readUInt32LE(4);
  const entries = Array.from(
    { length: tiff.readUInt16LE(directory) },
    (_, index) => directory + 2 + index * 12,
  );
  return entries.find((entry) => tiff.readUInt16LE(entry) === tag) ?? 0;
}
