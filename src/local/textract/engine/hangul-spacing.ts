// Tesseract parts Korean words into syllables, and misplaces them; the ink shows where the spaces are. Syllables are all equally wide.
import type { ReadWord } from './line-reader.ts';

/** A gap in the ink that is wider than this part of the print's height is a space. */
const spaceFrom = 0.3;
const hangul = /\p{Script=Hangul}/u;
const narrow = /[\p{P}\p{N}\p{Script=Latin}]/u;

/**
 * The same letters, as the words that the ink shows: for each column the number of its pixels, `height` being that of the print.
 * Lines without Korean stay as they are.
 */
export function spaceByInk(words: ReadWord[], ink: Uint8Array, height: number): ReadWord[] {
  if (!words.some(({ text }) => hangul.test(text))) return words;
  const letters = words.flatMap(({ text, confidence }) =>
    [...text].map((letter) => ({ letter, confidence, width: narrow.test(letter) ? 0.5 : 1 })),
  );
  const stretches = findStretches(ink, spaceFrom * height);
  const inkWidth = stretches.reduce((sum, { from, to }) => sum + to - from, 0);
  const letterWidth = inkWidth / letters.reduce((sum, { width }) => sum + width, 0);
  const spaced: ReadWord[] = [];
  let next = 0;
  let inkEnd = 0;
  let lettersEnd = 0;
  for (const [i, { from, to }] of stretches.entries()) {
    inkEnd += to - from;
    const first = next;
    const isLast = i === stretches.length - 1;
    for (let letter = letters[next]; letter; letter = letters[next]) {
      if (!isLast && lettersEnd + (letter.width * letterWidth) / 2 > inkEnd) break;
      lettersEnd += letter.width * letterWidth;
      next++;
    }
    const inside = letters.slice(first, next);
    if (inside.length === 0) continue;
    spaced.push({
      text: inside.map(({ letter }) => letter).join(''),
      confidence: Math.min(...inside.map(({ confidence }) => confidence)),
      from,
      to,
    });
  }
  return spaced;
}

/** The parts of a line between its wide gaps. */
function findStretches(ink: Uint8Array, narrowest: number): { from: number; to: number }[] {
  const stretches: { from: number; to: number }[] = [];
  for (const [x, count] of ink.entries()) {
    if (count === 0) continue;
    const last = stretches.at(-1);
    if (last && x - last.to <= narrowest) last.to = x + 1;
    else stretches.push({ from: x, to: x + 1 });
  }
  return stretches;
}
