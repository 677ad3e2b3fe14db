// The AWS SDK's own client against the server with real Tesseract and a real S3 protocol.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  BadDocumentException,
  type Block,
  DetectDocumentTextCommand,
  type DetectDocumentTextResponse,
  DocumentTooLargeException,
  InvalidS3ObjectException,
  TextractClient,
  UnsupportedDocumentException,
} from '@aws-sdk/client-textract';
import { buildApp } from 'fauxqs';
import sharp from 'sharp';
import { startTextractServer } from '../../../src/local/textract/start-textract-server.ts';
import { buildLines, buildPrintedPage, turnOnPage } from './printed-page.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const region = 'us-east-1';
let s3: S3Client;
let textract: TextractClient;
const stops: (() => unknown)[] = [];

before(async () => {
  const stored = buildApp({ logger: false });
  const endpoint = await stored.listen({ port: 0, host: '127.0.0.1' });
  s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const server = await startTextractServer({
    port: 0,
    s3: { endpoint, region, credentials },
    callsPerSecond: 1000,
    workers: 1,
  });
  textract = new TextractClient({ endpoint: server.url, region, credentials, maxAttempts: 1 });
  stops.push(
    () => textract.destroy(),
    () => server.close(),
    () => s3.destroy(),
    () => stored.close(),
  );
  await s3.send(new CreateBucketCommand({ Bucket: 'scans' }));
});

after(async () => {
  for (const stop of stops) await stop();
});

const detect = (Bytes: Uint8Array) => textract.send(new DetectDocumentTextCommand({ Document: { Bytes } }));
const detectObject = (Name: string, Bucket = 'scans') =>
  textract.send(new DetectDocumentTextCommand({ Document: { S3Object: { Bucket, Name } } }));
const blocksOf = (response: DetectDocumentTextResponse, type: string) =>
  (response.Blocks ?? []).filter((block) => block.BlockType === type);
const textsOf = (response: DetectDocumentTextResponse) =>
  blocksOf(response, 'LINE').map((block) => block.Text);

function centreOf(block: Block) {
  const polygon = block.Geometry?.Polygon ?? [];
  const mean = (axis: 'X' | 'Y') => polygon.reduce((sum, point) => sum + (point[axis] ?? 0), 0) / 4;
  return { x: mean('X'), y: mean('Y') };
}

function degreesOf(block: Block): number {
  const [left, right] = block.Geometry?.Polygon ?? [];
  return (
    (Math.atan2(((right?.Y ?? 0) - (left?.Y ?? 0)) * 1400, ((right?.X ?? 0) - (left?.X ?? 0)) * 1000) * 180) /
    Math.PI
  );
}

test('a page sent as bytes comes back as PAGE, LINE and WORD blocks tied together', async () => {
  const response = await detect(
    await buildPrintedPage({ lines: buildLines(3) })
      .jpeg()
      .toBuffer(),
  );
  assert.equal(response.DocumentMetadata?.Pages, 1);
  assert.equal(response.DetectDocumentTextModelVersion, '1.0');
  assert.deepEqual(
    textsOf(response),
    buildLines(3).map((line) => line.text),
  );
  const byId = new Map((response.Blocks ?? []).map((block) => [block.Id, block]));
  const children = (block: Block | undefined) =>
    (block?.Relationships ?? []).flatMap(({ Type, Ids }) => (Type === 'CHILD' ? (Ids ?? []) : []));
  const [page] = blocksOf(response, 'PAGE');
  assert.deepEqual(
    children(page),
    blocksOf(response, 'LINE').map((line) => line.Id),
  );
  assert.deepEqual(page?.Geometry?.BoundingBox, { Width: 1, Height: 1, Left: 0, Top: 0 });
  for (const line of blocksOf(response, 'LINE')) {
    assert.equal(
      children(line)
        .map((id) => byId.get(id)?.Text)
        .join(' '),
      line.Text,
    );
  }
  for (const word of blocksOf(response, 'WORD')) {
    assert.equal(word.TextType, 'PRINTED');
    assert.ok((word.Confidence ?? 0) > 50 && (word.Confidence ?? 0) <= 100);
    assert.equal(word.Geometry?.Polygon?.length, 4);
    assert.equal(word.Page, 1);
  }
});

