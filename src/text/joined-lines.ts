// Joins what stands on one height to one line, as Paperlift's own text detection does: Textract lists the name and the amount of a
// receipt as two lines.
import type { DetectedLine } from './detected-text.ts';
import { readingRows } from './reading-order.ts';
import { unionOf } from './word-boxes.ts';

/** The lines in reading order. A joined line has the id of its first part. */
export function joinRows(lines: DetectedLine[]): DetectedLine[] {
  return readingRows(lines).map((row) => {
    const [first] = row as [DetectedLine];
    if (row.length === 1) return first;
    const words = row.flatMap((line) => line.words);
    return {
      id: first.id,
      text: row.map(({ text }) => text).join(' '),
      confidence: row.reduce((sum, line) => sum + line.confidence * line.words.length, 0) / words.length,
      polygon: unionOf(row),
      words,
    };
  });
}
