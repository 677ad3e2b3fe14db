// The result of a benchmark: a figure, what it is compared with, and whether the target is reached.

interface Figure {
  value: number;
  unit: string;
}

export interface Target {
  of: 'value' | 'ratio';
  atMost?: number;
  atLeast?: number;
}

export interface Row extends Figure {
  /** A stable name, for programs. */
  id: string;
  what: string;
  /** Measured in the same run, for the same work. */
  beside?: Figure & { what: string };
  /** `value / beside.value` */
  ratio?: number;
  target?: Target;
  /** `undefined` without a target, or when the peer is missing. */
  reached?: boolean;
  /** An explanation of the figures. */
  note?: string;
}

/** Works out the ratio, and whether the target is reached. */
export function createRow(found: Omit<Row, 'ratio' | 'reached'>): Row {
  const ratio = found.beside && found.value / found.beside.value;
  const measured = found.target?.of === 'value' ? found.value : ratio;
  if (!found.target || measured === undefined) return { ...found, ratio };
  const { atMost = Number.POSITIVE_INFINITY, atLeast = Number.NEGATIVE_INFINITY } = found.target;
  return { ...found, ratio, reached: measured <= atMost && measured >= atLeast };
}

/** The middle value; of an even count the mean of the middle two. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new RangeError('The median of nothing');
  return (low + high) / 2;
}