test('a page named in S3 is read', async () => {
  const Body = await buildPrintedPage({ lines: buildLines(2) })
    .png()
    .toBuffer();
  await s3.send(new PutObjectCommand({ Bucket: 'scans', Key: 'projects/é 1/page.png', Body }));
  assert.deepEqual(
    textsOf(await detectObject('projects/é 1/page.png')),
    buildLines(2).map((line) => line.text),
  );
});

for (const degrees of [5, -9]) {
  test(`on a page tilted by ${degrees} degrees every word is found, its polygon along the tilt`, async () => {
    const lines = buildLines(10).map((line) => ({ ...line, x: 250 }));
    const response = await detect(await buildPrintedPage({ lines, degrees }).jpeg().toBuffer());
    assert.deepEqual(
      textsOf(response),
      lines.map((line) => line.text),
    );
    const level = await detect(await buildPrintedPage({ lines }).jpeg().toBuffer());
    const expected = blocksOf(level, 'WORD').map(centreOf);
    for (const [i, word] of blocksOf(response, 'WORD').entries()) {
      assert.ok(Math.abs(degreesOf(word) - degrees) < 0.5, `${word.Text} lies at ${degreesOf(word)} degrees`);
      const at = expected[i] ?? { x: 0, y: 0 };
      const wanted = turnOnPage(at.x * 1000, at.y * 1400, degrees);
      const centre = centreOf(word);
      const off = Math.hypot(centre.x - wanted.x, centre.y - wanted.y);
      assert.ok(off < 0.005, `${word.Text} is off by ${off}`);
    }
  });
}

test('a page that only EXIF turns upright is read upright', async () => {
  const upright = await buildPrintedPage({ lines: buildLines(4) })
    .jpeg()
    .toBuffer();
  const lying = await sharp(upright).rotate(-90).withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const response = await detect(lying);
  assert.deepEqual(
    textsOf(response),
    buildLines(4).map((line) => line.text),
  );
  const firstWord = blocksOf(response, 'WORD')[0];
  const top = firstWord?.Geometry?.BoundingBox?.Top ?? 0;
  assert.ok(Math.abs(top - 228 / 1400) < 0.01, `the first word begins at ${top}`);
});

for (const { turn, upright, at } of [
  { turn: 90, upright: 'sideways', at: { x: 1, y: 0 } },
  { turn: 180, upright: 'on its head', at: { x: 1, y: 1 } },
  { turn: 270, upright: 'on its other side', at: { x: 0, y: 1 } },
]) {
  test(`a page that lies ${upright} is read, its polygons beginning at the top left of the text`, async () => {
    const lines = buildLines(6);
    const page = await buildPrintedPage({ lines }).png().toBuffer();
    const response = await detect(await sharp(page).rotate(turn).jpeg().toBuffer());
    assert.deepEqual(
      textsOf(response),
      lines.map((line) => line.text),
    );
    for (const word of blocksOf(response, 'WORD')) {
      const [first] = word.Geometry?.Polygon ?? [];
      const box = word.Geometry?.BoundingBox;
      const corner = {
        x: (box?.Left ?? 0) + at.x * (box?.Width ?? 0),
        y: (box?.Top ?? 0) + at.y * (box?.Height ?? 0),
      };
      const off = Math.hypot((first?.X ?? 0) - corner.x, (first?.Y ?? 0) - corner.y);
      assert.ok(off < 0.005, `${word.Text} begins ${off} from its corner`);
    }
  });
}

test('a name and its amount are one line', async () => {
  const items = ['Coffee', 'Apple cake', 'Water'];
  const lines = items.flatMap((text, i) => [
    { text, x: 120, y: 250 + i * 60 },
    { text: `${i + 1}.50`, x: 780, y: 250 + i * 60 },
  ]);
  const texts = textsOf(await detect(await buildPrintedPage({ lines }).png().toBuffer()));
  assert.deepEqual(texts, ['Coffee 1.50', 'Apple cake 2.50', 'Water 3.50']);
});

test('an object’s metadata says in which languages it is read; unknown ones do not count', async () => {
  const lines = [{ text: 'Größere Mengen für Müller', x: 120, y: 250 }];
  const Body = await buildPrintedPage({ lines }).png().toBuffer();
  const Metadata = { languages: 'de, tlh' };
  await s3.send(new PutObjectCommand({ Bucket: 'scans', Key: 'german.png', Body, Metadata }));
  assert.deepEqual(textsOf(await detectObject('german.png')), ['Größere Mengen für Müller']);
});

