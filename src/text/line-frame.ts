// Lines as boxes of a frame in which the print runs level and from left to right, however the page lies. Lengths along and
// across the print have different units (fractions of width and height), so each is compared with its own kind only.
import type { DetectedLine, Point } from './detected-text.ts';
import { isRightToLeft } from './text-direction.ts';

export type ShapedLine = Pick<DetectedLine, 'polygon' | 'words'>;

export interface FramedLine<T> {
  line: T;
  left: number;
  right: number;
  top: number;
  bottom: number;
  middle: number;
  words: number;
  /** The width of a letter. */
  letter: number;
  text: string;
}

/** Lines that read from right to left are mirrored, so that what is read first lies on the left. */
export function frameLines<T extends ShapedLine>(lines: T[]): FramedLine<T>[] {
  const { turn, slope } = findDirection(lines);
  const sign = isRightToLeft(lines.flatMap(({ words }) => words.map(({ text }) => text)).join('')) ? -1 : 1;
  return lines.map((line) => {
    const points = line.polygon.map(turn);
    const level = points.map(({ x, y }) => ({ x: sign * x, y: y - slope * x }));
    const [xs, ys] = [level.map(({ x }) => x), level.map(({ y }) => y)];
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const text = line.words.map((word) => word.text).join(' ');
    const letter = (right - left) / Math.max(1, [...text].length);
    return {
      line,
      left,
      right,
      top,
      bottom,
      middle: (top + bottom) / 2,
      words: line.words.length,
      letter,
      text,
    };
  });
}

/** The quarter turn that makes most of the print run to the right, and the slope that is left. */
function findDirection(lines: ShapedLine[]): { turn: (point: Point) => Point; slope: number } {
  let [x, y] = [0, 0];
  for (const { polygon } of lines) {
    const [topLeft, topRight, bottomRight, bottomLeft] = polygon;
    x += topRight.x - topLeft.x + bottomRight.x - bottomLeft.x;
    y += topRight.y - topLeft.y + bottomRight.y - bottomLeft.y;
  }
  if (Math.abs(x) >= Math.abs(y)) {
    const slope = x === 0 ? 0 : y / x;
    return x < 0 ? { turn: (at) => ({ x: -at.x, y: -at.y }), slope } : { turn: (at) => at, slope };
  }
  const slope = -x / y;
  return y > 0
    ? { turn: (at) => ({ x: at.y, y: -at.x }), slope }
    : { turn: (at) => ({ x: -at.y, y: at.x }), slope };
}

export function median(numbers: number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;
}
