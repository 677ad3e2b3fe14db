// Renders one export: claim it, read the project, render, store, finish. The file shows one state of the project,
// identified by its fingerprint. When the project changes during rendering, rendering starts again.
import { createReadStream } from 'node:fs';
import type { BlobStore } from '../aws/blob-store.ts';
import { isPaperliftError } from '../errors.ts';
import type { Lease } from '../jobs/leased-items.ts';
import { createLeasedJob, type Failure, FencedOffError, JobFailedError } from '../jobs/leased-job.ts';
import type { JobOutcome } from '../jobs/queue-poller.ts';
import type { PageStore } from '../pages/page.store.ts';
import type { Page, PageSummary } from '../pages/page.ts';
import type { PageImages } from '../pages/page-images.ts';
import type { PageDetail, PageReader } from '../pages/page-reader.ts';
import type { ProjectStore } from '../projects/project.store.ts';
import { type Project, projectPrefix } from '../projects/project.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { inSpan } from '../runtime/trace.ts';
import type { Language } from '../text/languages.ts';
import { type ExportJob, exportJob } from './export.queue.ts';
import type { ExportStore } from './export.store.ts';
import { type Export, exportFiles } from './export.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { PageTranslations } from './page-translations.ts';
import type { PdfMaker } from './pdf.maker.ts';
import { renderJson, renderTranslatedTxt, renderTxt } from './text.renderers.ts';

interface Dependencies {
  projects: ProjectStore;
  pages: PageStore;
  reader: Pick<PageReader, 'readAll'>;
  exports: ExportStore;
  blobs: BlobStore;
  images: PageImages;
  pdfMaker: PdfMaker;
  /** Missing unless that step is on. */
  translations?: Pick<PageTranslations, 'translateAll'> | undefined;
  workerId: string;
  jobs: { maxAttempts: number; leaseMs: number };
  /** BCP 47, for Word documents. */
  language: string;
  metrics: Metrics;
  logger: Logger;
  now: () => Date;
}

interface State {
  project: Project;
  summaries: PageSummary[];
  /** Identifies the state. */
  fingerprint: string;
}

const rendersOfOneJob = 3;
/** Fewer than for a page: each may take minutes, and people can request the file again. */
const maxAttempts = 3;
const noteEveryMs = 2000;

const attemptsUsedUp: Failure = {
  code: 'tried-too-often',
  message: 'The export failed after several attempts. Try again later.',
};

const notOffered: Failure = {
  code: 'translation-not-offered',
  message: 'Translations are no longer offered. Export without one.',
};

