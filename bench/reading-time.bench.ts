// Measures the time from an upload's first byte until the last page is ready.
import type { Ocrmypdf } from './ocrmypdf.peer.ts';
import { createRow, median } from './row.ts';
import type { Scan } from './scans.ts';
import type { Visitor } from './visitor.ts';

/** The first one also warms the server up. */
const rounds = 3;

export async function measureReadingTime(given: {
  visitor: Visitor;
  scans: Scan[];
  ocrmypdf: Ocrmypdf | undefined;
}) {
  const { visitor, scans, ocrmypdf } = given;
  const ours: number[] = [];
  const theirs: number[] = [];
  const projectIds: string[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const projectId = await visitor.createProject(`Receipts ${round}`);
    projectIds.push(projectId);
    const startedAt = performance.now();
    await visitor.upload(projectId, scans);
    await visitor.waitUntilRead(projectId, scans.length);
    ours.push((performance.now() - startedAt) / 1000 / scans.length);
    if (ocrmypdf) theirs.push((await ocrmypdf.time(scans)) / scans.length);
  }
  return {
    projectIds,
    rows: [
      createRow({
        id: 'reading-time',
        what: 'Reading, upload to ready',
        value: median(ours),
        unit: 's/page',
        target: { of: 'ratio', atMost: 0.45 },
        note: `${scans.length} images in one upload, beside one PDF of the same; ${rounds} rounds in turns${ocrmypdf ? '' : '; OCRmyPDF is not installed'}`,
        ...(ocrmypdf && { beside: { what: ocrmypdf.name, value: median(theirs), unit: 's/page' } }),
      }),
    ],
  };
}