test('a picture without text has no words', async () => {
  const picture = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="900">
    <defs><linearGradient id="sky" x2="0" y2="1"><stop offset="0" stop-color="#38d"/><stop offset="1" stop-color="#fed"/></linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#sky)"/><circle cx="900" cy="200" r="90" fill="#fe9"/>
    <path d="M0 700 L300 350 L520 620 L760 300 L1200 720 L1200 900 L0 900 Z" fill="#364"/></svg>`);
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 25 };
  const grain = sharp({ create: { width: 1200, height: 900, channels: 3, background: '#888', noise } });
  const photograph = await sharp(picture)
    .composite([{ input: await grain.png().toBuffer(), blend: 'soft-light' }])
    .jpeg()
    .toBuffer();
  assert.deepEqual(textsOf(await detect(photograph)), []);
});

/** A picture of many shapes. */
function buildPicture(shape: (random: () => number) => string, count: number): Promise<Buffer> {
  let seed = 7;
  const random = () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed / 2147483648;
  };
  const shapes = Array.from({ length: count }, () => shape(random)).join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1400" height="1000">
    <rect width="100%" height="100%" fill="#b8c4b0"/>${shapes}</svg>`;
  return sharp(Buffer.from(svg)).blur(0.8).jpeg().toBuffer();
}
const pictures: Record<string, [shape: (random: () => number) => string, count: number]> = {
  leaves: [
    (random) => {
      const [x, y] = [random() * 1400, random() * 1000];
      return `<ellipse cx="${x}" cy="${y}" rx="${10 + random() * 40}" ry="${4 + random() * 14}"
        fill="hsl(${80 + random() * 50} 40% ${15 + random() * 45}%)" transform="rotate(${random() * 360} ${x} ${y})"/>`;
    },
    900,
  ],
  'a row of windows': [
    (random) =>
      `<rect x="${60 + Math.floor(random() * 20) * 64}" y="${60 + Math.floor(random() * 12) * 76}"
        width="${30 + random() * 10}" height="44" fill="hsl(210 30% ${20 + random() * 60}%)"/>`,
    400,
  ],
  twigs: [
    (random) =>
      `<path d="M${random() * 1400} ${random() * 1000} L${random() * 1400} ${random() * 1000}"
        stroke="hsl(25 30% ${10 + random() * 30}%)" stroke-width="${1 + random() * 6}"/>`,
    250,
  ],
};
for (const [name, [shape, count]] of Object.entries(pictures)) {
  test(`${name} are no text`, async () => {
    assert.deepEqual(textsOf(await detect(await buildPicture(shape, count))), []);
  });
}

test('a ring is no O', async () => {
  const ring = '<circle cx="700" cy="500" r="90" fill="none" stroke="#222" stroke-width="26"/>';
  assert.deepEqual(textsOf(await detect(await buildPicture(() => ring, 1))), []);
});

test('a page with a single number on it is read', async () => {
  const page = await buildPrintedPage({ lines: [{ text: '42', x: 480, y: 700 }] })
    .jpeg()
    .toBuffer();
  assert.deepEqual(textsOf(await detect(page)), ['42']);
});

// Gaps at the same place in every line would be gutters, too.
const turning = (i: number) =>
  ['and a longer word', 'with small letters', 'keeps to its own', 'ordinary matter'][i % 4];

test('columns are read one after the other', async () => {
  const lines = Array.from({ length: 18 }, (_, i) => [
    { text: `Left ${10 + i} ${turning(i)}`, x: 60, y: 150 + i * 60 },
    { text: `Right ${10 + i} ${turning(i + 1)}`, x: 540, y: 170 + i * 60 },
  ]).flat();
  const texts = textsOf(await detect(await buildPrintedPage({ lines, fontSize: 28 }).jpeg().toBuffer()));
  assert.deepEqual(texts.slice(0, 2), [`Left 10 ${turning(0)}`, `Left 11 ${turning(1)}`]);
  assert.equal(texts.at(-1), `Right 27 ${turning(18)}`);
});

test('print in deep shadow is read', async () => {
  const shadow = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="1400">
    <defs><linearGradient id="fall"><stop offset="0" stop-color="#fff"/><stop offset="1" stop-color="#333"/></linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#fall)"/></svg>`);
  const page = await buildPrintedPage({ lines: buildLines(6) })
    .png()
    .toBuffer();
  const shaded = await sharp(page)
    .composite([{ input: shadow, blend: 'multiply' }])
    .jpeg()
    .toBuffer();
  assert.deepEqual(
    textsOf(await detect(shaded)),
    buildLines(6).map((line) => line.text),
  );
});

test('small print is read on a page that is tilted by nearly 45 degrees', async () => {
  const lines = Array.from({ length: 56 }, (_, i) => ({
    text: `Paragraph ${100 + i} carries seven ordinary words here and there`,
    x: 40 + 480 * (i % 2),
    y: 100 + (i >> 1) * 44,
  }));
  const upright = await buildPrintedPage({ lines, fontSize: 14 }).png().toBuffer();
  const tilted = await sharp(upright).rotate(-44, { background: '#fff' }).jpeg().toBuffer();
  const read = textsOf(await detect(tilted))
    .join(' ')
    .split(' ');
  const found = lines.filter(({ text }) => read.includes(text.split(' ')[1] as string));
  assert.ok(found.length >= 0.95 * lines.length, `${found.length} lines`);
});

test('an empty page is one PAGE block', async () => {
  const response = await detect(await buildPrintedPage({ lines: [] }).png().toBuffer());
  assert.deepEqual(
    (response.Blocks ?? []).map((block) => block.BlockType),
    ['PAGE'],
  );
});

test('the grain of an empty sheet is no text, and one line on it is read', async () => {
  const noise = { type: 'gaussian' as const, mean: 200, sigma: 8 };
  const sheet = sharp({ create: { width: 1000, height: 1400, channels: 3, background: '#888', noise } });
  assert.deepEqual(textsOf(await detect(await sheet.clone().jpeg().toBuffer())), []);
  const input = await buildPrintedPage({ lines: buildLines(1) })
    .png()
    .toBuffer();
  const printed = await sharp(await sheet.png().toBuffer())
    .composite([{ input, blend: 'multiply' }])
    .jpeg()
    .toBuffer();
  assert.deepEqual(textsOf(await detect(printed)), [buildLines(1)[0]?.text]);
});

test('PNGs of 16 bits, of one pixel and with transparency are read', async () => {
  const page = await buildPrintedPage({ lines: buildLines(2) })
    .png()
    .toBuffer();
  const deep = await sharp(page).toColourspace('rgb16').png().toBuffer();
  assert.deepEqual(
    textsOf(await detect(deep)),
    buildLines(2).map((line) => line.text),
  );
  const clear = await sharp(page).unflatten().png().toBuffer();
  assert.deepEqual(
    textsOf(await detect(clear)),
    buildLines(2).map((line) => line.text),
  );
  const dot = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } })
    .png()
    .toBuffer();
  assert.deepEqual(textsOf(await detect(dot)), []);
});

