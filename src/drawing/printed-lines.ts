// Puts the characters that a PDF prints together to words and lines in reading order, with places as fractions of the
// page. Pure.
import type { DetectedLine, Detection } from '../text/detected-text.ts';
import { inReadingOrder } from '../text/reading-order.ts';
import { turnPolygon } from '../text/rotated-polygons.ts';
import { isParallel } from './character-frame.ts';
import { type Size, toDetected } from './printed-places.ts';
import { dominantDirection, inRows, type PrintedLine, quarterTurnTo } from './printed-rows.ts';
import type { PrintedWord } from './printed-word.ts';

/** In ems. A wider gap separates columns, like the cells of a table. */
const widestGap = 1.5;
const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;

/** The lines of a page as a detection without doubt. */
export function toDetection(words: (PrintedWord | 'break')[], page: Size): Detection {
  const lines = joinNeighbours(toLines(words));
  const dominant = dominantDirection(lines);
  const [usualWay, others] = [
    lines.filter((line) => isParallel(line.along, dominant)),
    lines.filter((line) => !isParallel(line.along, dominant)),
  ];
  const level = quarterTurnTo(dominant);
  const detected = inRows(usualWay).map((line) => toDetected(line, page));
  const turned = detected.map((line) => ({ ...line, polygon: turnPolygon(line.polygon, level) }));
  const places = new Map(turned.map((line, index) => [line, detected[index] as DetectedLine]));
  const ordered = inReadingOrder(turned).map((line) => places.get(line) as DetectedLine);
  return {
    lines: [...ordered, ...others.map((line) => toDetected(line, page))].map((line, index) => ({
      ...line,
      id: `l${index + 1}`,
    })),
  };
}

function toLines(words: (PrintedWord | 'break')[]): PrintedLine[] {
  const lines: PrintedLine[] = [];
  let line: PrintedLine | undefined;
  for (const word of words) {
    if (word === 'break') {
      line = undefined;
      continue;
    }
    if (line && continues(line, word)) line.words.push(word);
    else {
      line = { words: [word], along: word.along };
      lines.push(line);
    }
  }
  return lines;
}

function continues({ words }: PrintedLine, word: PrintedWord): boolean {
  const last = words.at(-1) as PrintedWord;
  return isParallel(last.along, word.along) && isOnBaseOf(last, word) && isNear(last, word);
}

const isOnBaseOf = (one: PrintedWord, other: PrintedWord) =>
  Math.abs(one.base - other.base) < 0.4 * Math.max(one.em, other.em);

function isNear(one: PrintedWord, other: PrintedWord): boolean {
  const em = Math.max(one.em, other.em);
  const gap = Math.max(other.from - one.to, one.from - other.to);
  return gap < widestGap * em && gap > -0.4 * em;
}

/** Joins the parts of a line that the file prints at different times. Right-to-left lines are in logical order already. */
function joinNeighbours(lines: PrintedLine[]): PrintedLine[] {
  const joined: PrintedLine[] = [];
  const isRightToLeft = ({ words }: PrintedLine) => words.some(({ text }) => rightToLeft.test(text));
  for (const line of inRows(lines)) {
    const before = joined.at(-1);
    const last = before?.words.at(-1);
    const [first] = line.words as [PrintedWord];
    const fits =
      before &&
      last &&
      !isRightToLeft(before) &&
      !isRightToLeft(line) &&
      isParallel(last.along, first.along) &&
      isOnBaseOf(last, first) &&
      isNear(last, first) &&
      first.from >= last.from;
    if (fits) before.words.push(...line.words);
    else joined.push({ ...line, words: [...line.words] });
  }
  return joined;
}
