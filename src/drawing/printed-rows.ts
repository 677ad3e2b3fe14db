// Which way printed lines run, and in which order they follow each other. Pure.
import type { Point } from '../text/detected-text.ts';
import { isParallel } from './character-frame.ts';
import type { PrintedWord } from './printed-word.ts';

export interface PrintedLine {
  words: PrintedWord[];
  along: Point;
}

/** From top to bottom, and what lies side by side from the start of the line, each direction by itself. */
export function inRows(lines: PrintedLine[]): PrintedLine[] {
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
export const startOf = ({ words }: PrintedLine) => Math.min(...words.map(({ from }) => from));

/** The direction of most characters. */
export function dominantDirection(lines: PrintedLine[]): Point {
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
export function quarterTurnTo({ x, y }: Point): 0 | 90 | 180 | 270 {
  if (Math.abs(x) >= Math.abs(y)) return x >= 0 ? 0 : 180;
  return y >= 0 ? 270 : 90;
}
