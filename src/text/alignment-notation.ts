// The stored form of an alignment: which detected words became which texts. Pure.
import type { DetectedWord } from './detected-text.ts';

/** Detected words `[start, end)` that became the texts `[first, last)`. Either may be empty. */
export interface Group {
  start: number;
  end: number;
  first: number;
  last: number;
}

export function oneToOne(count: number, start: number, first: number): Group[] {
  return Array.from({ length: count }, (_, index) => ({
    start: start + index,
    end: start + index + 1,
    first: first + index,
    last: first + index + 1,
  }));
}

export function writeAlignment(groups: Group[]): string {
  const parts: string[] = [];
  let same = 0;
  for (const { start, end, first, last } of groups) {
    if (end - start === 1 && last - first === 1) {
      same += 1;
      continue;
    }
    if (same > 0) parts.push(String(same));
    same = 0;
    parts.push(`${end - start}:${last - first}`);
  }
  if (same > 0) parts.push(String(same));
  return parts.join(' ');
}

/** `undefined` when the alignment does not fit these words. */
export function readAlignment(
  alignment: string,
  detected: DetectedWord[],
  texts: string[],
): Group[] | undefined {
  if (alignment === '') return undefined;
  const groups: Group[] = [];
  let [end, last] = [0, 0];
  for (const part of alignment.split(' ')) {
    const [read = 0, written] = part.split(':').map(Number);
    const [down, across] = written === undefined ? [read, read] : [read, written];
    if (!(end + down <= detected.length && last + across <= texts.length)) return undefined;
    if (written === undefined) groups.push(...oneToOne(read, end, last));
    else groups.push({ start: end, end: end + down, first: last, last: last + across });
    [end, last] = [end + down, last + across];
  }
  return end === detected.length && last === texts.length ? groups : undefined;
}
