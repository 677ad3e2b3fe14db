// A renderer for tests, and a directory of its own for what it makes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBrowserSupervisor } from '../../../src/exports/pdf/browser.supervisor.ts';
import { findChromium } from '../../../src/exports/pdf/chromium.ts';
import { createPdfRenderer, type PdfJob, type PdfLimits } from '../../../src/exports/pdf/pdf.renderer.ts';
import { buildSearchablePdfHtml } from '../../../src/exports/pdf/searchable-pdf.html.ts';
import type { SyntheticPage } from './synthetic-pages.ts';

export async function startRendering(
  options: { limits?: Partial<PdfLimits>; jobsPerBrowser?: number; graceMs?: number } = {},
) {
  const directory = await mkdtemp(join(tmpdir(), 'paperlift-pdf-test-'));
  const supervisor = createBrowserSupervisor({ findChromium: () => findChromium({}), ...options });
  const renderer = createPdfRenderer({ supervisor, limits: options.limits });
  let files = 0;

  function render(job: Partial<PdfJob> & { html: string }) {
    files += 1;
    return renderer.render({ outputFile: join(directory, `${files}.pdf`), deadlineMs: 60_000, ...job });
  }

  function renderPages(pages: SyntheticPage[], { title = 'Receipts', language = 'en' } = {}) {
    return render({
      html: buildSearchablePdfHtml({ title, language, pages }),
      images: pages.map((page) => async () => page.jpeg),
      expectedPages: pages.length,
    });
  }

  async function stop() {
    await supervisor.close();
    await rm(directory, { recursive: true });
  }

  return { directory, supervisor, render, renderPages, stop };
}
