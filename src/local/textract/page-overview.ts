// Looks at a small grey copy of a page: how its light falls, how much of it is printed on, and how far it is tilted.

/** Grey pixels (0 black to 255 white), row by row. */
export interface GreyImage {
  data: Uint8Array;
  width: number;
  height: number;
}

/** The paper's brightness, a value a cell of `cell` by `cell` pixels of the overview. */
export interface Light {
  values: Float32Array;
  columns: number;
  rows: number;
  cell: number;
}

const cell = 16;
const inkBelow = 0.75;
const inkOfALetter = 4;
const steepestDegrees = 15;

/** The brightness of the paper behind the print: each cell's brightest neighbourhood, smoothed. */
export function measureLight({ data, width, height }: GreyImage): Light {
  const columns = Math.ceil(width / cell);
  const rows = Math.ceil(height / cell);
  const brightest = new Float32Array(columns * rows);
  const histogram = new Uint16Array(256);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      histogram.fill(0);
      let count = 0;
      for (let y = row * cell; y < Math.min(height, (row + 1) * cell); y++) {
        for (let x = column * cell; x < Math.min(width, (column + 1) * cell); x++) {
          const value = data[y * width + x] as number;
          histogram[value] = (histogram[value] as number) + 1;
          count++;
        }
      }
      let above = count * 0.1;
      let value = 255;
      while (value > 0 && above >= (histogram[value] as number)) above -= histogram[value--] as number;
      brightest[row * columns + column] = value;
    }
  }
  const grown = overNeighbours(brightest, columns, rows, Math.max);
  const sum = overNeighbours(grown, columns, rows, (a, b) => a + b);
  const counts = overNeighbours(new Float32Array(columns * rows).fill(1), columns, rows, (a, b) => a + b);
  return { values: sum.map((value, i) => value / (counts[i] as number)), columns, rows, cell };
}

function overNeighbours(
  values: Float32Array,
  columns: number,
  rows: number,
  join: (a: number, b: number) => number,
): Float32Array {
  const joined = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let result = 0;
      for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
        for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
          result = join(result, values[y * columns + x] as number);
        }
      }
      joined[row * columns + column] = result;
    }
  }
  return joined;
}

/** The darkest paper's brightness over the brightest's, 0 to 1: below about 0.7 one threshold fits no longer. */
export function evennessOf(light: Light): number {
  const sorted = light.values.toSorted();
  const at = (part: number) => sorted[Math.floor((sorted.length - 1) * part)] as number;
  return at(0.05) / Math.max(1, at(0.95));
}

/** Divides the image by its light, in place, so that paper is white everywhere. Any scale of the overview's page will do. */
export function evenOut({ data, width, height }: GreyImage, overviewWidth: number, light: Light): void {
  const step = overviewWidth / width / light.cell;
  const { values, columns, rows } = light;
  for (let y = 0; y < height; y++) {
    const v = Math.min(rows - 1, Math.max(0, (y + 0.5) * step - 0.5));
    const top = Math.floor(v);
    const below = Math.min(rows - 1, top + 1);
    for (let x = 0; x < width; x++) {
      const u = Math.min(columns - 1, Math.max(0, (x + 0.5) * step - 0.5));
      const left = Math.floor(u);
      const right = Math.min(columns - 1, left + 1);
      const upper = mix(values[top * columns + left], values[top * columns + right], u - left);
      const lower = mix(values[below * columns + left], values[below * columns + right], u - left);
      const i = y * width + x;
      data[i] = Math.min(255, ((data[i] as number) * 255) / Math.max(40, mix(upper, lower, v - top)));
    }
  }
}

function mix(a: number | undefined, b: number | undefined, part: number): number {
  return (a as number) * (1 - part) + (b as number) * part;
}

/** One where a pixel is clearly darker than the paper around it. */
export function findInk({ data, width, height }: GreyImage, light: Light): Uint8Array {
  const ink = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / light.cell) * light.columns;
    for (let x = 0; x < width; x++) {
      const paper = light.values[row + Math.floor(x / light.cell)] as number;
      if ((data[y * width + x] as number) < paper * inkBelow) ink[y * width + x] = 1;
    }
  }
  return ink;
}

