// A page's own text, where it is real: mapped to Unicode, all of it visible, and all that is to be read. Scans over which a
// program laid what it read, fonts without a mapping and pages that show text in pictures have none (docs/decisions/0056).
import type { Detection } from '../text/detected-text.ts';
import { isMapped, isMeaningful } from './meaningful-text.ts';
import { readShownMatrix } from './pdf-content.ts';
import { type PageImage, shareOfPage } from './pdf-scale.ts';
import { maxCharacters, readCharacters } from './pdf-text.ts';
import type { Pdfium } from './pdfium-module.ts';
import { toDetection } from './printed-lines.ts';
import type { PrintedWord } from './printed-word.ts';
import { toWords } from './printed-words.ts';
import { countLetters } from './text-like-ink.ts';

interface Size {
  width: number;
  height: number;
}

interface Given {
  points: Size;
  /** The page's text objects. */
  texts: number[];
  images: PageImage[];
  /** Draws the page in this size, a byte a pixel. The width is a multiple of four. */
  drawGrey: (size: Size) => Uint8Array;
}

const lookDpi = 100;
/** Of large pages, such as posters, whose print is large too. */
const largestLook = 1600;
/** As many letters in drawings and small pictures are a logo or a stamp. More are text to be read. */
const maxLetters = 24;
/** In a picture that takes this share of the page, text is too small to be seen well, and a photograph shows few letters. */
const largePicture = { share: 0.05, maxLetters: 6 };
/** What a visible character changes at least in its box: light grey on white. */
const visibleChange = 6;

/** `undefined`: the page has no text of its own that can stand for what it shows. */
export function readOwnText(pdfium: Pdfium, page: number, given: Given): Detection | undefined {
  const { points } = given;
  if (given.texts.length === 0 || given.texts.length > maxCharacters) return undefined;
  const pieces = readCharacters(pdfium, page, readShownMatrix(pdfium, page, points));
  const characters = pieces?.filter((piece) => typeof piece !== 'string') ?? [];
  if (!pieces || characters.length === 0) return undefined;
  if (!isMapped(characters) || characters.some(({ isInvisible }) => isInvisible)) return undefined;
  const words = toWords(pieces);
  const printed = words.filter((word) => word !== 'break');
  if (!isMeaningful(printed.map(({ text }) => text))) return undefined;
  return showsAll(pdfium, printed, given) ? toDetection(words, points) : undefined;
}

/** Whether all words are visible, and nothing else looks like text. */
function showsAll(pdfium: Pdfium, words: PrintedWord[], { points, texts, images, drawGrey }: Given): boolean {
  const usual = Math.min(lookDpi / 72, largestLook / Math.max(points.width, points.height));
  const width = 4 * Math.ceil((points.width * usual) / 4);
  const scale = width / points.width;
  const size = { width, height: Math.ceil(points.height * scale) };
  const whole = drawGrey(size);
  for (const text of texts) pdfium._FPDFPageObj_SetIsActive(text, 0);
  const rest = drawGrey(size);
  for (const text of texts) pdfium._FPDFPageObj_SetIsActive(text, 1);
  if (!words.every((word) => isVisible(word, { whole, rest, size, scale }))) return false;
  const isLarge = images.some((image) => shareOfPage(image, points) >= largePicture.share);
  const most = isLarge ? largePicture.maxLetters : maxLetters;
  return countLetters({ pixels: rest, ...size }, most + 1) <= most;
}

function isVisible(
  { along, from, to, top, bottom }: PrintedWord,
  { whole, rest, size, scale }: { whole: Uint8Array; rest: Uint8Array; size: Size; scale: number },
): boolean {
  const corners = [
    [from, top],
    [to, top],
    [to, bottom],
    [from, bottom],
  ].map(([far = 0, low = 0]) => ({
    x: (far * along.x - low * along.y) * scale,
    y: (far * along.y + low * along.x) * scale,
  }));
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  const [left, right] = [
    Math.max(0, Math.floor(Math.min(...xs))),
    Math.min(size.width, Math.ceil(Math.max(...xs))),
  ];
  const [high, low] = [
    Math.max(0, Math.floor(Math.min(...ys))),
    Math.min(size.height, Math.ceil(Math.max(...ys))),
  ];
  for (let y = high; y < low; y += 1) {
    for (let at = y * size.width + left; at < y * size.width + right; at += 1) {
      if (Math.abs((whole[at] as number) - (rest[at] as number)) >= visibleChange) return true;
    }
  }
  return false;
}
