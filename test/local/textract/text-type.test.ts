// Whether the server tells handwriting from print, by Textract's own SDK.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DetectDocumentTextCommand, TextractClient } from '@aws-sdk/client-textract';
import sharp from 'sharp';
import { startTextractServer } from '../../../src/local/textract/start-textract-server.ts';
import { ensureHandwritingFont, handwritingFont } from '../../support/handwriting-font.ts';

await ensureHandwritingFont();
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const region = 'us-east-1';
const server = await startTextractServer({
  port: 0,
  s3: { endpoint: 'http://127.0.0.1:1', region, credentials },
  callsPerSecond: 1000,
  workers: 1,
});
const textract = new TextractClient({ endpoint: server.url, region, credentials, maxAttempts: 1 });
after(async () => {
  textract.destroy();
  await server.close();
});

interface Line {
  text: string;
  x: number;
  y: number;
}

type Drawn = (line: Line) => string;

/** A hand sets no letter as high or as large as the last. */
const written: Drawn = ({ text, x, y }) => {
  const rises = [0, 3, -2, 4, 1, -3, 2, -1, 3, -4, 1];
  const letters = [...text].map((letter, i) => {
    const [rise = 0, before = 0] = [rises[(i + y) % 11], i === 0 ? 0 : rises[(i + y - 1) % 11]];
    return `<tspan dy="${rise - before}" font-size="${56 + rise}">${letter}</tspan>`;
  });
  return `<text font-family="${handwritingFont}" xml:space="preserve" x="${x}" y="${y}">${letters.join('')}</text>`;
};
const printed =
  (font: string, { style = 'normal', size = 34 } = {}): Drawn =>
  ({ text, x, y }) =>
    `<text font-family="${font}" font-size="${size}" font-style="${style}" x="${x}" y="${y}">${text}</text>`;

/** The text types of a page's words, by the words. */
async function typesOf(...drawn: string[]): Promise<Map<string, string | undefined>> {
  const Bytes = await sharp(
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="900">
      <rect width="100%" height="100%" fill="#fff"/>${drawn.join('')}</svg>`),
  )
    .flatten()
    .jpeg()
    .toBuffer();
  const { Blocks = [] } = await textract.send(new DetectDocumentTextCommand({ Document: { Bytes } }));
  const words = Blocks.filter(({ BlockType }) => BlockType === 'WORD');
  assert.ok(words.length >= 15, `it reads ${words.length} words`);
  return new Map(words.map(({ Text = '', TextType }) => [Text, TextType]));
}

const note: Line[] = [
  'Please call Anna about the invoice',
  'She paid the remaining amount',
  'on Monday and wants a receipt',
  'sent to her new address',
].map((text, i) => ({ text, x: 60, y: 120 + i * 110 }));

test('the words of a handwritten note are handwriting', async () => {
  const types = await typesOf(...note.map(written));
  assert.deepEqual(new Set(types.values()), new Set(['HANDWRITING']));
});

for (const [what, drawn, lines] of [
  ['plain', printed('DejaVu Sans'), note],
  ['slanted', printed('DejaVu Serif', { style: 'oblique' }), note],
  ['in capitals', printed('DejaVu Sans'), note.map((line) => ({ ...line, text: line.text.toUpperCase() }))],
] as const) {
  test(`print is not handwriting: ${what}`, async () => {
    const types = await typesOf(...lines.map(drawn));
    assert.ok(![...types.values()].includes('HANDWRITING'), JSON.stringify([...types]));
    assert.ok([...types.values()].includes('PRINTED'));
  });
}

test('print that is too small to measure is neither', async () => {
  const types = await typesOf(...note.map(printed('DejaVu Sans', { size: 15 })));
  assert.deepEqual(new Set(types.values()), new Set([undefined]));
});

test('on a form that someone filled in, what is written is handwriting and what is printed is not', async () => {
  const printedLines = note.map(({ text, x, y }) => ({ text: text.toUpperCase(), x, y: y * 1.7 - 100 }));
  const writtenLines = note.map(({ text, x, y }) => ({ text: text.toLowerCase(), x, y: y * 1.7 - 10 }));
  const types = await typesOf(
    ...printedLines.map(printed('DejaVu Sans', { size: 30 })),
    ...writtenLines.map(written),
  );
  for (const [text, type] of types) {
    assert.equal(type === 'HANDWRITING', text === text.toLowerCase(), `${text} is ${type}`);
  }
});
