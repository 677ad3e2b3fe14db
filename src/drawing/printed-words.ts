// Puts the characters that a PDF prints together to words. Pure.
import { isBeside, toFrame } from './character-frame.ts';
import type { PrintedCharacter, PrintedPiece, PrintedWord } from './printed-word.ts';

/** The usual part of an em above and below the baseline. */
const usual = { above: 0.75, below: 0.22 };

/** The words of a page, in the order of its pieces. */
export function toWords(pieces: PrintedPiece[]): (PrintedWord | 'break')[] {
  const words: (PrintedWord | 'break')[] = [];
  let characters: PrintedCharacter[] = [];
  const end = () => {
    if (characters.length > 0) words.push(toWord(characters));
    characters = [];
  };
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      end();
      if (piece === 'break') words.push(piece);
      continue;
    }
    const last = characters.at(-1);
    if (last && !isBeside(last, piece)) end();
    characters.push(piece);
  }
  end();
  return words;
}

function toWord(characters: PrintedCharacter[]): PrintedWord {
  const frames = characters.map(toFrame);
  const [first] = characters as [PrintedCharacter];
  const em = Math.max(...characters.map((character) => character.em));
  const base = frames[characters.findIndex((character) => character.em === em)]?.base ?? 0;
  const ink = {
    top: Math.min(...frames.map(({ top }) => top)),
    bottom: Math.max(...frames.map(({ bottom }) => bottom)),
  };
  // fonts that are drawings of their own (Type 3) have sizes that say nothing
  const isPlausible = em > 0.7 * (ink.bottom - ink.top) && em < 30 * (ink.bottom - ink.top);
  return {
    text: joinHalves(characters.map(({ text }) => text).join('')),
    along: first.along,
    em: isPlausible ? em : ink.bottom - ink.top,
    from: Math.min(...frames.map(({ from }) => from)),
    to: Math.max(...frames.map(({ to }) => to)),
    top: isPlausible ? Math.min(ink.top, base - usual.above * em) : ink.top,
    base: isPlausible ? base : ink.bottom,
    bottom: isPlausible ? Math.max(ink.bottom, base + usual.below * em) : ink.bottom,
    count: characters.length,
  };
}

/** Half a character beyond the first 65,536 is not one. */
const joinHalves = (text: string) => text.toWellFormed();
