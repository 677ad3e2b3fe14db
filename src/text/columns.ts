// Finds columns of text: a gutter with lines on both sides that do not belong together as the cells of a row would.
import { type FramedLine, median } from './line-frame.ts';

/** Lines above or below a space, or lines that span the columns, such as headlines. */
export interface Band<T> {
  left: FramedLine<T>[];
  right: FramedLine<T>[];
  /** Whether its sides are columns. Others are read row by row. */
  isColumns: boolean;
  /** The line across the columns that follows it. */
  across?: FramedLine<T>;
}

/** With fewer lines side by side on the same heights there are no columns of text. */
const minLines = 5;
/** The same for lines on heights of their own. */
const minLoose = 3;
/** The most gutters that are tried. */
const maxGutters = 16;
/** In letters: the width of a gutter, and the distance of beginnings that are one beginning. */
const minGutter = 0.8;
const sameStart = 1.5;
/** In heights: the space below columns, after which something else may follow. */
const minSpace = 1;
/** The share of a column's width that its typical line fills. Amounts beside names fill less. */
const typicalFill = 0.6;
const typicalWords = 3;
/** In letters. A table's cells hold less. */
const typicalLength = 16;
/** The minimum width of a column, as a share of the width of all lines. */
const minColumn = 0.2;
/** Up to this share of lines with a partner on the same height, two sides are set independently of each other. */
const maxPartnered = 0.5;

/** `undefined` when the lines are not set in columns. */
export function findColumns<T>(lines: FramedLine<T>[]): Band<T>[] | undefined {
  if (lines.length < 2 * minLoose) return undefined;
  const inOrder = lines.toSorted((one, other) => one.middle - other.middle || one.left - other.left);
  const letter = median(lines.map((line) => line.letter));
  let best: { bands: Band<T>[]; score: number } | undefined;
  for (const gutter of guttersOf(lines, letter)) {
    const bands = cutAt(inOrder, gutter, minGutter * letter);
    const score = judge(bands, lines);
    if (score > (best?.score ?? 0)) best = { bands, score };
  }
  return best && joinColumns(best.bands);
}

/** Where most lines begin, but for the first such place. */
function guttersOf<T>(lines: FramedLine<T>[], letter: number): number[] {
  const groups: { left: number; count: number }[] = [];
  for (const left of lines.map((line) => line.left).sort((one, other) => one - other)) {
    const group = groups.at(-1);
    if (group && left - group.left <= sameStart * letter) group.count += 1;
    else groups.push({ left, count: 1 });
  }
  return groups
    .slice(1)
    .toSorted((one, other) => other.count - one.count || one.left - other.left)
    .slice(0, maxGutters)
    .map(({ left }) => left);
}

function cutAt<T>(inOrder: FramedLine<T>[], gutter: number, gap: number): Band<T>[] {
  const bands: Band<T>[] = [];
  let band: Band<T> = { left: [], right: [], isColumns: false };
  const space = minSpace * median(inOrder.map(({ top, bottom }) => bottom - top));
  let lowest = Number.POSITIVE_INFINITY;
  for (const line of inOrder) {
    if (line.top - lowest > space) {
      bands.push(band);
      band = { left: [], right: [], isColumns: false };
    }
    lowest = Math.max(line.bottom, lowest === Number.POSITIVE_INFINITY ? line.bottom : lowest);
    if (line.right <= gutter - gap) band.left.push(line);
    else if (line.left >= gutter) band.right.push(line);
    else {
      bands.push({ ...band, across: line });
      band = { left: [], right: [], isColumns: false };
    }
  }
  return [...bands, band];
}

/** Decides for each band whether it is set in columns. The score is 0 when none is; else how many lines are in columns. */
function judge<T>(bands: Band<T>[], all: FramedLine<T>[]): number {
  const filled = bands.filter(({ left, right }) => left.length > 0 && right.length > 0);
  if (filled.length === 0) return 0;
  const joined = { left: filled.flatMap(({ left }) => left), right: filled.flatMap(({ right }) => right) };
  const isWhole = areColumns(joined, all);
  let score = 0;
  for (const band of filled) {
    band.isColumns = areColumns(band, all) || (isWhole && !areCells(band));
    if (band.isColumns) score += band.left.length + band.right.length;
  }
  return score;
}

