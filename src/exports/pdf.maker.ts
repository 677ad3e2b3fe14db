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
import { languageOfDocument } from './document-language.ts';
import type { BrowserSupervisor } from './pdf/browser.supervisor.ts';
import type { PdfJob, PdfRenderer, RenderedPdf } from './pdf/pdf.renderer.ts';
import { PdfRenderError, type PdfRenderFailure } from './pdf/pdf-render.error.ts';
import type { PdfOriginals } from './pdf-originals.ts';

interface Dependencies {
  images: Pick<PageImages, 'read'>;
  originals: PdfOriginals;
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

export function createPdfMaker({ images, originals: originalsOf, config, track }: Dependencies) {
  /** Each has its own browser, so that one person’s long PDF does not block another’s. */
  const open = new Set<BrowserRenderer>();
  let spare: BrowserRenderer | undefined;

  const loaded = loadOnce(async () => {
    const [{ findChromium }, { createBrowserSupervisor }, { createPdfRenderer }, searchable, text, carrying] =
      await Promise.all([
        import('./pdf/chromium.ts'),
        import('./pdf/browser.supervisor.ts'),
        import('./pdf/pdf.renderer.ts'),
        import('./pdf/searchable-pdf.html.ts'),
        import('./pdf/text-pdf.html.ts'),
        import('./pdf/carry-over.ts'),
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
      carryOver: carrying.carryOver,
      emptyJpeg: carrying.emptyJpeg,
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
    { folder, onPage, signal }: Progress & { folder: string },
  ) {
    const { buildSearchable, buildText, carryOver, emptyJpeg } = await loaded();
    const outputFile = path.join(folder, 'export.pdf');
    const about = { title: project.name, language: languageOfDocument(details, config.language) };
    const deadlineMs = config.timeoutMs + details.length * deadlinePerPageMs;
    const job = { outputFile, deadlineMs, signal };
    if (format === 'text-pdf')
      return print({
        ...job,
        html: buildText({
          ...about,
          pages: details.map(({ page, lines }) => ({ language: page.language, lines: asPrinted(lines) })),
        }),
      });
    const originals = await originalsOf.open(details, { folder, signal });
    try {
      const [firstCarried = 0] = originals.pages.keys();
      const pages = details.map(({ page, lines }, index) => {
        const { width = 0, height = 0 } = page;
        const carried = originals.pages.get(index);
        if (!carried) return { width, height, language: page.language, lines: asPrinted(lines) };
        return { width, height, lines: [], empty: { ...sizeOf(carried), image: firstCarried } };
      });
      const pdf = await print({
        ...job,
        html: buildSearchable({ ...about, pages }),
        images: details.map(({ page }, index) => async () => {
          onPage(index);
          return originals.pages.has(index) ? emptyJpeg : images.read(page);
        }),
        expectedPages: pages.length,
      });
      return originals.pages.size === 0 ? pdf : { ...pdf, ...(await carryOver(pdf.path, originals.pages)) };
    } finally {
      await originals.close();
    }
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
        const { sizeBytes, path: file } = await render(format, project, details, { ...progress, folder });
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

const sizeOf = ({ width, height }: { width: number; height: number }) => ({ width, height });

/** Applies corrections. */
function asPrinted(lines: ReviewedLine[]): ReviewedLine[] {
  return lines
    .map((line) => (line.corrected === undefined ? line : { ...line, text: line.corrected }))
    .filter((line) => line.words.length > 0);
}
