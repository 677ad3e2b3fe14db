// Measures how much of the scans' true text Paperlift detects.
import type { Ocrmypdf } from './ocrmypdf.peer.ts';
import { createRow } from './row.ts';
import type { Scan } from './scans.ts';
import type { Visitor } from './visitor.ts';
import { scoreWords, sumScores } from './word-score.ts';

/** Not measured here: its code was removed. */
const former = 'the former reader, Tesseract on prepared pages, had 0.809 / 0.790 on the twelve receipts';

export async function measureOcrQuality(given: {
  visitor: Visitor;
  projectId: string;
  scans: Scan[];
  origin: string;
  ocrmypdf: Ocrmypdf | undefined;
}) {
  const { visitor, projectId, scans, origin, ocrmypdf } = given;
  const pages = await visitor.readPages(projectId);
  const textOf = (scan: Scan) => pages.find((page) => page.fileName === scan.fileName)?.text ?? '';
  const ours = sumScores(scans.map((scan) => scoreWords(scan.truth, textOf(scan))));
  const texts = await ocrmypdf?.texts();
  const theirs = texts && sumScores(scans.map((scan, index) => scoreWords(scan.truth, texts[index] ?? '')));
  const rowFor = (measure: 'recall' | 'precision') => ({
    id: `word-${measure}`,
    what: `Word ${measure}`,
    value: ours[measure],
    unit: '',
    ...(theirs && ocrmypdf && { beside: { what: ocrmypdf.name, value: theirs[measure], unit: '' } }),
  });
  return [
    createRow({ ...rowFor('recall'), target: { of: 'value', atLeast: 0.92 }, note: `${origin}; ${former}` }),
    createRow({ ...rowFor('precision'), target: { of: 'value', atLeast: 0.92 } }),
  ];
}