test('a file that is no JPEG or PNG is unsupported', async () => {
  await assert.rejects(detect(Buffer.from('%PDF-1.7 not a picture')), UnsupportedDocumentException);
});

test('a JPEG that is cut off, and one that only begins as one, is a bad document', async () => {
  const page = await buildPrintedPage({ lines: buildLines(10) })
    .jpeg()
    .toBuffer();
  await assert.rejects(detect(page.subarray(0, page.length / 2)), BadDocumentException);
  await assert.rejects(detect(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3])), BadDocumentException);
});

test('documents above 10 MB or 10 000 pixels a side are too large, as bytes and in S3', async () => {
  const heavy = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(10 * 1024 * 1024)]);
  await assert.rejects(detect(heavy), DocumentTooLargeException);
  await s3.send(new PutObjectCommand({ Bucket: 'scans', Key: 'heavy.jpg', Body: heavy }));
  await assert.rejects(detectObject('heavy.jpg'), DocumentTooLargeException);
  const wide = sharp({ create: { width: 10_001, height: 10, channels: 3, background: '#fff' } });
  await assert.rejects(detect(await wide.png().toBuffer()), DocumentTooLargeException);
});

test('an object or a bucket that is missing is an invalid S3 object', async () => {
  await assert.rejects(detectObject('missing.jpg'), InvalidS3ObjectException);
  await assert.rejects(detectObject('missing.jpg', 'no-such-bucket'), InvalidS3ObjectException);
});
