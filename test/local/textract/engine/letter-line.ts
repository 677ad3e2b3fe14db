// Builds images of lines whose letters are boxes of ink, and what a reader says about them.
import { lineHeight, type RgbImage } from '../../../../src/local/textract/engine/image.ts';
import type { ReadWord } from '../../../../src/local/textract/engine/line-reader.ts';

export interface InkedLetter {
  text: string;
  top: number;
  bottom: number;
}

const [letterWidth, pitch, margin] = [12, 16, 20];

/** One word. `joinedAt`: the row of a stroke that joins all letters; `rise`: how steeply the letters' edges climb. */
export function buildLetterLine(
  letters: readonly InkedLetter[],
  given: { joinedAt?: number; rise?: number; probability?: number } = {},
): { line: RgbImage; words: ReadWord[] } {
  const { joinedAt, rise = 0, probability = 0.99 } = given;
  const width = 2 * margin + pitch * letters.length;
  const data = new Uint8Array(width * lineHeight * 3).fill(255);
  const ink = (x: number, y: number) => data.fill(0, (y * width + x) * 3, (y * width + x + 1) * 3);
  for (const [i, { top, bottom }] of letters.entries()) {
    for (let x = 0; x < letterWidth; x++) {
      const raised = Math.round(x * rise);
      for (let y = top; y < bottom; y++) ink(margin + i * pitch + x, y + raised);
    }
  }
  const end = margin + pitch * (letters.length - 1) + letterWidth;
  if (joinedAt !== undefined) for (let x = margin; x < end; x++) ink(x, joinedAt);
  const placed = letters.map(({ text }, i) => ({
    text,
    probability,
    middle: margin + i * pitch + letterWidth / 2,
  }));
  const word = {
    text: letters.map(({ text }) => text).join(''),
    confidence: 99,
    from: margin,
    to: end,
    letters: placed,
  };
  return { line: { data, width, height: lineHeight }, words: [word] };
}