function countInk(ink: Uint8Array, width: number, height: number) {
  const columns = Math.ceil(width / cell);
  const rows = Math.ceil(height / cell);
  const counts = new Float32Array(columns * rows);
  for (let i = 0; i < ink.length; i++) {
    if (ink[i] === 0) continue;
    const at = Math.floor(i / width / cell) * columns + Math.floor((i % width) / cell);
    counts[at] = (counts[at] as number) + 1;
  }
  return { counts, columns, rows };
}

/** The part of the page's pixels, 0 to 1, that are ink. */
export function measureInk(ink: Uint8Array): number {
  return ink.reduce((sum, value) => sum + value, 0) / ink.length;
}

/** Makes white, in place, what of a larger image of the same page is nowhere near ink. */
export function eraseBlank(page: GreyImage, ink: Uint8Array, width: number, height: number): void {
  const { counts, columns, rows } = countInk(ink, width, height);
  const near = overNeighbours(counts, columns, rows, Math.max);
  for (let y = 0; y < page.height; y++) {
    const row = Math.min(rows - 1, Math.floor((y * height) / page.height / cell));
    for (let x = 0; x < page.width; x++) {
      const column = Math.min(columns - 1, Math.floor((x * width) / page.width / cell));
      if ((near[row * columns + column] as number) < inkOfALetter) page.data[y * page.width + x] = 255;
    }
  }
}

/** The part of the page's area, 0 to 1, that the printed region takes up (specks are left out). */
export function measurePrintedPart(ink: Uint8Array, width: number, height: number): number {
  const { counts, columns, rows } = countInk(ink, width, height);
  const printed = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < columns && y < rows && (counts[y * columns + x] as number) >= cell;
  let [left, right, top, bottom] = [columns, -1, rows, -1];
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      if (!printed(x, y) || !(printed(x - 1, y) || printed(x + 1, y))) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
  }
  return right < 0 ? 1 : ((right - left + 1) * (bottom - top + 1)) / (columns * rows);
}

/**
 * `tilt`: of the page's lines in degrees, positive when they fall to the right; 0 when there is none worth turning for.
 * The angle under which the feet of the letters fall into the sharpest rows (the projection profile method).
 * `texture`: the page is full of specks that form no rows at any angle, such as carpet or sand.
 */
export function measureRows(
  ink: Uint8Array,
  width: number,
  height: number,
): { tilt: number; texture: boolean } {
  const xs: number[] = [];
  const ys: number[] = [];
  for (let y = 0; y < height - 1; y++) {
    for (let x = 0; x < width; x++) {
      if (ink[y * width + x] === 1 && ink[(y + 1) * width + x] === 0) {
        xs.push(x);
        ys.push(y);
      }
    }
  }
  if (xs.length < 200) return { tilt: 0, texture: false };
  const reach = Math.ceil(width * Math.tan((steepestDegrees * Math.PI) / 180)) + 2;
  const profile = new Int32Array(height + 2 * reach);
  const sharpness = (degrees: number) => {
    const slope = Math.tan((degrees * Math.PI) / 180);
    profile.fill(0);
    for (let i = 0; i < xs.length; i++) {
      const row = Math.round((ys[i] as number) - (xs[i] as number) * slope) + reach;
      profile[row] = (profile[row] as number) + 1;
    }
    let sum = 0;
    for (let i = 1; i < profile.length; i++)
      sum += ((profile[i] as number) - (profile[i - 1] as number)) ** 2;
    return sum;
  };
  const best = (from: number, to: number, step: number) => {
    let found = { degrees: 0, sharpness: -1 };
    for (let degrees = from; degrees <= to + step / 2; degrees += step) {
      const here = sharpness(degrees);
      if (here > found.sharpness) found = { degrees, sharpness: here };
    }
    return found;
  };
  const coarse = best(-steepestDegrees, steepestDegrees, 0.5);
  const fine = best(coarse.degrees - 0.5, coarse.degrees + 0.5, 0.1);
  const worthTurning = Math.abs(fine.degrees) >= 0.45 && fine.sharpness > 1.15 * sharpness(0);
  // Specks that fall at random differ from row to row by twice their number; printed rows by many times that.
  const texture = xs.length > ink.length * 0.05 && fine.sharpness < 4 * 2 * xs.length;
  return { tilt: worthTurning ? fine.degrees : 0, texture };
}
