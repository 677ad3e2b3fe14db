// From the detection model's map of where print is to rectangles along the print, and the direction of the page's lines.
// The method is that of "Real-time Scene Text Detection with Differentiable Binarization" (https://arxiv.org/abs/1911.08947).
import type { Place, Quad } from './image.ts';

/** How likely each pixel is inside a line, 0 to 1. */
export interface TextMap {
  values: Float32Array;
  width: number;
  height: number;
}

interface Rectangle {
  x: number;
  y: number;
  /** Along `angle`. */
  width: number;
  height: number;
  angle: number;
}

export interface Regions {
  /** In pixels of the map, all along the page's own direction. */
  rectangles: Rectangle[];
  /** The direction of the lines, in radians. */
  angle: number;
  /** How many of the regions are long enough to show a direction. */
  lineCount: number;
  /** How well their directions agree, 0 to 1. */
  agreement: number;
}

const inkFrom = 0.3;
const regionFrom = 0.6;
const fewestPixels = 8;
const smallestSide = 3;
/** The map shrinks lines by this much of their area over their perimeter; rectangles grow back by it. */
const unclip = 1.6;
const quarter = Math.PI / 2;
const mostOwnTilt = 0.2;

export function findRegions(map: TextMap): Regions {
  const parts = findComponents(map)
    .filter(({ sum, count }) => count >= fewestPixels && sum / count >= regionFrom)
    .map(({ points }) => {
      const hull = hullOf(points);
      return { hull, box: smallestRectangle(hull) };
    })
    .filter(({ box }) => Math.min(box.width, box.height) >= smallestSide);
  const long = parts.map(({ box }) => box).filter((box) => longSide(box) > 3 * shortSide(box));
  // Directions are known up to a quarter turn: the mean of the fourfold angle, then the median around it.
  const cosines = sumOf(long, (box) => longSide(box) * Math.cos(4 * box.angle));
  const sines = sumOf(long, (box) => longSide(box) * Math.sin(4 * box.angle));
  const mean = Math.atan2(sines, cosines) / 4;
  const tilt =
    long.length === 0 ? 0 : medianOf(long.map((box) => [closestTo(box.angle, mean), longSide(box)]));
  const along = sumOf(long, (box) => {
    const isTurned = Math.round((box.angle - closestTo(box.angle, tilt)) / quarter) % 2 !== 0;
    return isTurned === box.height > box.width ? longSide(box) : -longSide(box);
  });
  const turn = along < 0 ? quarter : 0;
  return {
    rectangles: parts.map(({ hull, box }) => {
      const own = closestTo(box.angle, tilt);
      const hasOwn = longSide(box) >= 3 * shortSide(box) && Math.abs(own - tilt) <= mostOwnTilt;
      return boundsAt(hull, (hasOwn ? own : tilt) + turn);
    }),
    angle: tilt + turn,
    lineCount: long.length,
    agreement: Math.hypot(cosines, sines) / Math.max(1, sumOf(long, longSide)),
  };
}

/** The rectangle grown to the whole height of its letters, in pixels of an image that is so many times larger than the map. */
export function quadOf(box: Rectangle, scaleX: number, scaleY: number): Quad {
  const growth = (box.width * box.height * unclip) / (2 * (box.width + box.height));
  const [halfWidth, halfHeight] = [box.width / 2 + growth, box.height / 2 + growth];
  const [cos, sin] = [Math.cos(box.angle), Math.sin(box.angle)];
  const corner = (u: number, v: number): Place => ({
    x: (box.x + u * cos - v * sin) * scaleX,
    y: (box.y + u * sin + v * cos) * scaleY,
  });
  return [
    corner(-halfWidth, -halfHeight),
    corner(halfWidth, -halfHeight),
    corner(halfWidth, halfHeight),
    corner(-halfWidth, halfHeight),
  ];
}

interface Component {
  points: Place[];
  sum: number;
  count: number;
}

