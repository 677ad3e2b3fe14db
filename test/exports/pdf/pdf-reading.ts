// What people's readers make of a PDF: PDFium (Chrome, Edge), pdf.js (Firefox), and poppler where it is installed.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { DetectedWord } from '../../../src/text/detected-text.ts';
import { readWithPdfium } from './readers/pdfium.reader.ts';
import { readWithPdfJs } from './readers/pdfjs.reader.ts';
import { popplerIsMissing, readWithPoppler } from './readers/poppler.reader.ts';
import { type ReadPage, type ReadPiece, withoutSpace, wordsIn } from './readers/read-pdf.ts';

interface Reading {
  reader: string;
  pages: ReadPage[];
}

/** Says, where poppler is not asked, that and why. */
export async function readByAll(t: Pick<TestContext, 'diagnostic'>, path: string): Promise<Reading[]> {
  const readings = [
    { reader: 'PDFium', ...(await readWithPdfium(path)) },
    { reader: 'pdf.js', ...(await readWithPdfJs(path)) },
  ];
  if (!popplerIsMissing) return [...readings, { reader: 'poppler', ...(await readWithPoppler(path)) }];
  t.diagnostic(`Not read by poppler: ${popplerIsMissing}`);
  return readings;
}

/** Every page's words with their boxes, as PDFium reads them. */
export async function readWords(path: string): Promise<ReadPiece[][]> {
  return (await readWithPdfium(path)).pages.map(({ pieces }) => pieces);
}

/** Every page's text as PDFium reads it, without white space. */
export async function readTexts(path: string): Promise<string[]> {
  return (await readWithPdfium(path)).pages.map(({ text }) => withoutSpace(text));
}

type Word = Pick<DetectedWord, 'text'> & { polygon: { x: number; y: number }[] };

export interface ExpectedPage {
  lines: { words: Word[] }[];
}

/** Asserts that a reader gives all words, in this order, each at its place: `within` is a fraction of the page. */
export function assertReads({ reader, pages }: Reading, expected: ExpectedPage[], within = 0.005) {
  assert.equal(pages.length, expected.length);
  pages.forEach(({ text, pieces }, index) => {
    const where = `page ${index + 1} as ${reader} reads it`;
    const words = (expected[index] as ExpectedPage).lines.flatMap((line) => line.words);
    assert.deepEqual(
      wordsIn(text),
      words.map((word) => word.text),
      where,
    );
    let next = 0;
    for (const piece of pieces) {
      const covered = words.slice(next, next + wordsIn(piece.text).length);
      next += covered.length;
      assert.deepEqual(
        wordsIn(piece.text),
        covered.map((word) => word.text),
        where,
      );
      const place = piece.start ? startOf(covered) : centreOf(covered);
      const { x, y } = piece.start ?? piece;
      const off = Math.hypot(x - place.x, y - place.y);
      assert.ok(off <= within, `“${piece.text}” lies ${off} off on ${where}`);
    }
    assert.equal(next, words.length, where);
  });
}

/** The middle of the first word's left edge. */
function startOf([first]: Word[]) {
  const [topLeft = { x: 0, y: 0 }, , , bottomLeft = topLeft] = first?.polygon ?? [];
  return { x: (topLeft.x + bottomLeft.x) / 2, y: (topLeft.y + bottomLeft.y) / 2 };
}

/** The centre of the upright box around the words. */
function centreOf(words: Word[]) {
  const points = words.flatMap((word) => word.polygon);
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  return {
    x: (Math.min(...xs) + Math.max(...xs)) / 2,
    y: (Math.min(...ys) + Math.max(...ys)) / 2,
  };
}
