// The order in which a person reads the lines of a page. Textract lists lines from top to bottom across the whole
// page, which mixes the lines of two columns.
import type { DetectedLine } from './detected-text.ts';

type Line = Pick<DetectedLine, 'polygon' | 'words'>;

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

interface Columns<T> {
  left: T[];
  right: T[];
  /** Lines that span the columns, such as headlines. They separate what is above from what is below. */
  across: T[];
}

/** With fewer lines side by side there are no columns of text. */
const minLines = 5;
/** In fractions of the page's width. */
const minGutter = 0.008;
/** The distance between the positions where a gutter is looked for. */
const gutterStep = 1 / 250;
/** The share of a column's width that its typical line fills. Amounts beside names fill less. */
const typicalFill = 0.6;
const typicalWords = 3;
/** The minimum width of a column, as a share of the width of all lines. */
const minColumn = 0.2;
/** The maximum share of lines that cross the gutter. */
const maxAcross = 0.15;

/**
 * Sorts the lines column by column when the page has columns of text; otherwise keeps their order. Lines that span the
 * columns separate what is above from what is below. Within a column the order stays. Tables and receipts do not count
 * as columns: their cells hold few words, or fill little of the width.
 */
export function inReadingOrder<T extends Line>(lines: T[]): T[] {
  const columns = findColumns(lines);
  if (!columns) return lines;
  const edges = columns.across.toSorted((a, b) => middleOf(a) - middleOf(b));
  const bandOf = (line: T) => edges.filter((edge) => middleOf(edge) < middleOf(line)).length;
  return [...edges.keys(), edges.length].flatMap((band) => [
    ...inReadingOrder(columns.left.filter((line) => bandOf(line) === band)),
    ...inReadingOrder(columns.right.filter((line) => bandOf(line) === band)),
    ...edges.slice(band, band + 1),
  ]);
}

function findColumns<T extends Line>(lines: T[]): Columns<T> | undefined {
  if (lines.length < 2 * minLines) return undefined;
  const starts = new Set(lines.map((line) => Math.floor(boxOf(line).left / gutterStep) * gutterStep));
  return [...starts]
    .map((start) => start - minGutter / 2)
    .map((gutter) => splitAt(lines, gutter))
    .filter((columns) => areColumns(columns))
    .sort((a, b) => a.across.length - b.across.length)[0];
}

function splitAt<T extends Line>(lines: T[], gutter: number): Columns<T> {
  const columns: Columns<T> = { left: [], right: [], across: [] };
  for (const line of lines) {
    const { left, right } = boxOf(line);
    if (right <= gutter - minGutter / 2) columns.left.push(line);
    else if (left >= gutter + minGutter / 2 - 1e-9) columns.right.push(line);
    else columns.across.push(line);
  }
  return columns;
}

function areColumns<T extends Line>({ left, right, across }: Columns<T>): boolean {
  if (left.length < minLines || right.length < minLines) return false;
  const all = boxAround([...left, ...right, ...across]);
  return (
    across.length <= maxAcross * (left.length + right.length) &&
    countBeside(left, right) >= minLines &&
    countBeside(right, left) >= minLines &&
    [left, right].every((column) => isTextColumn(column, all) || findColumns(column) !== undefined)
  );
}

function isTextColumn(column: Line[], all: Box): boolean {
  const width = widthOf(boxAround(column));
  return (
    width >= minColumn * widthOf(all) &&
    median(column.map((line) => widthOf(boxOf(line)))) >= typicalFill * width &&
    median(column.map((line) => line.words.length)) >= typicalWords
  );
}

/** How many of the lines have another line beside them. */
function countBeside(lines: Line[], others: Line[]): number {
  const boxes = others.map(boxOf);
  return lines.filter((line) => {
    const { top, bottom } = boxOf(line);
    return boxes.some((box) => box.top < bottom && box.bottom > top);
  }).length;
}

function boxOf({ polygon }: Line): Box {
  const [xs, ys] = [polygon.map(({ x }) => x), polygon.map(({ y }) => y)];
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

function boxAround(lines: Line[]): Box {
  const boxes = lines.map(boxOf);
  return {
    left: Math.min(...boxes.map(({ left }) => left)),
    right: Math.max(...boxes.map(({ right }) => right)),
    top: Math.min(...boxes.map(({ top }) => top)),
    bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
  };
}

function widthOf({ left, right }: Box): number {
  return right - left;
}

function middleOf(line: Line): number {
  const { top, bottom } = boxOf(line);
  return (top + bottom) / 2;
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
