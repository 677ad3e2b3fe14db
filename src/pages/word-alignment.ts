// Which detected words a corrected line's words stand for, and where they lie: the text layer of a PDF, and the boxes on
// the image, follow from it. Pure; polygons may be turned.
import type { DetectedWord, Point, Polygon } from './detected-text.ts';

/** A word of the corrected line on the page, with the detected words (by their places, from 0) whose geometry it took over. */
export interface AlignedWord {
  text: string;
  polygon: Polygon;
  /** Empty where a word was put into a gap between others. */
  from: number[];
}

/** Detected words `[start, end)` that became the texts `[first, last)`; either may be none. */
interface Group {
  start: number;
  end: number;
  first: number;
  last: number;
}

/** So many pairs of letters are compared at most; beyond, the words that changed share the place of those they replace. */
const mostPairs = 40_000;
/** So many words are tried as one that was cut up, or run together, by mistake. */
const longestMerge = 4;
/** A gap takes an inserted word when it is this much of what the word needs at the line's own letter width. */
const tightest = 0.6;

/**
 * Places the texts of a corrected line. As many words as before: one to one. Otherwise the alignment that changes fewest
 * letters: merged words take the union of their boxes, the parts of a word that was split share its box by their lengths,
 * a word that was missed goes into the gap where it stands if there is one, else it shares its neighbour's box, and
 * deleted words vanish.
 */