/** Columns go on after a space that all of them have in common. */
function joinColumns<T>(bands: Band<T>[]): Band<T>[] {
  const joined: Band<T>[] = [];
  for (const band of bands) {
    const last = joined.at(-1);
    if (last?.isColumns && band.isColumns && !last.across) {
      joined[joined.length - 1] = {
        ...band,
        left: [...last.left, ...band.left],
        right: [...last.right, ...band.right],
      };
    } else joined.push(band);
  }
  return joined;
}

function areColumns<T>({ left, right }: Pick<Band<T>, 'left' | 'right'>, all: FramedLine<T>[]): boolean {
  const fewest = Math.min(left.length, right.length);
  if (fewest < minLoose) return false;
  const beside = Math.min(countBeside(left, right), countBeside(right, left));
  const isText = (side: FramedLine<T>[]) => isTextColumn(side, all) || findColumns(side) !== undefined;
  if (fewest >= minLines && beside >= minLines && [left, right].every(isText)) return true;
  const partners = Math.min(countPartnered(left, right), countPartnered(right, left));
  const isLoose = partners <= maxPartnered * fewest && beside >= minLoose;
  return isLoose && [left, right].every((side) => median(side.map(({ words }) => words)) >= 2);
}

/** Whether the sides of a small band look like cells of rows: each line of the shorter side has its partner, and few words. */
function areCells<T>({ left, right }: Pick<Band<T>, 'left' | 'right'>): boolean {
  const [few, many] = left.length < right.length ? [left, right] : [right, left];
  if (few.length < 2) return false;
  return countPartnered(few, many) === few.length && few.every(({ words }) => words < typicalWords);
}

function isTextColumn<T>(column: FramedLine<T>[], all: FramedLine<T>[]): boolean {
  const width = widthOf(column);
  return (
    width >= minColumn * widthOf(all) &&
    median(column.map(({ left, right }) => right - left)) >= typicalFill * width &&
    median(column.map(({ words }) => words)) >= typicalWords &&
    median(column.map(({ text }) => text.length)) >= typicalLength
  );
}

function widthOf<T>(lines: FramedLine<T>[]): number {
  return Math.max(...lines.map(({ right }) => right)) - Math.min(...lines.map(({ left }) => left));
}

/** How many of the lines have another one on their height: their middles differ by less than a part of their heights. */
function countPartnered<T>(lines: FramedLine<T>[], others: FramedLine<T>[]): number {
  return countNear(lines, others, (line, other) => {
    const height = Math.min(line.bottom - line.top, other.bottom - other.top);
    return Math.abs(line.middle - other.middle) < 0.4 * height;
  });
}

/** How many of the lines have another one beside them. */
function countBeside<T>(lines: FramedLine<T>[], others: FramedLine<T>[]): number {
  return countNear(lines, others, (line, other) => other.top < line.bottom && other.bottom > line.top);
}

/** Both lists come from top to bottom, so that only neighbours are compared. */
function countNear<T>(
  lines: FramedLine<T>[],
  others: FramedLine<T>[],
  isMeant: (line: FramedLine<T>, other: FramedLine<T>) => boolean,
): number {
  const tallest = Math.max(...others.map(({ top, bottom }) => bottom - top));
  let start = 0;
  let count = 0;
  for (const line of lines) {
    const reach = tallest + line.bottom - line.top;
    while (start < others.length && (others[start] as FramedLine<T>).middle < line.middle - reach) start += 1;
    for (let at = start; at < others.length; at += 1) {
      const other = others[at] as FramedLine<T>;
      if (other.middle > line.middle + reach) break;
      if (!isMeant(line, other)) continue;
      count += 1;
      break;
    }
  }
  return count;
}
