// The searchable PDF as HTML: each page shows its scan, and under it lies the detected text, word by word.
import type { DetectedLine } from '../../text/detected-text.ts';
import { isRightToLeft } from '../../text/text-direction.ts';
import { buildBlankFont } from './blank-font.ts';
import { imageUrl } from './document-origin.ts';
import { escapeHtml, languageAttribute, languageTag } from './document-text.ts';
import { type PageSize, pageSizeInPoints, pageSizeOf } from './page-size.ts';
import { type PlacedWord, placeWords, widthOf } from './placed-words.ts';
import { boxOf } from './word-box.ts';

/** A page of the project. Width and height are the upright image's, in pixels. Image n of the renderer is page n's. */
export interface SearchablePage {
  width: number;
  height: number;
  lines: DetectedLine[];
  /** An empty page, in whose place one is carried over: its size in points, and the image that stands for it. */
  empty?: { width: number; height: number; image: number };
  /** BCP 47; the document's where it is missing. */
  language?: string | undefined;
}

export interface SearchableDocument {
  title: string;
  /** BCP 47, for example `de` */
  language: string;
  pages: SearchablePage[];
}

/**
 * The text's size in CSS pixels before it is stretched over its word. Large, so that rounding to 1/64 pixel does not
 * matter, and a power of two like the font's units.
 */
const fontSize = 128;

/** The HTML of a searchable PDF. Each page has its scan's aspect ratio, and each word lies under its polygon. */
export function buildSearchablePdfHtml({ title, language, pages }: SearchableDocument): string {
  const sizes = pages.map((page) => (page.empty ? pageSizeInPoints(page.empty) : pageSizeOf(page)));
  const boxes = new Map(sizes.map((size) => [boxName(size), size]));
  const placed = pages.map((page) => page.lines.map(placeWords));
  const text = placed
    .flat(2)
    .map((word) => word.text)
    .join('');
  const sections = pages.map(({ empty }, index) => {
    const size = sizes[index] as PageSize;
    const attribute = languageAttribute(pages[index]?.language, language);
    return buildPage({ index, image: empty?.image ?? index, size, attribute, lines: placed[index] ?? [] });
  });
  // Without the clip, Chromium paints a scan that is narrower than the page on the preceding page too, and the outline
  // entry leads there. Right and bottom leave room for scans that exceed whole pixels.
  return `<!doctype html>
<html lang="${languageTag(language)}">
<head>
<meta charset="utf-8">
<title>${escapeHtml(title)}</title>
<style>
${fontFace('Text', `${text} `)}
${hasInvisible(text) ? fontFace('Spaceless', text) : ''}
html, body, h2 { margin: 0 }
section { position: relative; contain: size layout; clip-path: inset(0 -1px -1px 0); break-after: page }
section:last-child { break-after: auto }
svg { position: absolute; width: 1px; height: 1px }
div { position: absolute; inset: 0 -1px -1px 0; overflow: hidden }
img { position: absolute; inset: 0; width: 100%; height: 100%; transform-origin: 0 0 }
b {
  position: absolute; left: 0; top: 0; transform-origin: 0 0; white-space: pre;
  color: white; font: ${fontSize}px/1 Text; text-rendering: optimizeSpeed; font-variant-emoji: text
}
u { display: inline-block; text-decoration: none }
i { font-family: Spaceless; font-style: normal }
${[...boxes].map(buildBox).join('\n')}
</style>
</head>
<body>${sections.join('')}</body>
</html>
`;
}

function fontFace(family: string, text: string): string {
  const font = buildBlankFont(text).toString('base64');
  return `@font-face { font-family: ${family}; src: url(data:font/ttf;base64,${font}) }`;
}

/**
 * Chromium draws invisible characters, like the joiners of Persian and Hindi, as a space where the font has one, which
 * would end the word. So words with such characters use a font without a space, and no space follows them.
 */
function hasInvisible(text: string): boolean {
  return /\p{Default_Ignorable_Code_Point}/u.test(text);
}

/**
 * Chromium writes an emoji of several characters as glyphs with a replacement text, from which PDFium drops characters
 * beyond the first 65,536. So each of these characters is laid out separately.
 */
function hasComposedEmoji(text: string): boolean {
  return /\p{Extended_Pictographic}[\p{Emoji_Modifier}\u200d]|\p{Regional_Indicator}/u.test(text);
}

function splitCharacters(text: string): string {
  return [...text].map((character) => `<u>${escapeHtml(character)}</u>`).join('');
}

function buildWord(word: PlacedWord, page: { width: number; height: number }): string {
  const text = hasComposedEmoji(word.text) ? splitCharacters(word.text) : escapeHtml(word.text);
  const content = hasInvisible(word.text) ? `<i>${text}</i>` : `${text} `;
  const { centre, direction, length, height } = boxOf(word, page);
  const across = {
    x: (direction.x * length) / fontSize / widthOf(word.text),
    y: (direction.y * length) / fontSize / widthOf(word.text),
  };
  const down = { x: (-direction.y * height) / fontSize, y: (direction.x * height) / fontSize };
  const x = centre.x - (direction.x * length - direction.y * height) / 2;
  const y = centre.y - (direction.y * length + direction.x * height) / 2;
  const matrix = [across.x, across.y, down.x, down.y, x, y].map(toFixed).join(',');
  return `<b style="transform:matrix(${matrix})">${content}</b>`;
}

function boxName({ points }: PageSize): string {
  return `p${points.width}x${points.height}`;
}

/**
 * Lays the image out in whole pixels, no larger than the page, and then scales it to the edge: a layout that is
 * slightly too large would start another page, and images are painted at whole pixels only.
 */
function buildBox([name, { points, pixels }]: [string, PageSize]): string {
  const [width, height] = [Math.floor(pixels.width), Math.floor(pixels.height)];
  const scale = `${toFixed(pixels.width / width)}, ${toFixed(pixels.height / height)}`;
  return `@page ${name} { size: ${points.width}pt ${points.height}pt; margin: 0 }
.${name} { page: ${name}; width: ${width}px; height: ${height}px } .${name} img { transform: scale(${scale}) }`;
}

/**
 * The scan is the heading: its alternative text then names the page in the outline without being drawn. The words are
 * one figure with the page's text as its alternative. One tag for a page reads aloud as well as one for each word, and
 * tagging each word costs 130 bytes and 0.1 ms (docs/decisions/0007).
 */
function buildPage(page: {
  index: number;
  image: number;
  size: PageSize;
  attribute: string;
  lines: PlacedWord[][];
}): string {
  const words = page.lines.flat();
  const text = escapeHtml(words.map((word) => word.text).join(' '));
  const spans = words.map((word) => buildWord(word, page.size.pixels));
  const layer =
    words.length > 0
      ? `<svg role="img"${page.attribute} aria-label="${text}"><rect width="1" height="1"/></svg><div aria-hidden="true" dir="${directionOf(words)}">${spans.join('')}</div>`
      : '';
  const image = `<h2><img src="${imageUrl(page.image)}" alt="Page ${page.index + 1}"></h2>`;
  return `<section class="${boxName(page.size)}">${layer}${image}</section>`;
}

/** Readers order a page's words and punctuation by the direction of most of its letters. */
function directionOf(words: PlacedWord[]): 'ltr' | 'rtl' {
  return isRightToLeft(words.map((word) => word.text).join('')) ? 'rtl' : 'ltr';
}

function toFixed(value: number): string {
  return String(Number(value.toFixed(6)));
}
