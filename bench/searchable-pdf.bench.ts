// Measures a searchable PDF: as a person waits for it, and the rendering alone.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startBrowser } from '../src/exports/pdf/browser.process.ts';
import { createBrowserSupervisor } from '../src/exports/pdf/browser.supervisor.ts';
import { findChromium } from '../src/exports/pdf/chromium.ts';
import { createPdfRenderer } from '../src/exports/pdf/pdf.renderer.ts';
import { buildSearchablePdfHtml } from '../src/exports/pdf/searchable-pdf.html.ts';
import { prepareBarePdf } from './bare-pdf.peer.ts';
import { createRow, median } from './row.ts';
import type { Visitor } from './visitor.ts';

const rounds = 7;
/** Lets cleaning up after a measurement finish before the next. */
const betweenMs = 200;
const target = { of: 'ratio', atMost: 1.3 } as const;

export async function measureSearchablePdf(given: { visitor: Visitor; projectId: string; folder: string }) {
  const { visitor, projectId, folder } = given;
  const pages = await visitor.readPages(projectId);
  const jpegs = await Promise.all(pages.map((page) => visitor.readImage(projectId, page.id)));
  const images = pages.map(({ width, height }, index) => ({ width, height, jpeg: jpegs[index] as Buffer }));
  const bare = await prepareBarePdf({ images, folder });

  const path = process.env.CHROMIUM_PATH;
  const supervisor = createBrowserSupervisor({ findChromium: () => findChromium({ path }) });
  const renderer = createPdfRenderer({ supervisor });
  const sandbox = process.getuid?.() !== 0;
  const bareBrowser = await startBrowser(await findChromium({ path }), {
    signal: AbortSignal.timeout(300_000),
    sandbox,
  });
  const times = { exported: [], rendered: [], inlined: [], fromFiles: [] } as Record<string, number[]>;
  const measurements: [name: string, measure: () => Promise<number>][] = [
    ['exported', () => visitor.timeExport(projectId, 'searchable-pdf')],
    ['rendered', timeRendering],
    ['inlined', () => bare.timeInlined(bareBrowser.browser)],
    ['fromFiles', () => bare.timeFromFiles(bareBrowser.browser)],
  ];
  try {
    // The first round starts the browsers, and is not counted.
    for (let round = 0; round <= rounds; round += 1) {
      // an unchanged project returns its stored export; renaming it causes a new one
      await visitor.call('PATCH', `/projects/${projectId}`, { name: `Receipts at ${Date.now()}` });
      for (const [name, measure] of measurements) {
        const took = await measure();
        if (round > 0) times[name]?.push(took / pages.length);
        await delay(betweenMs);
      }
    }
  } finally {
    await supervisor.close();
    await bareBrowser.stop(2000);
  }

  const figure = (name: string) => ({ value: median(times[name] ?? []), unit: 'ms/page' });
  const inlined = { what: 'Chromium’s page.pdf, images only', ...figure('inlined') };
  const fromFiles = { what: 'the same, images from files', ...figure('fromFiles') };
  return [
    createRow({
      id: 'searchable-pdf-render',
      what: 'Searchable PDF, rendering',
      ...figure('rendered'),
      beside: inlined,
      target,
      note: `${pages.length} pages, from text and images in memory to a checked file; browsers running; ${rounds} rounds in turns`,
    }),
    createRow({
      id: 'searchable-pdf-render-files',
      what: 'Searchable PDF, rendering',
      ...figure('rendered'),
      beside: fromFiles,
    }),
    createRow({
      id: 'searchable-pdf-export',
      what: 'Searchable PDF, asked to ready',
      ...figure('exported'),
      beside: inlined,
      note: 'through the API, with the queue, S3 and DynamoDB',
    }),
  ];

  async function timeRendering(): Promise<number> {
    const outputFile = join(folder, 'searchable.pdf');
    const startedAt = performance.now();
    await renderer.render({
      html: buildSearchablePdfHtml({ title: 'Receipts', language: 'en', pages }),
      images: jpegs.map((jpeg) => async () => jpeg),
      expectedPages: pages.length,
      outputFile,
      deadlineMs: 100_000,
    });
    const took = performance.now() - startedAt;
    await rm(outputFile);
    return took;
  }
}
