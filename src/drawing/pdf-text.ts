// The characters that a page of a PDF prints, as PDFium reads them (fpdf_text.h): in its order, right-to-left text in
// logical order, ligatures expanded.
import { type Matrix, transform } from './matrix.ts';
import type { Pdfium } from './pdfium-module.ts';
import type { PrintedCharacter, PrintedPiece } from './printed-word.ts';

/** More than any page that people read has, and little enough for one item of the table. */
export const maxCharacters = 30_000;

const invisibleMode = 3;
const carriageReturn = 13;
const lineFeed = 10;
/** How PDFium reports a hyphen at the end of a line whose word continues on the next. */
const continuedHyphens = new Set([0x02, 0xad, 0xfffe]);
/** Bullets of symbol fonts, which have no better mapping than the private use area. */
const symbols: Record<number, string> = { 61607: '▪', 61623: '•', 61656: '➢', 61692: '✓' };

/** Characters in points from the top left of the page as shown. `undefined`: there are too many. */
export function readCharacters(pdfium: Pdfium, page: number, shown: Matrix): PrintedPiece[] | undefined {
  const text = pdfium._FPDFText_LoadPage(page);
  if (text === 0) return [];
  const memory = pdfium.wasmExports.malloc(64);
  try {
    const count = pdfium._FPDFText_CountChars(text);
    if (count > maxCharacters) return undefined;
    const pieces: PrintedPiece[] = [];
    for (let index = 0; index < count; index += 1) {
      pieces.push(readPiece(pdfium, { text, index, memory, shown }));
    }
    return pieces;
  } finally {
    pdfium.wasmExports.free(memory);
    pdfium._FPDFText_ClosePage(text);
  }
}

interface Place {
  text: number;
  index: number;
  /** Room for eight numbers of 64 bits. */
  memory: number;
  shown: Matrix;
}

function readPiece(pdfium: Pdfium, place: Place): PrintedPiece {
  const { text, index } = place;
  const code = pdfium._FPDFText_GetUnicode(text, index);
  if (code === carriageReturn || code === lineFeed) return 'break';
  const character = toCharacter(code);
  if (pdfium._FPDFText_IsGenerated(text, index) === 1 || /^\s$/u.test(character)) return 'space';
  return {
    text: character,
    ...readPlace(pdfium, place),
    isUnmapped: pdfium._FPDFText_HasUnicodeMapError(text, index) === 1 || isMeaningless(character),
    isInvisible: isInvisible(pdfium, text, index),
  };
}

function toCharacter(code: number): string {
  if (continuedHyphens.has(code)) return '-';
  if (code > 0x10ffff) return '\ufffd';
  return symbols[code] ?? String.fromCodePoint(code);
}

/** Controls, characters of private use and what stands for a missing one. (A surrogate is half of a character.) */
const isMeaningless = (character: string) => /^[\p{Cc}\p{Co}\p{Cn}\ufffd]$/u.test(character);

function isInvisible(pdfium: Pdfium, text: number, index: number): boolean {
  const object = pdfium._FPDFText_GetTextObject(text, index);
  return object !== 0 && pdfium._FPDFTextObj_GetTextRenderMode(object) === invisibleMode;
}

function readPlace(
  pdfium: Pdfium,
  { text, index, memory, shown }: Place,
): Pick<PrintedCharacter, 'origin' | 'along' | 'em' | 'box'> {
  const doubles = (count: number) => [...pdfium.HEAPF64.subarray(memory / 8, memory / 8 + count)];
  pdfium._FPDFText_GetCharOrigin(text, index, memory, memory + 8);
  const [x = 0, y = 0] = doubles(2);
  pdfium._FPDFText_GetCharBox(text, index, memory, memory + 8, memory + 16, memory + 24);
  const [left = 0, right = 0, bottom = 0, top = 0] = doubles(4);
  pdfium._FPDFText_GetMatrix(text, index, memory);
  const [a = 1, b = 0, c = 0, d = 1] = pdfium.HEAPF32.subarray(memory / 4, memory / 4 + 6);
  const size = pdfium._FPDFText_GetFontSize(text, index);
  const [m, n, o, p] = shown;
  const along = { x: a * m + b * o, y: a * n + b * p };
  const length = Math.hypot(along.x, along.y) || 1;
  const corners = [transform(shown, left, top), transform(shown, right, bottom)] as const;
  return {
    origin: transform(shown, x, y),
    along: { x: along.x / length, y: along.y / length },
    em: Math.hypot(c * m + d * o, c * n + d * p) * size,
    box: {
      left: Math.min(corners[0].x, corners[1].x),
      right: Math.max(corners[0].x, corners[1].x),
      top: Math.min(corners[0].y, corners[1].y),
      bottom: Math.max(corners[0].y, corners[1].y),
    },
  };
}
