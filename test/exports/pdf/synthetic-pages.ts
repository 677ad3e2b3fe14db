// Pages for tests: JPEGs without meaning, and words whose place is known.
import sharp from 'sharp';
import type { SearchablePage } from '../../../src/exports/pdf/searchable-pdf.html.ts';
import type { DetectedLine, DetectedWord, Point, Polygon } from '../../../src/text/detected-text.ts';

export interface SyntheticPage extends SearchablePage {
  jpeg: Buffer;
}

export const plainTexts = [
  'Total 12,50 EUR',
  'Kaffee, groß 3,80',
  'MwSt. 19,00 %',
  'Thank you for your visit',
  'Receipt no. 2026-0042',
  'one two three four five six seven',
];

/** A page of so many lines, turned about its centre by `degrees`; each page's JPEG is different. */
export async function buildPage(options: {
  width: number;
  height: number;
  texts?: string[];
  lineCount?: number;
  degrees?: number;
  shade?: number;
}): Promise<SyntheticPage> {
  const { width, height, texts = plainTexts, lineCount = texts.length, degrees = 0, shade = 230 } = options;
  const background = { r: shade % 256, g: 235, b: 240 };
  const jpeg = await sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer();
  const pitch = Math.min(0.05, 0.7 / lineCount);
  const lines = Array.from({ length: lineCount }, (_, index) =>
    buildLine({
      id: `line-${index}`,
      text: texts[index % texts.length] ?? '',
      x: 0.15,
      y: 0.15 + index * pitch,
      height: pitch * 0.6,
      turn: (point) => turned(point, degrees, { width, height }),
    }),
  );
  return { width, height, jpeg, lines };
}

/** A line whose words share its width (0.7 of the page) in proportion to their length. */
export function buildLine(options: {
  id: string;
  text: string;
  x: number;
  y: number;
  height: number;
  turn?: (point: Point) => Point;
}): DetectedLine {
  const { id, text, x, y, height, turn = (point) => point } = options;
  const box = (left: number, right: number): Polygon => [
    turn({ x: left, y }),
    turn({ x: right, y }),
    turn({ x: right, y: y + height }),
    turn({ x: left, y: y + height }),
  ];
  const share = 0.7 / Math.max(text.length, 24);
  const words: DetectedWord[] = [...text.matchAll(/\S+/g)].map((match) => ({
    text: match[0],
    confidence: 90,
    polygon: box(x + match.index * share, x + (match.index + match[0].length) * share),
  }));
  return { id, text, confidence: 90, polygon: box(x, x + text.length * share), words };
}

function turned(point: Point, degrees: number, page: { width: number; height: number }): Point {
  const angle = (degrees * Math.PI) / 180;
  const [x, y] = [(point.x - 0.5) * page.width, (point.y - 0.5) * page.height];
  return {
    x: 0.5 + (x * Math.cos(angle) - y * Math.sin(angle)) / page.width,
    y: 0.5 + (x * Math.sin(angle) + y * Math.cos(angle)) / page.height,
  };
}
