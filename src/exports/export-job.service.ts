// The work on one export: claim it, read the project as it is, render, store, finish. The file shows one state of the
// project, named by its fingerprint; when the project changes while it is rendered, the file is made again.
import { createReadStream } from 'node:fs';
import type { BlobStore } from '../aws/blob-store.ts';
import type { Lease } from '../aws/leased-items.ts';
import { isTransient } from '../aws/outages.ts';
import type { JobOutcome } from '../aws/queue-poller.ts';
import type { Logger } from '../logger.ts';
import type { PageDetail, PageService } from '../pages/page.service.ts';
import type { PageStore } from '../pages/page.store.ts';
import type { Page } from '../pages/page.ts';
import type { ProjectStore } from '../projects/project.store.ts';
import { type Project, projectPrefix } from '../projects/project.ts';
import { exportJob } from './export.queue.ts';
import type { ExportStore } from './export.store.ts';
import { type Export, exportFiles } from './export.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { PdfMaker } from './pdf.maker.ts';
import { renderJson, renderTxt } from './text.renderers.ts';

interface Dependencies {
  projects: ProjectStore;
  pages: PageStore;
  pageService: Pick<PageService, 'readAll'>;
  exports: ExportStore;
  blobs: BlobStore;
  pdfMaker: PdfMaker;
  workerId: string;
  jobs: { maxTries: number; leaseMs: number };
  /** BCP 47; of Word documents. */
  language: string;
  logger: Logger;
  now: () => Date;
}

const done: JobOutcome = { done: true };
const rendersOfOneJob = 3;
const noteEveryMs = 2000;

/** Ends the job with a reason for people. */
class ExportFailedError extends Error {
  override name = 'ExportFailedError';
  readonly failure: { code: string; message: string };
  constructor(failure: { code: string; message: string }, cause?: unknown) {
    super(failure.code, { cause });
    this.failure = failure;
  }
}

