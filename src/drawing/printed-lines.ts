// Puts the characters that a PDF prints together to words and lines in reading order, with places as fractions of the
// page. Pure.

import type { DetectedLine, Detection, Point, Polygon } from '../text/detected-text.ts';
import { inReadingOrder } from '../text/reading-order.ts';
import { turnPolygon } from '../text/rotated-polygons.ts';

interface Size {
  width: number;
  height: number;
}

/** A character in points from the top left of the page as shown. */
export interface PrintedCharacter {
  text: string;
  /** Where the pen is when it prints the character, on the baseline. */
  origin: Point;
  /** The unit vector along which the line runs. */
  along: Point;
  /** The font's size as printed. */
  em: number;
  /** Around its ink. */
  box: { left: number; right: number; top: number; bottom: number };
  /** The file doesn't tell which character it is. */
  isUnmapped: boolean;
  /** The file says that it is not painted. */
  isInvisible: boolean;
}

export type PrintedPiece = PrintedCharacter | 'space' | 'break';

/** A word in a frame of its own: `from` and `to` along the line, `top`, `base` and `bottom` across it, all in points. */
export interface PrintedWord {
  text: string;
  along: Point;
  em: number;
  from: number;
  to: number;
  top: number;
  base: number;
  bottom: number;
  count: number;
}

interface PrintedLine {
  words: PrintedWord[];
  along: Point;
}

/** In ems. A wider gap separates columns, like the cells of a table. */
const widestGap = 1.5;
/** Characters of one word may lie this far apart, in ems: along the line (letter-spacing) and across it (exponents). */
const inWord = { along: 0.9, back: 1.2, across: 0.7 };
/** The usual part of an em above and below the baseline. */
const usual = { above: 0.75, below: 0.22 };
const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;

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

function isBeside(one: PrintedCharacter, other: PrintedCharacter): boolean {
  if (!isParallel(one.along, other.along)) return false;
  const em = Math.max(one.em, other.em);
  const [a, b] = [toFrame(one), toFrame(other)];
  if (Math.abs(b.base - a.base) > inWord.across * em) return false;
  const gap = Math.max(b.from - a.to, a.from - b.to);
  return gap <= inWord.along * em && gap >= -inWord.back * em - (a.to - a.from);
}

const isParallel = (one: Point, other: Point) => one.x * other.x + one.y * other.y > 0.98;
/** Whether lines run along an edge of the page; then the box around their ink is tight. */
const isStraight = ({ x, y }: Point) => Math.min(Math.abs(x), Math.abs(y)) < 0.01;

/** A character's extent along its line and across it. */
function toFrame({ origin, along, em, box }: PrintedCharacter) {
  const alongOf = (x: number, y: number) => x * along.x + y * along.y;
  const acrossOf = (x: number, y: number) => y * along.x - x * along.y;
  const start = alongOf(origin.x, origin.y);
  const base = acrossOf(origin.x, origin.y);
  const hasInk = box.right > box.left && box.bottom > box.top;
  if (!hasInk || !isStraight(along))
    return { from: start, to: start + 0.5 * em, top: base - 0.5 * em, bottom: base, base };
  const [one, other] = [alongOf(box.left, box.top), alongOf(box.right, box.bottom)];
  const [high, low] = [acrossOf(box.left, box.top), acrossOf(box.right, box.bottom)];
  return {
    from: Math.min(one, other),
    to: Math.max(one, other),
    top: Math.min(high, low),
    bottom: Math.max(high, low),
    base,
  };
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

/** From top to bottom, and what lies side by side from the start of the line, each direction by itself. */
function inRows(lines: PrintedLine[]): PrintedLine[] {
  const directions = Map.groupBy(lines, ({ along }) => quarterTurnTo(along));
  return [...directions.values()].flatMap((alike) => {
    const sorted = alike.toSorted((one, other) => baseOf(one) - baseOf(other));
    const rows: PrintedLine[][] = [];
    for (const line of sorted) {
      const row = rows.at(-1);
      const [first] = row ?? [];
      if (row && first && baseOf(line) - baseOf(first) < 0.4 * Math.min(emOf(first), emOf(line)))
        row.push(line);
      else rows.push([line]);
    }
    return rows.flatMap((row) => row.toSorted((one, other) => startOf(one) - startOf(other)));
  });
}

const baseOf = ({ words }: PrintedLine) => words[0]?.base ?? 0;
const emOf = ({ words }: PrintedLine) => words[0]?.em ?? 0;
const startOf = ({ words }: PrintedLine) => Math.min(...words.map(({ from }) => from));

/** The direction of most characters. */
function dominantDirection(lines: PrintedLine[]): Point {
  const counts: { along: Point; count: number }[] = [];
  for (const { along, words } of lines) {
    const count = words.reduce((sum, word) => sum + word.count, 0);
    const known = counts.find((each) => isParallel(each.along, along));
    if (known) known.count += count;
    else counts.push({ along, count });
  }
  return counts.toSorted((one, other) => other.count - one.count)[0]?.along ?? { x: 1, y: 0 };
}

/** The turn, clockwise, after which a line in this direction runs from left to right, as nearly as can be. */
function quarterTurnTo({ x, y }: Point): 0 | 90 | 180 | 270 {
  if (Math.abs(x) >= Math.abs(y)) return x >= 0 ? 0 : 180;
  return y >= 0 ? 270 : 90;
}

function toDetected({ words, along }: PrintedLine, page: Size): DetectedLine {
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
