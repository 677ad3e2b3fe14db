// Aligns a corrected line's words with the detected ones, and places them. The text layer of a PDF and the boxes on
// the image follow from it. Pure; polygons may be rotated.
import { type Group, oneToOne, readAlignment, writeAlignment } from './alignment-notation.ts';
import type { DetectedWord, Polygon } from './detected-text.ts';
import { costsOf, maxMergedWords } from './edit-distance.ts';
import { settleInsertions } from './inserted-words.ts';
import { gapBetween, spread, unionOf } from './word-boxes.ts';

/** A word of the corrected line, with the indexes of the detected words whose position it takes. */
export interface AlignedWord {
  text: string;
  polygon: Polygon;
  /** Empty for a word inserted into a gap. */
  from: number[];
}

/** The maximum of letter pairs compared. Beyond it, changed words share the position of those they replace. */
const maxPairs = 40_000;
/** With more words in a group than can be compared, each text stands for all its detected words. */
const roughGroup = 8;

/**
 * Positions the texts of a corrected line. With the same number of words each takes its own position. Otherwise the
 * alignment with the fewest changed letters is used: merged words take the union of their boxes, split words share
 * their box by length, an inserted word takes the gap where it stands or shares its neighbour's box, and deleted words
 * disappear.
 * `alignment` is a result of `findAlignment`. One that does not fit, such as '', counts as if there were too many
 * words to compare.
 */
export function alignWords(
  detected: DetectedWord[],
  texts: string[],
  line: Polygon,
  alignment = findAlignment(detected, texts).alignment,
): AlignedWord[] {
  if (detected.length === 0) return spread(texts, line, []);
  if (texts.length === detected.length) {
    return texts.map((text, place) => ({
      text,
      polygon: (detected[place] as DetectedWord).polygon,
      from: [place],
    }));
  }
  const groups = readAlignment(alignment, detected, texts) ?? alignRoughly(detected, texts);
  return settleInsertions(groups, detected, texts).flatMap((group) => placeGroup(group, detected, texts));
}

/**
 * Which detected words became which texts, in a form to store: "3 1:2 5" means three words that stand for one each,
 * one that became two, five that stand for one each. '' when the number of words tells it. `pairs` is the number of
 * letter pairs compared, at most `pairsLeft`.
 */
export function findAlignment(
  detected: DetectedWord[],
  texts: string[],
  pairsLeft = maxPairs,
): { alignment: string; pairs: number } {
  if (detected.length === 0 || texts.length === detected.length) return { alignment: '', pairs: 0 };
  const changed = changedPart(detected, texts);
  const pairs = lettersIn(readOf(detected, changed)) * lettersIn(texts.slice(changed.first, changed.last));
  const isTooMuch = pairs > Math.min(maxPairs, pairsLeft);
  const middle = isTooMuch ? inEqualParts(changed) : alignMiddle(detected, texts, changed);
  const alignment = writeAlignment(withSame(middle, changed, detected.length));
  return { alignment, pairs: isTooMuch ? 0 : pairs };
}

function placeGroup(group: Group, detected: DetectedWord[], texts: string[]): AlignedWord[] {
  const { start, end, first, last } = group;
  const written = texts.slice(first, last);
  if (start < end) {
    const places = Array.from({ length: end - start }, (_, index) => start + index);
    return spread(written, unionOf(detected.slice(start, end)), places);
  }
  const gap = gapBetween(detected[start - 1], detected[start]);
  return gap ? spread(written, gap, []) : [];
}

/** What remains between the unchanged words at both ends. */
function changedPart(detected: DetectedWord[], texts: string[]): Group {
  const shorter = Math.min(detected.length, texts.length);
  let head = 0;
  while (head < shorter && detected[head]?.text === texts[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && detected.at(-1 - tail)?.text === texts.at(-1 - tail)) tail += 1;
  return { start: head, end: detected.length - tail, first: head, last: texts.length - tail };
}

/** Groups in reading order, including the unchanged words at both ends, which are not compared again. */
function withSame(middle: Group[], { start, end, last }: Group, length: number): Group[] {
  return [...oneToOne(start, 0, 0), ...middle, ...oneToOne(length - end, end, last)];
}

/** Aligns without comparing letters. */
function alignRoughly(detected: DetectedWord[], texts: string[]): Group[] {
  const changed = changedPart(detected, texts);
  return withSame(inEqualParts(changed), changed, detected.length);
}

/** Assumes that words and texts advance evenly. */
function inEqualParts({ start, end, first, last }: Group): Group[] {
  const count = Math.max(1, Math.ceil(Math.max(end - start, last - first) / roughGroup));
  const at = (from: number, to: number, part: number) => from + Math.floor(((to - from) * part) / count);
  return Array.from({ length: count }, (_, part) => ({
    start: at(start, end, part),
    end: at(start, end, part + 1),
    first: at(first, last, part),
    last: at(first, last, part + 1),
  }));
}

const readOf = (detected: DetectedWord[], { start, end }: Group) =>
  detected.slice(start, end).map(({ text }) => text);

const lettersIn = (words: string[]) => words.reduce((sum, word) => sum + word.length + 1, 0);

/** The cheapest alignment in letters (Wagner and Fischer, with merges and splits as additional steps). */
function alignMiddle(detected: DetectedWord[], texts: string[], changed: Group): Group[] {
  const { start, end, first, last } = changed;
  const read = readOf(detected, changed);
  const written = texts.slice(first, last);
  const [rows, columns] = [end - start + 1, last - first + 1];
  const costs = new Float64Array(rows * columns).fill(Number.POSITIVE_INFINITY);
  const steps = new Uint8Array(rows * columns);
  costs[0] = 0;
  const longest = Math.max(...[...read, ...written].map(({ length }) => length));
  const scratch = new Uint16Array(longest + 1);
  const [merged, split] = [new Uint16Array(maxMergedWords), new Uint16Array(maxMergedWords)];
  const step = (from: number, down: number, across: number, letters: number) => {
    const cost = (costs[from] as number) + letters + 0.1 * (down + across - 1);
    const there = from + down * columns + across;
    if (cost >= (costs[there] as number)) return;
    costs[there] = cost;
    steps[there] = down * 16 + across;
  };
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const from = row * columns + column;
      const [one, other] = [read[row], written[column]];
      const isInside = one !== undefined && other !== undefined;
      const maxMerged = isInside ? costsOf(other, read, row, merged, scratch) : 0;
      const maxSplit = isInside ? costsOf(one, written, column, split, scratch) : 0;
      if (isInside) step(from, 1, 1, merged[0] as number);
      if (one !== undefined) step(from, 1, 0, one.length);
      if (other !== undefined) step(from, 0, 1, other.length);
      for (let count = 2; count <= maxMergedWords; count += 1) {
        if (count <= maxMerged) step(from, count, 1, merged[count - 1] as number);
        if (count <= maxSplit) step(from, 1, count, split[count - 1] as number);
      }
    }
  }
  const groups: Group[] = [];
  let [row, column] = [rows - 1, columns - 1];
  while (row > 0 || column > 0) {
    const step = steps[row * columns + column] as number;
    const [down, across] = [step >> 4, step & 15];
    groups.push({
      start: start + row - down,
      end: start + row,
      first: first + column - across,
      last: first + column,
    });
    [row, column] = [row - down, column - across];
  }
  return groups.reverse();
}
