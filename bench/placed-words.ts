// A page whose words have known positions: each is drawn alone, and its position is that of its ink.
import type { Place } from '../src/local/textract/engine/image.ts';
import { drawSvg } from './svg.ts';

interface PlacedWord {
  text: string;
  /** The middle of its ink along the line, and of the line's capitals and descenders across it; in pixels. */
  centre: Place;
  height: number;
}

const size = { width: 1240, height: 1000 };
const fontSize = 34;
const left = 90;
const gap = 18;
const lines = [
  'Invoice 4711 Kettle Nothing Grapes',
  'Delivery Monday Thursday Haggle 1,249.00',
  'Margherita Quarterly Regarding Plumbing 88.10',
  'Journey Yesterday Payment Typography Zebra',
  'Signature Nightly Copying Lengthy 2025-118',
  'Weighing Supplying Foggy Magazine Bicycle',
];

export async function drawPlacedWords(): Promise<{ image: Buffer; words: PlacedWord[]; size: typeof size }> {
  const words: PlacedWord[] = [];
  const texts: string[] = [];
  for (const [i, line] of lines.entries()) {
    let x = left;
    const baseline = 150 + i * 130;
    const tall = await inkOf('Hg', 0, baseline);
    for (const text of line.split(' ')) {
      const ink = await inkOf(text, x, baseline);
      words.push({
        text,
        centre: { x: (ink.left + ink.right) / 2, y: (tall.top + tall.bottom) / 2 },
        height: tall.bottom - tall.top,
      });
      texts.push(drawText(text, x, baseline));
      x = ink.right + gap;
    }
  }
  const image = await drawSvg(svgOf(texts.join('')))
    .jpeg({ quality: 85 })
    .toBuffer();
  return { image, words, size };
}

const drawText = (text: string, x: number, y: number) =>
  `<text x="${x}" y="${y}" font-family="Noto Sans, sans-serif" font-size="${fontSize}">${text}</text>`;

const svgOf = (texts: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}"><rect width="100%" height="100%" fill="#fff"/>${texts}</svg>`;

async function inkOf(text: string, x: number, y: number) {
  const { info } = await drawSvg(svgOf(drawText(text, x, y)))
    .trim({ background: '#fff' })
    .png()
    .toBuffer({ resolveWithObject: true });
  const [from, top] = [-(info.trimOffsetLeft ?? 0), -(info.trimOffsetTop ?? 0)];
  return { left: from, right: from + info.width, top, bottom: top + info.height };
}
