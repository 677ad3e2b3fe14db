// Builds images of printed pages.
import sharp from 'sharp';
import { ensureFonts } from '../../support/fonts.ts';

await ensureFonts();

interface PrintedLine {
  text: string;
  x: number;
  /** Of the baseline. */
  y: number;
}

const size = { width: 1000, height: 1400 };

/** A white page of 1000 by 1400 pixels, its print turned clockwise about its centre by some degrees. */
export function buildPrintedPage(given: { lines: PrintedLine[]; degrees?: number; fontSize?: number }) {
  const print = given.lines.map(({ text, x, y }) => `<text x="${x}" y="${y}">${text}</text>`).join('');
  const turn = `rotate(${given.degrees ?? 0} ${size.width / 2} ${size.height / 2})`;
  return sharp(
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}">
      <rect width="100%" height="100%" fill="#fff"/>
      <g transform="${turn}" font-family="DejaVu Sans, sans-serif" font-size="${given.fontSize ?? 30}">${print}</g>
    </svg>`),
  ).flatten();
}

/** Where a point of the unturned page, in pixels, lies on the turned one, in fractions. */
export function turnOnPage(x: number, y: number, degrees: number) {
  const angle = (degrees * Math.PI) / 180;
  const [dx, dy] = [x - size.width / 2, y - size.height / 2];
  return {
    x: (size.width / 2 + dx * Math.cos(angle) - dy * Math.sin(angle)) / size.width,
    y: (size.height / 2 + dx * Math.sin(angle) + dy * Math.cos(angle)) / size.height,
  };
}

export function buildLines(count: number): PrintedLine[] {
  return Array.from({ length: count }, (_, i) => ({
    text: `Line ${100 + i} carries seven ordinary words here`,
    x: 120,
    y: 250 + i * 70,
  }));
}