/** Connected pixels, by runs of a row that touch runs of the row above (also diagonally). */
function findComponents({ values, width, height }: TextMap): Component[] {
  const runs: { y: number; from: number; to: number; sum: number }[] = [];
  const parents: number[] = [];
  const rootOf = (run: number): number => {
    let root = run;
    while (parents[root] !== root) {
      parents[root] = parents[parents[root] as number] as number;
      root = parents[root] as number;
    }
    return root;
  };
  let [aboveFrom, aboveTo] = [0, 0];
  for (let y = 0; y < height; y++) {
    const start = runs.length;
    let above = aboveFrom;
    for (let x = 0; x < width; ) {
      if ((values[y * width + x] as number) <= inkFrom) {
        x++;
        continue;
      }
      const run = { y, from: x, to: x, sum: 0 };
      while (x < width && (values[y * width + x] as number) > inkFrom)
        run.sum += values[y * width + x++] as number;
      run.to = x;
      const id = runs.push(run) - 1;
      parents.push(id);
      while (above < aboveTo && (runs[above]?.to ?? 0) < run.from) above++;
      for (let other = above; other < aboveTo && (runs[other]?.from ?? 0) <= run.to; other++) {
        const [one, two] = [rootOf(other), rootOf(id)];
        if (one !== two) parents[Math.max(one, two)] = Math.min(one, two);
      }
    }
    [aboveFrom, aboveTo] = [start, runs.length];
  }
  const components = new Map<number, Component>();
  for (const [id, { y, from, to, sum }] of runs.entries()) {
    const root = rootOf(id);
    const component = components.get(root) ?? { points: [], sum: 0, count: 0 };
    components.set(root, component);
    component.sum += sum;
    component.count += to - from;
    component.points.push({ x: from, y }, { x: to, y }, { x: from, y: y + 1 }, { x: to, y: y + 1 });
  }
  return [...components.values()];
}

/** The convex hull (Andrew's monotone chain). */
function hullOf(points: Place[]): Place[] {
  const sorted = points.toSorted((a, b) => a.x - b.x || a.y - b.y);
  const half = (list: Place[]) => {
    const chain: Place[] = [];
    for (const point of list) {
      while (chain.length > 1 && turnOf(chain.at(-2) as Place, chain.at(-1) as Place, point) <= 0)
        chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.toReversed())];
}

function turnOf(origin: Place, a: Place, b: Place): number {
  return (a.x - origin.x) * (b.y - origin.y) - (a.y - origin.y) * (b.x - origin.x);
}

/** The smallest rectangle around a hull has a side along one of the hull's. */
function smallestRectangle(hull: Place[]): Rectangle {
  return hull
    .map((point, i) => {
      const next = hull[(i + 1) % hull.length] as Place;
      return boundsAt(hull, closestTo(Math.atan2(next.y - point.y, next.x - point.x), 0));
    })
    .reduce((best, other) => (other.width * other.height < best.width * best.height ? other : best));
}

function boundsAt(hull: Place[], angle: number): Rectangle {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const us = hull.map(({ x, y }) => x * cos + y * sin);
  const vs = hull.map(({ x, y }) => y * cos - x * sin);
  const [left, right, top, bottom] = [Math.min(...us), Math.max(...us), Math.min(...vs), Math.max(...vs)];
  const [u, v] = [(left + right) / 2, (top + bottom) / 2];
  return { x: u * cos - v * sin, y: u * sin + v * cos, width: right - left, height: bottom - top, angle };
}

/** The same direction up to quarter turns, within 45 degrees of another. */
function closestTo(angle: number, other: number): number {
  return angle - Math.round((angle - other) / quarter) * quarter;
}

function longSide({ width, height }: Rectangle): number {
  return Math.max(width, height);
}

function shortSide({ width, height }: Rectangle): number {
  return Math.min(width, height);
}

function sumOf<T>(items: T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0);
}

/** Of values with weights. */
function medianOf(items: [number, number][]): number {
  const sorted = items.toSorted((a, b) => a[0] - b[0]);
  let left = sumOf(items, (item) => item[1]) / 2;
  for (const [value, weight] of sorted) {
    left -= weight;
    if (left <= 0) return value;
  }
  return 0;
}