export function createExportJobService(dependencies: Dependencies) {
  const { projects, pages, reader, exports, blobs, images, pdfMaker, translations } = dependencies;
  const { jobs, language, metrics, now } = dependencies;

  const fileKeyOf = (item: Export, lease: Lease) =>
    `${projectPrefix(item.projectId)}exports/${item.id}/a${lease.attempt}.${exportFiles[item.format].extension}`;

  async function readState(projectId: string): Promise<State> {
    const project = await projects.find(projectId);
    if (!project) throw new JobFailedError({ code: 'project-deleted', message: 'The project was deleted.' });
    const summaries = await pages.list(projectId);
    return { project, summaries, fingerprint: fingerprintOf(project, summaries) };
  }

  async function renderText(format: 'docx' | 'txt' | 'json', project: Project, details: PageDetail[]) {
    if (format === 'txt') return Buffer.from(renderTxt(details));
    if (format === 'json') return Buffer.from(renderJson(project, details));
    const { renderDocx } = await import('./docx.renderer.ts');
    return renderDocx({ project, pages: details, language });
  }

  /** The text, and below or beside it its translation. */
  async function renderTranslated(
    { format, translateTo: to }: Export & { translateTo: Language },
    project: Project,
    details: PageDetail[],
    how: { signal: AbortSignal; onPage: (pagesDone: number) => void },
  ) {
    if (!translations) throw new JobFailedError(notOffered);
    const translated = await inSpan('translate', () => translations.translateAll(details, to, how));
    if (format === 'txt') return Buffer.from(renderTranslatedTxt(translated));
    const { renderTranslatedDocx } = await import('./docx-translation.renderer.ts');
    return renderTranslatedDocx({ project, pages: translated, language });
  }

  /** Records progress, at most every two seconds. */
  function noteProgress(item: Export, lease: Lease) {
    let notedAt = now().getTime();
    let writing: Promise<unknown> = Promise.resolve();
    return {
      onPage(pagesDone: number) {
        if (now().getTime() - notedAt < noteEveryMs) return;
        notedAt = now().getTime();
        // the next update, or the end, reports it again
        writing = exports.keep(item, lease, { pagesDone }).catch(() => {});
      },
      written: () => writing,
    };
  }

  /** Renders and stores the project's current state. */
  async function makeFile(
    item: Export,
    project: Project,
    details: PageDetail[],
    how: { fileKey: string; onPage: (pagesDone: number) => void; signal: AbortSignal },
  ) {
    const { fileKey, signal } = how;
    const { format } = item;
    const { contentType } = exportFiles[format];
    const pageCount = details.length;
    if (format === 'zip') {
      const { makeZip } = await import('./zip.maker.ts');
      const sizeBytes = await makeZip({ ...how, blobs, images, pages: details, madeAt: now() });
      return { sizeBytes, pageCount };
    }
    if (format !== 'searchable-pdf' && format !== 'text-pdf') {
      const { translateTo } = item;
      const body = translateTo
        ? await renderTranslated({ ...item, translateTo }, project, details, how)
        : await renderText(format, project, details);
      await blobs.put(fileKey, body, contentType);
      return { sizeBytes: body.length, pageCount };
    }
    const pdf = await inSpan('render', () => pdfMaker.make(format, project, details, how)).catch((error) => {
      const failure = pdfMaker.explain(error);
      throw failure ? new JobFailedError(failure, error) : error;
    });
    try {
      await inSpan('store', () => blobs.putStream(fileKey, createReadStream(pdf.path), contentType, signal));
      return { sizeBytes: pdf.sizeBytes, pageCount };
    } finally {
      await pdf.dispose();
    }
  }

  async function work(item: Export, lease: Lease, signal: AbortSignal) {
    for (let count = 1; count <= rendersOfOneJob; count += 1) {
      signal.throwIfAborted();
      const state = await readState(item.projectId);
      if (await render(item, lease, signal, state)) return;
      if (!(await exports.keep(item, lease))) throw new FencedOffError('before rendering again');
    }
    throw new JobFailedError({
      code: 'project-changing',
      message: 'The project kept changing during the export. Export again when you’ve finished editing.',
    });
  }

  /** `false`: the project changed meanwhile. */
  async function render(item: Export, lease: Lease, signal: AbortSignal, state: State): Promise<boolean> {
    const { project, summaries, fingerprint } = state;
    const fileKey = fileKeyOf(item, lease);
    const hasChanged = async () => (await readState(item.projectId)).fingerprint !== fingerprint;
    try {
      const ready = (await inSpan('fetch', () => reader.readAll(project, summaries))).filter(({ page }) =>
        belongsIn(item.format, page),
      );
      if (ready.length === 0) {
        throw new JobFailedError({
          code: 'no-pages',
          message: 'The project no longer has any processed pages.',
        });
      }
      const progress = noteProgress(item, lease);
      const file = await makeFile(item, project, ready, { fileKey, onPage: progress.onPage, signal });
      await progress.written();
      if (await hasChanged()) return false;
      const isOurs = await inSpan('finish', () =>
        exports.finishReady(item, lease, { fileKey, ...file, fingerprint }),
      );
      if (!isOurs) throw new FencedOffError('after storing the file');
      const { format } = item;
      const tookMs = now().getTime() - Date.parse(item.createdAt);
      metrics.count('paperlift_exports_total', { format, outcome: 'ready', code: '' });
      metrics.observe('paperlift_export_seconds', { format }, tookMs / 1000);
      return true;
    } catch (error) {
      // a page that was deleted during the read is not the export's fault
      if (isGone(error) && !signal.aborted && (await hasChanged())) return false;
      throw error;
    }
  }

  /** Deletes what this attempt stored, unless the export uses it. */
  async function cleanUp(item: Export, lease: Lease) {
    const fileKey = fileKeyOf(item, lease);
    const current = await exports.find(item.projectId, item.id);
    if (current?.fileKey !== fileKey) await blobs.removeAll([fileKey]);
  }

  const job = createLeasedJob<ExportJob, Export>({
    ...dependencies,
    name: 'export',
    items: exports,
    work,
    cleanUp,
    attemptsUsedUp,
    onFailed: ({ format }, { code }) =>
      metrics.count('paperlift_exports_total', { format, outcome: 'failed', code }),
    maxAttempts: Math.min(jobs.maxAttempts, maxAttempts),
    leaseMs: jobs.leaseMs,
  });

  return {
    /** Handles one message. */
    handle: (message: unknown, signal: AbortSignal): Promise<JobOutcome> =>
      job.handle(exportJob.parse(message), signal),
  };
}

/** A page or one of its objects. */
function isGone(error: unknown): boolean {
  return isPaperliftError(error, 'page-not-found') || (error as Error).name === 'NoSuchKey';
}

/** A page that failed still has an image: the searchable PDF includes it. */
function belongsIn(format: Export['format'], page: Page): boolean {
  return page.status === 'ready' || (format === 'searchable-pdf' && page.imageKey !== undefined);
}
