// Tells a page set in columns from one whose lines run across it, by the white gutter between the columns.

const cellWidth = 12;
// Taller than a line, so that columns whose lines are not on one height share rows.
const cellHeight = 24;
const gutterCells = 2;
const fullSide = 0.6;
const mostlyColumns = 0.5;
const fewestRows = 10;

/**
 * Whether most of the page's rows are two well-filled sides with one gutter between them. A receipt's names and amounts are no
 * columns: the amounts fill too little of their side.
 */
export function hasColumns(ink: Uint8Array, width: number, height: number, tiltDegrees: number): boolean {
  const { rows, columns } = collectRows(ink, width, height, tiltDegrees);
  if (rows.length < fewestRows) return false;
  for (let gutter = Math.floor(columns * 0.25); gutter < columns * 0.75; gutter++) {
    const split = rows.filter((row) => isSplitAt(row, gutter)).length;
    if (split >= fewestRows && split >= rows.length * mostlyColumns) return true;
  }
  return false;
}

/** The page in cells, one where there is ink; its lines level, its empty rows and margins left out. */
function collectRows(ink: Uint8Array, width: number, height: number, tiltDegrees: number) {
  const slope = Math.tan((tiltDegrees * Math.PI) / 180);
  const shift = Math.ceil(Math.abs(slope) * Math.max(width, height));
  const across = Math.ceil((width + 2 * shift) / cellWidth);
  const down = Math.ceil((height + 2 * shift) / cellHeight);
  const cells = new Uint8Array(across * down);
  for (let i = 0; i < ink.length; i++) {
    if (ink[i] === 0) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    const column = Math.floor((x + y * slope + shift) / cellWidth);
    const row = Math.floor((y - x * slope + shift) / cellHeight);
    cells[row * across + column] = 1;
  }
  const all = Array.from({ length: down }, (_, row) => cells.subarray(row * across, (row + 1) * across));
  const rows = all.filter((row) => row.filter((value) => value === 1).length > 2);
  const left = Math.min(across, ...rows.map((row) => row.indexOf(1)));
  const right = Math.max(0, ...rows.map((row) => row.lastIndexOf(1) + 1));
  return { rows: rows.map((row) => row.subarray(left, right)), columns: Math.max(0, right - left) };
}

function isSplitAt(row: Uint8Array, gutter: number): boolean {
  return (
    row.subarray(gutter, gutter + gutterCells).every((value) => value === 0) &&
    filled(row.subarray(0, gutter)) >= fullSide &&
    filled(row.subarray(gutter + gutterCells)) >= fullSide
  );
}

function filled(side: Uint8Array): number {
  return side.reduce((sum, value) => sum + value, 0) / side.length;
}
