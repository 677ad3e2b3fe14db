// The searchable PDF as HTML: each page shows its scan, and under the scan lies the detected text, word by word.
import type { DetectedLine, Polygon } from '../../pages/detected-text.ts';
import { buildBlankFont } from './blank-font.ts';
import { imageUrl } from './document-origin.ts';
import { escapeHtml, languageTag } from './document-text.ts';
import { type PageSize, pageSizeOf } from './page-size.ts';
import { type PlacedWord, placeWords, widthOf } from './placed-words.ts';

/** A page of the project; width and height are the upright image's, in pixels. Image n of the renderer is page n's. */
export interface SearchablePage {
  width: number;
  height: number;
  lines: DetectedLine[];
}

export interface SearchableDocument {
  title: string;
  /** BCP 47, for example `de` */
  language: string;
  pages: SearchablePage[];
}

/** CSS pixels of the text before it is stretched over its word; large, so that rounding to 1/64 pixel does not show. */
const fontSize = 100;

/** The HTML of a searchable PDF: every page's box has its scan's aspect ratio, every word lies under its own polygon. */
export function buildSearchablePdfHtml({ title, language, pages }: SearchableDocument): string {
  const sizes = pages.map(pageSizeOf);
  const boxes = new Map(sizes.map((size) => [boxName(size), size]));
  const placed = pages.map((page) => page.lines.map(placeWords));
  const font = buildBlankFont(
    `${placed
      .flat(2)
      .map((word) => word.text)
      .join('')} `,
  ).toString('base64');
  const sections = pages.map((_, index) => {
    const size = sizes[index] as PageSize;
    return buildPage({ index, size, lines: placed[index] ?? [] });
  });
  return `<!doctype html>
<html lang="${languageTag(language)}">
<head>
<meta charset="utf-8">
<title>${escapeHtml(title)}</title>
<style>
@font-face { font-family: Text; src: url(data:font/ttf;base64,${font}) }
html, body, h2 { margin: 0 }
section { position: relative; contain: size layout; break-after: page }
section:last-child { break-after: auto }
svg { position: absolute; width: 1px; height: 1px }
img { position: absolute; inset: 0; width: 100%; height: 100%; transform-origin: 0 0 }
b {
  position: absolute; left: 0; top: 0; transform-origin: 0 0; white-space: pre; unicode-bidi: plaintext;
  font: ${fontSize}px/1 Text; font-kerning: none; font-variant-ligatures: none
}
${[...boxes].map(buildBox).join('\n')}
</style>
</head>
<body>${sections.join('')}</body>
</html>
`;
}

function boxName({ points }: PageSize): string {
  return `p${points.width}x${points.height}`;
}

/**
 * The image is laid out in whole pixels, no larger than the page, and then scaled to the very edge: layout that is a hair
 * too large would begin another page, and images are painted at whole pixels only.
 */
function buildBox([name, { points, pixels }]: [string, PageSize]): string {
  const [width, height] = [Math.floor(pixels.width), Math.floor(pixels.height)];
  const scale = `${toFixed(pixels.width / width)}, ${toFixed(pixels.height / height)}`;
  return `@page ${name} { size: ${points.width}pt ${points.height}pt; margin: 0 }
.${name} { page: ${name}; width: ${width}px; height: ${height}px } .${name} img { transform: scale(${scale}) }`;
}

/**
 * The heading is the scan, because its alternative text then names the page in the outline without being drawn. The words
 * are one figure with the page's text as its alternative: one tag a page is read aloud as well as one a word, and
 * tagging each word costs 130 bytes and a tenth of a millisecond (docs/decisions/0007).
 */
function buildPage(page: { index: number; size: PageSize; lines: PlacedWord[][] }): string {
  const words = page.lines.flat();
  const text = escapeHtml(words.map((word) => word.text).join(' '));
  const spans = words.map(
    (word) => `<b style="transform:${transformOf(word, page.size.pixels)}">${escapeHtml(word.text)} </b>`,
  );
  const layer =
    words.length > 0
      ? `<svg role="img" aria-label="${text}"><rect width="1" height="1"/></svg><div aria-hidden="true">${spans.join('')}</div>`
      : '';
  const image = `<h2><img src="${imageUrl(page.index)}" alt="Page ${page.index + 1}"></h2>`;
  return `<section class="${boxName(page.size)}">${layer}${image}</section>`;
}

/**
 * Maps the box of the unstretched text (its width by one em) onto the word's polygon, keeping right angles: along the
 * polygon's middle line, as high as the polygon, around its centre.
 */
function transformOf({ text, polygon }: PlacedWord, page: { width: number; height: number }): string {
  const [p0, p1, p2, p3] = polygon.map((point) => ({
    x: clamp(point.x) * page.width,
    y: clamp(point.y) * page.height,
  })) as Polygon;
  const along = { x: (p1.x + p2.x - p0.x - p3.x) / 2, y: (p1.y + p2.y - p0.y - p3.y) / 2 };
  const down = { x: (p3.x + p2.x - p0.x - p1.x) / 2, y: (p3.y + p2.y - p0.y - p1.y) / 2 };
  const length = Math.max(Math.hypot(along.x, along.y), 0.1);
  const direction =
    Math.hypot(along.x, along.y) > 0 ? { x: along.x / length, y: along.y / length } : { x: 1, y: 0 };
  const height = Math.max(Math.abs(down.y * direction.x - down.x * direction.y), 0.1);
  const scaleX = length / (widthOf(text) * fontSize);
  const scaleY = height / fontSize;
  const centre = { x: (p0.x + p1.x + p2.x + p3.x) / 4, y: (p0.y + p1.y + p2.y + p3.y) / 4 };
  const x = centre.x - (direction.x * length - direction.y * height) / 2;
  const y = centre.y - (direction.y * length + direction.x * height) / 2;
  const matrix = [
    direction.x * scaleX,
    direction.y * scaleX,
    -direction.y * scaleY,
    direction.x * scaleY,
    x,
    y,
  ];
  return `matrix(${matrix.map(toFixed).join(',')})`;
}

/** What lies beyond the page would not be part of the PDF's text. */
function clamp(fraction: number): number {
  return Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0;
}

function toFixed(value: number): string {
  return String(Number(value.toFixed(6)));
}
