// Where printed words and lines are on the page, as fractions of it. Pure.
import type { DetectedLine, Point, Polygon } from '../text/detected-text.ts';
import { type PrintedLine, startOf } from './printed-rows.ts';
import type { PrintedWord } from './printed-word.ts';

export interface Size {
  width: number;
  height: number;
}

export function toDetected({ words, along }: PrintedLine, page: Size): DetectedLine {
  const detected = words.map((word) => ({
    text: word.text,
    confidence: 100,
    polygon: polygonOf(word, word.along, page),
  }));
  const around = {
    from: startOf({ words, along }),
    to: Math.max(...words.map(({ to }) => to)),
    top: Math.min(...words.map(({ top }) => top)),
    bottom: Math.max(...words.map(({ bottom }) => bottom)),
  };
  return {
    id: '',
    text: words.map(({ text }) => text).join(' '),
    confidence: 100,
    polygon: polygonOf(around, along, page),
    words: detected,
  };
}

function polygonOf(
  { from, to, top, bottom }: Pick<PrintedWord, 'from' | 'to' | 'top' | 'bottom'>,
  along: Point,
  page: Size,
): Polygon {
  const at = (far: number, low: number): Point => ({
    x: round((far * along.x - low * along.y) / page.width),
    y: round((far * along.y + low * along.x) / page.height),
  });
  return [at(from, top), at(to, top), at(to, bottom), at(from, bottom)];
}

/** Within the page, to a hundredth of a pixel. */
const round = (fraction: number) => Math.round(Math.min(1, Math.max(0, fraction)) * 1e6) / 1e6;
