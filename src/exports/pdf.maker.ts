// Renders a project's pages as PDF. Puppeteer and the browser are loaded for the first PDF.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../config/config.ts';
import type { PageImages } from '../pages/page-images.ts';
import type { PageDetail } from '../pages/page-reader.ts';
import type { Project } from '../projects/project.ts';
import type { InFlight } from '../runtime/in-flight.ts';
import { loadOnce } from '../runtime/load-on-use.ts';
import { makeTemporaryFolder } from '../runtime/temporary-folders.ts';
import type { ReviewedLine } from '../text/corrections.ts';
import type { BrowserSupervisor } from './pdf/browser.supervisor.ts';
import type { PdfJob, PdfRenderer, RenderedPdf } from './pdf/pdf.renderer.ts';
import { PdfRenderError, type PdfRenderFailure } from './pdf/pdf-render.error.ts';

interface Dependencies {
  images: Pick<PageImages, 'read'>;
  config: Config['exports'];
  track: InFlight['track'];
}

interface BrowserRenderer {
  supervisor: BrowserSupervisor;
  renderer: PdfRenderer;
}

interface Progress {
  onPage: (pagesDone: number) => void;
  signal: AbortSignal;
}

/** Added to the base deadline: 500 pages of photos take longer than one receipt. */
const deadlinePerPageMs = 500;

/** What people are told. `undefined`: not the project's fault, so the job is retried. */
const failures: Record<PdfRenderFailure, string | undefined> = {
  deadline: 'The PDF took too long to create. Split the project into smaller ones, or try again later.',
  'too-large': 'The PDF is too large. Split the project into smaller ones.',
  'bad-image': 'The image of a page can’t be opened. Replace the page, then export again.',
  crashed: undefined,
  closed: undefined,
  'no-browser': undefined,
  'page-count': undefined,
};

export function createPdfMaker({ images, config, track }: Dependencies) {
  /** Each has its own browser, so that one person’s long PDF does not block another’s. */
  const open = new Set<BrowserRenderer>();
  let spare: BrowserRenderer | undefined;

  const loaded = loadOnce(async () => {
    const [{ findChromium }, { createBrowserSupervisor }, { createPdfRenderer }, searchable, text] =
      await Promise.all([
        import('./pdf/chromium.ts'),
        import('./pdf/browser.supervisor.ts'),
        import('./pdf/pdf.renderer.ts'),
        import('./pdf/searchable-pdf.html.ts'),
        import('./pdf/text-pdf.html.ts'),
      ]);
    const openRenderer = () => {
      const supervisor = createBrowserSupervisor({
        findChromium: () => findChromium({ path: config.chromiumPath }),
      });
      return { supervisor, renderer: createPdfRenderer({ supervisor, track }) };
    };
    return {
      openRenderer,
      buildSearchable: searchable.buildSearchablePdfHtml,
      buildText: text.buildTextPdfHtml,
    };
  });

  /** Uses the spare browser or starts another. One stays open for the next PDF. */
  async function print(job: PdfJob): Promise<RenderedPdf> {
    const { openRenderer } = await loaded();
    const using = spare ?? openRenderer();
    spare = undefined;
    open.add(using);
    try {
      return await using.renderer.render(job);
    } finally {
      if (spare) {
        open.delete(using);
        await using.supervisor.close();
      } else spare = using;
    }
  }

  async function render(
    format: 'searchable-pdf' | 'text-pdf',
    project: Project,
    details: PageDetail[],
    { outputFile, onPage, signal }: Progress & { outputFile: string },
  ) {
    const { buildSearchable, buildText } = await loaded();
    const about = { title: project.name, language: config.language };
    const deadlineMs = config.timeoutMs + details.length * deadlinePerPageMs;
    const job = { outputFile, deadlineMs, signal };
    if (format === 'text-pdf')
      return print({
        ...job,
        html: buildText({ ...about, pages: details.map(({ lines }) => ({ lines: asPrinted(lines) })) }),
      });
    const pages = details.map(({ page, lines }) => ({
      width: page.width ?? 0,
      height: page.height ?? 0,
      lines: asPrinted(lines),
    }));
    return print({
      ...job,
      html: buildSearchable({ ...about, pages }),
      images: details.map(({ page }, index) => () => {
        onPage(index);
        return images.read(page);
      }),
      expectedPages: pages.length,
    });
  }

  return {
    /**
     * Renders the PDF into a temporary folder; `dispose` removes it. Throws PdfRenderError, errors of S3, and the
     * signal's reason.
     */
    async make(
      format: 'searchable-pdf' | 'text-pdf',
      project: Project,
      details: PageDetail[],
      progress: Progress,
    ) {
      const folder = await makeTemporaryFolder('export');
      const dispose = () => rm(folder, { recursive: true, force: true });
      try {
        const outputFile = path.join(folder, 'export.pdf');
        const { sizeBytes, path: file } = await render(format, project, details, { ...progress, outputFile });
        return { path: file, sizeBytes, dispose };
      } catch (error) {
        await dispose();
        throw error;
      }
    },

    /** What people are told, when the error is final. */
    explain(error: unknown): { code: string; message: string } | undefined {
      if (!(error instanceof PdfRenderError)) return undefined;
      const message = failures[error.reason];
      return message === undefined ? undefined : { code: `pdf-${error.reason}`, message };
    },

    async close() {
      await Promise.all([...open].map(({ supervisor }) => supervisor.close()));
    },
  };
}

export type PdfMaker = ReturnType<typeof createPdfMaker>;

/** Applies corrections. */
function asPrinted(lines: ReviewedLine[]): ReviewedLine[] {
  return lines
    .map((line) => (line.corrected === undefined ? line : { ...line, text: line.corrected }))
    .filter((line) => line.words.length > 0);
}