export function createExportJobService(dependencies: Dependencies) {
  const { projects, pages, pageService, exports, blobs, pdfMaker, workerId, jobs, language, logger, now } =
    dependencies;

  const fileKeyOf = (item: Export, lease: Lease) =>
    `${projectPrefix(item.projectId)}exports/${item.id}/a${lease.attempt}.${exportFiles[item.format].extension}`;

  async function readState(projectId: string) {
    const project = await projects.find(projectId);
    if (!project)
      throw new ExportFailedError({ code: 'project-deleted', message: 'The project was deleted.' });
    const summaries = await pages.list(projectId);
    return { project, summaries, fingerprint: fingerprintOf(project, summaries) };
  }

  async function renderText(format: 'docx' | 'txt' | 'json', project: Project, details: PageDetail[]) {
    if (format === 'txt') return Buffer.from(renderTxt(details));
    if (format === 'json') return Buffer.from(renderJson(project, details));
    const { renderDocx } = await import('./docx.renderer.ts');
    return renderDocx({ project, pages: details, language });
  }

  /** Notes how far the file is, at most every other second; the lease begins anew, so that a long one is not lost. */
  function noteProgress(item: Export, lease: Lease) {
    let notedAt = now().getTime();
    let writing: Promise<unknown> = Promise.resolve();
    return {
      onPage(pagesDone: number) {
        if (now().getTime() - notedAt < noteEveryMs) return;
        notedAt = now().getTime();
        writing = exports.keep(item, lease, { pagesDone }).catch(() => {}); // the next one, or the end, says it again
      },
      written: () => writing,
    };
  }

  /** Renders and stores the project as it is now. */
  async function makeFile(
    item: Export,
    project: Project,
    details: PageDetail[],
    { fileKey, onPage }: { fileKey: string; onPage: (pagesDone: number) => void },
  ) {
    const { format } = item;
    const { contentType } = exportFiles[format];
    const pageCount = details.length;
    if (format === 'zip') {
      const { makeZip } = await import('./zip.maker.ts');
      const sizeBytes = await makeZip({ blobs, fileKey, pages: details, madeAt: now(), onPage });
      return { sizeBytes, pageCount };
    }
    if (format !== 'searchable-pdf' && format !== 'text-pdf') {
      const body = await renderText(format, project, details);
      await blobs.put(fileKey, body, contentType);
      return { sizeBytes: body.length, pageCount };
    }
    const pdf = await pdfMaker.make(format, project, details, onPage);
    try {
      await blobs.putStream(fileKey, createReadStream(pdf.path), contentType);
      return { sizeBytes: pdf.sizeBytes, pageCount };
    } finally {
      await pdf.dispose();
    }
  }

  async function work(item: Export, lease: Lease) {
    const fileKey = fileKeyOf(item, lease);
    for (let render = 1; render <= rendersOfOneJob; render += 1) {
      const { project, summaries, fingerprint } = await readState(item.projectId);
      const ready = (await pageService.readAll(summaries)).filter(({ page }) => belongsIn(item.format, page));
      if (ready.length === 0) {
        throw new ExportFailedError({
          code: 'no-pages',
          message: 'The project has no page that was read any more.',
        });
      }
      const progress = noteProgress(item, lease);
      const file = await makeFile(item, project, ready, { fileKey, onPage: progress.onPage });
      await progress.written();
      if ((await readState(item.projectId)).fingerprint === fingerprint) {
        return exports.finishReady(item, lease, { fileKey, ...file, fingerprint });
      }
      if (!(await exports.keep(item, lease))) return false;
    }
    throw new ExportFailedError({
      code: 'project-changing',
      message: 'The project kept changing while the file was made. Export again when you are done.',
    });
  }

  async function endAttempt(item: Export, lease: Lease, tries: number, error: unknown): Promise<JobOutcome> {
    const log = logger.child({ projectId: item.projectId, exportId: item.id, attempt: lease.attempt });
    const final = error instanceof ExportFailedError ? error.failure : pdfMaker.explain(error);
    if (final) {
      log.warn({ err: error, code: final.code }, 'the export failed');
      await exports.finishFailed(item, lease, final);
      await blobs.removeAll([fileKeyOf(item, lease)]);
      return done;
    }
    const isEnding = pdfMaker.isClosed(error);
    const triesUsed = isTransient(error) || isEnding ? tries - 1 : tries;
    log.warn({ err: error }, 'the export is tried again');
    if (triesUsed >= Math.min(jobs.maxTries, 3)) {
      const message = 'The file could not be made after several tries. Try again later.';
      await exports.finishFailed(item, lease, { code: 'tried-too-often', message });
      return done;
    }
    const backoffMs =
      Math.min(1000 * 2 ** Math.min(lease.attempt, 10), jobs.leaseMs / 2) * (0.5 + Math.random() / 2);
    const afterMs = isEnding ? 0 : backoffMs; // another worker can go on at once
    await exports.release(item, lease, { afterMs, tries: triesUsed });
    return { done: false, againInSeconds: Math.ceil(afterMs / 1000) };
  }

  return {
    /** Handles one message. Whatever arrives twice or late changes nothing. */
    async handle(message: unknown): Promise<JobOutcome> {
      const job = exportJob.parse(message);
      const claim = await exports.claim(job, workerId);
      if (claim.outcome === 'over') return done;
      if (claim.outcome === 'leased') {
        const leftMs = claim.leaseUntil.getTime() - now().getTime();
        const ms = Math.min(leftMs, jobs.leaseMs); // no longer, whatever another worker's clock says
        return { done: false, againInSeconds: Math.max(1, Math.ceil(ms / 1000)) };
      }
      const item = claim.item as unknown as Export;
      try {
        const finished = await work(item, claim.lease);
        if (!finished) await blobs.removeAll([fileKeyOf(item, claim.lease)]);
        return done;
      } catch (error) {
        return endAttempt(item, claim.lease, claim.tries, error);
      }
    },
  };
}

/** A page whose text could not be read is still a scan: the searchable PDF shows its image. */
function belongsIn(format: Export['format'], page: Page): boolean {
  return page.status === 'ready' || (format === 'searchable-pdf' && page.imageKey !== undefined);
}
