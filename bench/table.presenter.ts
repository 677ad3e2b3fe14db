import type { Row, Target } from './row.ts';

const titles = ['', 'Paperlift', 'beside', 'ratio', 'target', 'reached'];

/** The rows as a table of text, each with its note below the table. */
export function presentTable(rows: Row[]): string {
  const cells = [titles, ...rows.map(presentRow)];
  const widths = titles.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const notes = rows.flatMap(({ what, note }) => (note ? [`${what}: ${note}`] : []));
  return [lines[0], rule, ...lines.slice(1), '', ...notes, ''].join('\n');
}

function presentRow({ what, value, unit, beside, ratio, target, reached }: Row): string[] {
  return [
    what,
    formatFigure(value, unit),
    beside ? `${formatFigure(beside.value, beside.unit)} (${beside.what})` : '',
    ratio === undefined ? '' : ratio.toFixed(2),
    target ? describeTarget(target, unit) : '',
    reached === undefined ? '' : reached ? 'yes' : 'NO',
  ];
}

function describeTarget({ of, atMost, atLeast }: Target, unit: string): string {
  const limit = atMost === undefined ? `>= ${atLeast}` : `<= ${atMost}`;
  return [of === 'ratio' ? 'ratio' : '', limit, of === 'value' ? unit : ''].filter(Boolean).join(' ');
}

function formatFigure(value: number, unit: string): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 3;
  return unit ? `${value.toFixed(digits)} ${unit}` : value.toFixed(digits);
}
