// What is sent to a translator: whole sentences, in parts that it accepts. Pure.

const endsSentence = /[.!?:;。！？：；؟।]["'”’»)\]]*$/u;
const beginsLow = /^\p{Ll}/u;

/**
 * Joins lines that the paper broke within a sentence: the next begins with a small letter. A translator takes the end of a line for
 * that of a sentence. A word that was divided is put together.
 */
export function joinBrokenLines(text: string): string {
  const joined: string[] = [];
  for (const line of text.split('\n')) {
    const before = joined.at(-1);
    const goesOn = before && !endsSentence.test(before) && beginsLow.test(line);
    if (!goesOn) joined.push(line);
    else
      joined[joined.length - 1] = /\p{L}-$/u.test(before) ? before.slice(0, -1) + line : `${before} ${line}`;
  }
  return joined.join('\n');
}

const bytesOf = (text: string) => Buffer.byteLength(text);

/** Parts that together are the text, each of at most so many bytes, cut between lines, else sentences, else words, else letters. */
export function cutForTranslation(text: string, maxBytes: number): string[] {
  return fill(text.split(/(?<=\n)/), maxBytes, [bySentence, byWord, byLetter]);
}

type Cut = (text: string) => string[];

function fill(pieces: string[], maxBytes: number, [finer, ...finest]: Cut[]): string[] {
  const parts: string[] = [];
  let part = '';
  const end = () => {
    if (part) parts.push(part);
    part = '';
  };
  for (const piece of pieces) {
    if (bytesOf(part) + bytesOf(piece) <= maxBytes) {
      part += piece;
      continue;
    }
    end();
    if (bytesOf(piece) <= maxBytes || !finer) part = piece;
    else {
      const cut = fill(finer(piece), maxBytes, finest);
      part = cut.pop() ?? '';
      parts.push(...cut);
    }
  }
  end();
  return parts;
}

const by = (granularity: 'sentence' | 'word' | 'grapheme'): Cut => {
  const segmenter = new Intl.Segmenter(undefined, { granularity });
  return (text) => Array.from(segmenter.segment(text), ({ segment }) => segment);
};
const bySentence = by('sentence');
const byWord = by('word');
const byLetter = by('grapheme');
