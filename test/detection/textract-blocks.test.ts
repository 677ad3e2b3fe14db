import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Block } from '@aws-sdk/client-textract';
import { parseBlocks, UnreadableAnswerError } from '../../src/detection/textract-blocks.ts';
import { textOf } from '../../src/text/detected-text.ts';
import { countDoubtfulWords } from '../../src/text/unsure-words.ts';
import { blocksOf } from '../support/textract-stub.ts';

const polygon = [
  { X: 0.1, Y: 0.2 },
  { X: 0.3, Y: 0.21 },
  { X: 0.29, Y: 0.26 },
  { X: 0.09, Y: 0.25 },
];
const page: Block = { BlockType: 'PAGE', Id: 'p', Geometry: { Polygon: polygon } };
const word = (Id: string, Text: string, Confidence = 99): Block => ({
  BlockType: 'WORD',
  Id,
  Text,
  Confidence,
  Geometry: { Polygon: polygon },
});
const line = (Id: string, Ids: string[], Text = 'not this'): Block => ({
  BlockType: 'LINE',
  Id,
  Text,
  Confidence: 98,
  Geometry: { Polygon: polygon },
  Relationships: [{ Type: 'CHILD', Ids }],
});

test('lines and words come in the answer’s order, whatever the order of the WORD blocks', () => {
  const detection = parseBlocks([
    page,
    word('w3', 'third'),
    line('a', ['w1', 'w2']),
    line('b', ['w3']),
    word('w2', 'second'),
    word('w1', 'first'),
  ] as Block[]);
  assert.equal(textOf(detection), 'first second\nthird');
  assert.deepEqual(
    detection.lines.map(({ id }) => id),
    ['l1', 'l2'],
  );
  assert.deepEqual(detection.lines[0]?.words[0], {
    text: 'first',
    confidence: 99,
    polygon: [
      { x: 0.1, y: 0.2 },
      { x: 0.3, y: 0.21 },
      { x: 0.29, y: 0.26 },
      { x: 0.09, y: 0.25 },
    ],
  });
});

test('a bounding box stands in where there is no polygon of four points', () => {
  const [found] = parseBlocks(blocksOf(['Total']) as Block[]).lines;
  const points = found?.polygon.map(({ x, y }) => [x, y].map((value) => Math.round(value * 100)));
  assert.deepEqual(points, [
    [10, 10],
    [40, 10],
    [40, 15],
    [10, 15],
  ]);
});

test('a page without text is a page: no lines', () => {
  assert.deepEqual(parseBlocks([page]), { lines: [] });
});

test('words without text, lines without words and words that are missing are left out', () => {
  const detection = parseBlocks([
    page,
    word('w1', '  '),
    word('w2', ' kept '),
    line('a', ['w1']),
    line('b', ['w2', 'gone']),
    line('c', []),
  ]);
  assert.deepEqual(
    detection.lines.map(({ id, text }) => [id, text]),
    [['l2', 'kept']],
  );
});

test('doubtful words are those below 80', () => {
  const detection = parseBlocks([
    page,
    word('a', 'a', 79.9),
    word('b', 'b', 80),
    word('c', 'c', 0),
    line('l', ['a', 'b', 'c']),
  ]);
  assert.equal(countDoubtfulWords(detection), 2);
});

describe('an answer that is not what Textract promises says nothing about the page', () => {
  const answers: [string, Block[] | undefined][] = [
    ['no blocks', undefined],
    ['an empty list', []],
    ['no PAGE', [word('w', 'x'), line('l', ['w'])]],
    ['a word without geometry', [page, { BlockType: 'WORD', Id: 'w', Text: 'x' }, line('l', ['w'])]],
  ];
  for (const [what, blocks] of answers) {
    test(what, () => assert.throws(() => parseBlocks(blocks), UnreadableAnswerError));
  }
});

test('a photograph in which only noise was found has no text', () => {
  const noise = parseBlocks([
    page,
    word('w1', '|', 21),
    word('w2', '—', 12),
    line('a', ['w1']),
    line('b', ['w2']),
  ]);
  assert.deepEqual(noise, { lines: [] });
  const text = parseBlocks([page, word('w1', '|', 21), word('w2', 'Total'), line('a', ['w1', 'w2'])]);
  assert.equal(textOf(text), '| Total');
  assert.equal(countDoubtfulWords(text), 0, 'a rule before a word is nothing to check');
});

test('handwriting is told apart where Textract does so, and is always to check', () => {
  const typed = (Id: string, TextType?: 'HANDWRITING' | 'PRINTED') =>
    ({ ...word(Id, 'Total'), ...(TextType ? { TextType } : {}) }) as Block;
  const [read] = parseBlocks([
    page,
    typed('w1', 'HANDWRITING'),
    typed('w2', 'PRINTED'),
    typed('w3'),
    line('a', ['w1', 'w2', 'w3']),
  ]).lines;
  assert.deepEqual(
    read?.words.map(({ textType }) => textType),
    ['handwriting', 'printed', undefined],
  );
  assert.equal(countDoubtfulWords({ lines: read ? [read] : [] }), 1);
});

test('a receipt’s name and amount, which Textract lists as two lines, are one line', () => {
  const at = (block: Block, left: number, top: number): Block => ({
    ...block,
    Geometry: { BoundingBox: { Left: left, Top: top, Width: 0.2, Height: 0.02 } },
  });
  const detection = parseBlocks([
    page,
    at(line('a', ['w1']), 0.1, 0.3),
    at(line('b', ['w2']), 0.7, 0.301),
    at(line('c', ['w3']), 0.1, 0.34),
    at(word('w1', 'Coffee'), 0.1, 0.3),
    at(word('w2', '2.40'), 0.7, 0.301),
    at(word('w3', 'Total'), 0.1, 0.34),
  ]);
  assert.equal(textOf(detection), 'Coffee 2.40\nTotal');
  assert.deepEqual(
    detection.lines.map(({ id, words }) => [id, words.length]),
    [
      ['l1', 2],
      ['l3', 1],
    ],
  );
});
