// The order in which a person reads the lines of a page: column by column, and within a column row by row. Detectors list
// lines from top to bottom across the whole page, and not always in the same order. Pure; how a page lies does not matter.
import { findColumns } from './columns.ts';
import { type FramedLine, frameLines, type ShapedLine } from './line-frame.ts';

/** Lines whose middles differ by less than this part of their height stand in one row. */
const sameRow = 0.5;
/** A label is smaller than the value below it, and nearer to it than the next label. In heights. */
const labelHeight = 0.9;
const labelGap = 0.8;

/** The lines in reading order. */
export function inReadingOrder<T extends ShapedLine>(lines: T[]): T[] {
  return readingRows(lines).flat();
}

/**
 * The rows in reading order, each from its start to its end. What stands on one height is one row, such as a receipt's name and
 * amount, unless it stands in columns of text. A label above its value is read before it.
 */
export function readingRows<T extends ShapedLine>(lines: T[]): T[][] {
  const framed = frameLines(lines);
  return order(framed).map((row) => row.map(({ line }) => line));
}

function order<T>(lines: FramedLine<T>[]): FramedLine<T>[][] {
  const bands = findColumns(lines);
  if (!bands) return readLabels(rowsOf(lines));
  const parts: FramedLine<T>[][][] = [];
  let waiting: FramedLine<T>[] = []; // bands without columns are put together, with the lines between them
  for (const { left, right, isColumns, across } of bands) {
    if (isColumns) {
      parts.push(order(waiting), order(left), order(right));
      waiting = [];
    } else waiting.push(...left, ...right);
    if (across) waiting.push(across);
  }
  return [...parts, order(waiting)].flat();
}

/** From top to bottom; within a row from left to right. Lines above each other are never in one row. */
function rowsOf<T>(lines: FramedLine<T>[]): FramedLine<T>[][] {
  const rows: FramedLine<T>[][] = [];
  for (const line of lines.toSorted(byPlace)) {
    const near = rows.slice(-3).filter((row) => row.every((other) => areBeside(other, line)));
    const row = near.toSorted((one, other) => distance(one, line) - distance(other, line))[0];
    if (row) row.push(line);
    else rows.push([line]);
  }
  const middle = (row: FramedLine<T>[]) => row.reduce((sum, line) => sum + line.middle, 0) / row.length;
  return rows
    .toSorted((one, other) => middle(one) - middle(other))
    .map((row) => row.toSorted((one, other) => one.left - other.left || byPlace(one, other)));
}

function distance<T>(row: FramedLine<T>[], line: FramedLine<T>): number {
  return Math.min(...row.map(({ middle }) => Math.abs(middle - line.middle)));
}

function areBeside<T>(one: FramedLine<T>, other: FramedLine<T>): boolean {
  const height = Math.min(one.bottom - one.top, other.bottom - other.top);
  const overlap = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  return (
    Math.abs(one.middle - other.middle) <= sameRow * height &&
    overlap < 0.3 * Math.min(one.right - one.left, other.right - other.left)
  );
}

/** Lines at the same place come in the order of their texts, so that the order of the detector does not matter. */
function byPlace<T>(one: FramedLine<T>, other: FramedLine<T>): number {
  return (
    one.middle - other.middle ||
    one.left - other.left ||
    one.right - other.right ||
    (one.text < other.text ? -1 : one.text > other.text ? 1 : 0)
  );
}

/** Where a row of small labels stands right above a row of values, each label comes with its value. */
function readLabels<T>(rows: FramedLine<T>[][]): FramedLine<T>[][] {
  const read: FramedLine<T>[][] = [];
  for (let at = 0; at < rows.length; at += 1) {
    const [labels = [], values = []] = rows.slice(at, at + 2);
    const pairs = pairLabels(labels, values);
    if (pairs) at += 1;
    read.push(...(pairs ?? [labels]));
  }
  return read;
}

function pairLabels<T>(labels: FramedLine<T>[], values: FramedLine<T>[]): FramedLine<T>[][] | undefined {
  if (labels.length < 2 || values.length === 0 || values.length > labels.length) return undefined;
  const pairs = labels.map((label): FramedLine<T>[][] => {
    const value = values.find(
      (each) => Math.abs(each.left - label.left) < 2 * Math.max(each.letter, label.letter),
    );
    return value ? [[label], [value]] : [[label]];
  });
  const paired = pairs.flatMap((pair) => pair.slice(1).flat());
  const heightOf = (line: FramedLine<T>) => line.bottom - line.top;
  const isForm =
    new Set(paired).size === values.length &&
    paired.length === values.length &&
    pairs.every((pair) => {
      const [label, value] = pair.flat();
      if (!label || !value) return true;
      const gap = value.top - label.bottom;
      return heightOf(label) < labelHeight * heightOf(value) && gap < labelGap * heightOf(value);
    });
  return isForm ? pairs.flat() : undefined;
}