export function alignWords(detected: DetectedWord[], texts: string[], line: Polygon): AlignedWord[] {
  if (detected.length === 0) return spread(texts, line, []);
  if (texts.length === detected.length) {
    return texts.map((text, place) => ({
      text,
      polygon: (detected[place] as DetectedWord).polygon,
      from: [place],
    }));
  }
  return settleInsertions(align(detected, texts), detected, texts).flatMap((group) =>
    placeGroup(group, detected, texts),
  );
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

/** Groups in reading order. Words that stayed the same at both ends are not compared again. */
function align(detected: DetectedWord[], texts: string[]): Group[] {
  const shorter = Math.min(detected.length, texts.length);
  let head = 0;
  while (head < shorter && detected[head]?.text === texts[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && detected.at(-1 - tail)?.text === texts.at(-1 - tail)) tail += 1;
  const [end, last] = [detected.length - tail, texts.length - tail];
  const lettersOf = (words: string[]) => words.reduce((sum, word) => sum + word.length + 1, 0);
  const read = lettersOf(detected.slice(head, end).map(({ text }) => text));
  const middle =
    read * lettersOf(texts.slice(head, last)) > mostPairs
      ? [{ start: head, end, first: head, last }]
      : alignMiddle(detected, texts, { start: head, end, first: head, last });
  const same = (count: number, start: number, first: number): Group[] =>
    Array.from({ length: count }, (_, index) => ({
      start: start + index,
      end: start + index + 1,
      first: first + index,
      last: first + index + 1,
    }));
  return [...same(head, 0, 0), ...middle, ...same(tail, end, last)];
}

/** The cheapest way (Wagner and Fischer, with merges and splits as steps of their own), counted in letters. */
function alignMiddle(detected: DetectedWord[], texts: string[], { start, end, first, last }: Group): Group[] {
  const [rows, columns] = [end - start + 1, last - first + 1];
  const costs = new Float64Array(rows * columns).fill(Number.POSITIVE_INFINITY);
  const steps: [number, number][] = Array(rows * columns);
  costs[0] = 0;
  const read = (row: number, count: number) =>
    detected
      .slice(start + row, start + row + count)
      .map(({ text }) => text)
      .join('');
  const wrote = (column: number, count: number) =>
    texts.slice(first + column, first + column + count).join('');
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const here = costs[row * columns + column] as number;
      for (const [down, across] of stepsFrom(rows - 1 - row, columns - 1 - column)) {
        const cost = here + costOf(read(row, down), wrote(column, across)) + 0.1 * (down + across - 1);
        const there = (row + down) * columns + column + across;
        if (cost >= (costs[there] as number)) continue;
        costs[there] = cost;
        steps[there] = [down, across];
      }
    }
  }
  const groups: Group[] = [];
  let [row, column] = [rows - 1, columns - 1];
  while (row > 0 || column > 0) {
    const [down, across] = steps[row * columns + column] as [number, number];
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

function* stepsFrom(down: number, across: number): Generator<[number, number]> {
  if (down > 0 && across > 0) yield [1, 1];
  if (down > 0) yield [1, 0];
  if (across > 0) yield [0, 1];
  for (let count = 2; count <= longestMerge; count += 1) {
    if (down >= count && across > 0) yield [count, 1];
    if (across >= count && down > 0) yield [1, count];
  }
}

/** How many letters differ (Levenshtein). */
function costOf(read: string, wrote: string): number {
  if (read === wrote) return 0;
  let previous = Array.from({ length: wrote.length + 1 }, (_, index) => index);
  for (let row = 1; row <= read.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= wrote.length; column += 1) {
      const changed = (previous[column - 1] as number) + (read[row - 1] === wrote[column - 1] ? 0 : 1);
      current.push(Math.min(changed, (previous[column] as number) + 1, (current[column - 1] as number) + 1));
    }
    previous = current;
  }
  return previous[wrote.length] as number;
}

/** Inserted words stay where a gap has room for them; the others go to the words beside them, to share their place. */
function settleInsertions(groups: Group[], detected: DetectedWord[], texts: string[]): Group[] {
  const joined: Group[] = [];
  for (const group of groups) {
    const before = joined.at(-1);
    if (before && isInsertion(group) && isInsertion(before)) before.last = group.last;
    else joined.push({ ...group });
  }
  const settled: Group[] = [];
  let waitingFrom: number | undefined;
  for (const group of joined) {
    group.first = waitingFrom ?? group.first;
    waitingFrom = undefined;
    const before = settled.at(-1);
    if (!isInsertion(group) || fitsGap(group, detected, texts)) settled.push(group);
    else if (before) before.last = group.last;
    else waitingFrom = group.first;
  }
  return settled.filter((group) => group.first < group.last);
}

function isInsertion({ start, end }: Group): boolean {
  return start === end;
}

function fitsGap({ start, first, last }: Group, detected: DetectedWord[], texts: string[]): boolean {
  const [before, after] = [detected[start - 1], detected[start]];
  const gap = gapBetween(before, after);
  if (!gap || !before || !after) return false;
  const letterOf = ({ text, polygon }: DetectedWord) => widthOf(polygon) / Math.max(1, text.length);
  const letter = Math.min(letterOf(before), letterOf(after));
  const wanted = texts.slice(first, last).join(' ').length * letter;
  return widthOf(gap) >= wanted * tightest;
}

/** The room between two words, a little narrower, so that what lies in it touches neither. */
function gapBetween(before: DetectedWord | undefined, after: DetectedWord | undefined): Polygon | undefined {
  if (!before || !after) return undefined;
  const [, topLeft, bottomLeft] = before.polygon;
  const [topRight, , , bottomRight] = after.polygon;
  const along = axesOf([before.polygon]).along;
  if ((topRight.x - topLeft.x) * along.x + (topRight.y - topLeft.y) * along.y <= 0) return undefined;
  return partOf([topLeft, topRight, bottomRight, bottomLeft], 0.08, 0.92);
}

/** The box around words along the direction in which they are read. */
export function unionOf(words: { polygon: Polygon }[]): Polygon {
  const polygons = words.map((word) => word.polygon);
  const [only] = polygons as [Polygon];
  if (polygons.length === 1) return only;
  const { along, down } = axesOf(polygons);
  const determinant = along.x * down.y - along.y * down.x;
  const end = polygons.at(-1) as Polygon;
  if (Math.abs(determinant) < 1e-12) return [only[0], end[1], end[2], only[3]];
  const origin = only[0];
  // affine coordinates, so that it does not matter that x and y are fractions of different lengths
  const corners = polygons.flat().map(({ x, y }) => ({
    along: ((x - origin.x) * down.y - (y - origin.y) * down.x) / determinant,
    down: ((y - origin.y) * along.x - (x - origin.x) * along.y) / determinant,
  }));
  const [left, right] = extentOf(corners.map((corner) => corner.along));
  const [top, bottom] = extentOf(corners.map((corner) => corner.down));
  const at = (right: number, low: number): Point => ({
    x: origin.x + right * along.x + low * down.x,
    y: origin.y + right * along.y + low * down.y,
  });
  return [at(left, top), at(right, top), at(right, bottom), at(left, bottom)];
}

function extentOf(values: number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

/** In which direction the words run, and in which their letters stand; longer words count for more. */
function axesOf(polygons: Polygon[]): { along: Point; down: Point } {
  const sum = { along: { x: 0, y: 0 }, down: { x: 0, y: 0 } };
  for (const [topLeft, topRight, bottomRight, bottomLeft] of polygons) {
    sum.along.x += topRight.x - topLeft.x + bottomRight.x - bottomLeft.x;
    sum.along.y += topRight.y - topLeft.y + bottomRight.y - bottomLeft.y;
    sum.down.x += bottomLeft.x - topLeft.x + bottomRight.x - topRight.x;
    sum.down.y += bottomLeft.y - topLeft.y + bottomRight.y - topRight.y;
  }
  return sum;
}

/** Shares a box out among words by their lengths, with a letter's width between them. */
function spread(texts: string[], polygon: Polygon, from: number[]): AlignedWord[] {
  const total = texts.reduce((sum, text) => sum + text.length, 0) + Math.max(0, texts.length - 1);
  let before = 0;
  return texts.map((text) => {
    const [start, end] = [before / total, (before + text.length) / total];
    before += text.length + 1;
    return { text, from, polygon: texts.length === 1 ? polygon : partOf(polygon, start, end) };
  });
}

function partOf([topLeft, topRight, bottomRight, bottomLeft]: Polygon, from: number, to: number): Polygon {
  return [
    between(topLeft, topRight, from),
    between(topLeft, topRight, to),
    between(bottomLeft, bottomRight, to),
    between(bottomLeft, bottomRight, from),
  ];
}

function between(start: Point, end: Point, share: number): Point {
  return { x: start.x + (end.x - start.x) * share, y: start.y + (end.y - start.y) * share };
}

function widthOf([topLeft, topRight]: Polygon): number {
  return Math.hypot(topRight.x - topLeft.x, topRight.y - topLeft.y);
}
