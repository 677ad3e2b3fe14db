// The work on one file of many pages, in steps: claim it, draw the next pages, store each as a page of the project, then
// send for the next step. So nobody else's page waits for a whole file, and no step outlives a Lambda function. A page's id
// follows from the file and its number: what is done twice is made once.
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditService } from '../audit/audit.service.ts';
import type { BlobStore } from '../aws/blob-store.ts';
import type { JobQueue } from '../aws/job-queue.ts';
import type { Lease } from '../aws/leased-items.ts';
import { isTransient } from '../aws/outages.ts';
import type { JobOutcome } from '../aws/queue-poller.ts';
import type { Logger } from '../logger.ts';
import type { ImportStore } from '../pages/import.store.ts';
import { type Import, importedPageId } from '../pages/import.ts';
import { pageKeys } from '../pages/page.keys.ts';
import { type ImportJob, importJob } from '../pages/page.queue.ts';
import type { PageStore } from '../pages/page.store.ts';
import type { Page } from '../pages/page.ts';
import type { UploadService } from '../pages/upload.service.ts';
import type { ProjectStore } from '../projects/project.store.ts';
import { failureOf, tooComplex, tooManyPages, triedTooOften } from './failures.ts';
import { withLocalFile } from './local-file.ts';
import { DrawingEndedError, type OpenedFile, type PageDrawer } from './page-drawer.ts';

interface Dependencies {
  projects: ProjectStore;
  pages: PageStore;
  imports: ImportStore;
  uploads: Pick<UploadService, 'announce'>;
  audit: Pick<AuditService, 'record'>;
  blobs: BlobStore;
  drawer: PageDrawer;
  queue: JobQueue<ImportJob>;
  workerId: string;
  maxPages: number;
  jobs: { maxTries: number; leaseMs: number };
  logger: Logger;
  now: () => Date;
  step?: { pages: number; ms: number };
}

const done: JobOutcome = { done: true };
const usualStep = { pages: 20, ms: 20_000 };
const busySeconds = 2;
/** A file that ends so many processes is given up. */
const mostBroken = 5;
const triesOfOpening = 3;

/** The import went to another worker, or is gone with its project: stop, and leave nothing behind. */
class FencedOffError extends Error {
  override name = 'FencedOffError';
}

/** The import fails for good, with a reason for people. */
class ImportFailedError extends Error {
  override name = 'ImportFailedError';
  readonly failure: { code: string; message: string };
  constructor(failure: { code: string; message: string }, cause?: unknown) {
    super(failure.code, { cause });
    this.failure = failure;
  }
}

/** One page of the file, drawn and stored or not to be drawn. */
type Outcome = Pick<Page, 'status' | 'originalKey' | 'contentType' | 'sizeBytes' | 'sha256' | 'failure'> & {
  hadText: boolean;
  /** Whether the process that drew it ended. */
  isBroken?: boolean;
};

export function createSplitJobService(dependencies: Dependencies) {
  const { projects, pages, imports, uploads, audit, blobs, drawer, queue } = dependencies;
  const { workerId, maxPages, jobs, logger, now, step = usualStep } = dependencies;
  let isBusy = false;

  /** Where the pages go: to the file's place, or behind those that people have moved from there. */
  async function findPosition(item: Import): Promise<number> {
    const made = (await pages.list(item.projectId)).filter((page) => page.source?.importId === item.id);
    if (made.length === 0 || made.some((page) => page.position === item.position)) return item.position;
    const last = made.reduce((one, other) => (one.id > other.id ? one : other));
    return last.position;
  }

  async function draw(item: Import, lease: Lease, number: number, file: OpenedFile, folder: string) {
    const address = { projectId: item.projectId, id: importedPageId(item.id, number) };
    const path = join(folder, `${number}.jpg`);
    const { originalKey, contentType, sizeBytes, sha256 } = item;
    try {
      const { hadText } = await file.draw(number, path);
      const image = await readFile(path);
      const key = pageKeys.original(address, `${item.id}-${lease.attempt}`);
      await blobs.put(key, image, 'image/jpeg');
      const outcome: Outcome = {
        status: 'uploaded',
        originalKey: key,
        contentType: 'image/jpeg',
        sizeBytes: image.length,
        sha256: createHash('sha256').update(image).digest('hex'),
        hadText,
      };
      return outcome;
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      logger.warn(
        { err: error, projectId: item.projectId, importId: item.id, number },
        'a page was not drawn',
      );
      const outcome: Outcome = {
        status: 'failed',
        failure,
        originalKey,
        contentType,
        sizeBytes,
        sha256,
        hadText: false,
        isBroken: error instanceof DrawingEndedError,
      };
      return outcome;
    } finally {
      await rm(path, { force: true });
    }
  }

  async function makePage(item: Import, number: number, position: number, outcome: Outcome): Promise<Page> {
    const { hadText, isBroken: _, ...facts } = outcome;
    const at = now().toISOString();
    const page: Page = {
      id: importedPageId(item.id, number),
      projectId: item.projectId,
      position,
      revision: 1,
      rotation: 0,
      fileName: item.fileName,
      source: { importId: item.id, page: number, hadText },
      ...facts,
      createdAt: at,
      updatedAt: at,
    };
    if (!(await pages.createOnce(page))) await removeImage(item, page);
    else if (page.status !== 'failed') await uploads.announce(page);
    return page;
  }

  /** The page's own image: not the file, which a page that could not be drawn has in its place. */
  async function removeImage(item: Import, page: Page) {
    if (page.originalKey !== item.originalKey) await blobs.removeAll([page.originalKey]);
  }

  /** When the import is gone the page that was just made goes too. */
  async function takeBack(item: Import, number: number) {
    const isThere = await imports.find(item.projectId, item.id);
    if (isThere && (await projects.find(item.projectId))) return;
    const id = importedPageId(item.id, number);
    await pages.remove(item.projectId, id);
    await blobs.removeBelow(pageKeys.all({ projectId: item.projectId, id }));
  }

  /** Makes the pages of one step. Returns how far the file is then. */
  async function work(item: Import, lease: Lease, signal: AbortSignal): Promise<number> {
    return withLocalFile(blobs, item.originalKey, async ({ path, folder }) => {
      const file = await drawer.open(path, item.contentType, folder).catch((error) => {
        if (error instanceof DrawingEndedError && !error.isLate) throw error; // perhaps it is the machine's fault
        const failure = failureOf(error);
        throw failure ? new ImportFailedError(failure, error) : error;
      });
      try {
        const { pageCount } = file;
        if (pageCount > maxPages) throw new ImportFailedError(tooManyPages(pageCount, maxPages));
        if (!(await imports.progress(item, lease, { pageCount }))) throw new FencedOffError('after opening');
        const position = await findPosition(item);
        const until = performance.now() + step.ms;
        const last = Math.min(pageCount, item.pagesDone + step.pages);
        let { pagesDone, pagesWithText, pagesBroken = 0 } = item;
        while (pagesDone < last && performance.now() < until && !signal.aborted) {
          const number = pagesDone + 1;
          const existing = await pages.findEvenDeleted(item.projectId, importedPageId(item.id, number));
          const outcome = existing ? undefined : await draw(item, lease, number, file, folder);
          const page = existing ?? (await makePage(item, number, position, outcome as Outcome));
          pagesDone = number;
          pagesWithText += page.source?.hadText ? 1 : 0;
          pagesBroken += outcome?.isBroken ? 1 : 0;
          const facts = { pagesDone, pagesWithText, pagesBroken };
          const isOurs = await imports.progress(item, lease, facts);
          if (!isOurs || !(await projects.find(item.projectId))) {
            await takeBack(item, number);
            throw new FencedOffError(`at page ${number}`);
          }
          if (pagesBroken >= mostBroken) throw new ImportFailedError(tooComplex);
        }
        return pageCount - pagesDone;
      } finally {
        await file.close();
      }
    });
  }

  /** While a page is being drawn the lease is kept. */
  async function keeping<T>(item: Import, lease: Lease, run: () => Promise<T>): Promise<T> {
    const timer = setInterval(() => void imports.progress(item, lease).catch(() => {}), jobs.leaseMs / 3);
    try {
      return await run();
    } finally {
      clearInterval(timer);
    }
  }

  async function endStep(item: Import, lease: Lease, left: number): Promise<JobOutcome> {
    const { projectId, id: importId } = item;
    if (left > 0) {
      await imports.release(item, lease, { afterMs: 0, tries: 0 });
      await queue.send({ projectId, importId });
    } else if (await imports.finishDone(item, lease)) {
      await audit.record({ actor: 'system', action: 'import.split', projectId, detail: importId });
    }
    return done;
  }

  async function endAttempt(item: Import, lease: Lease, tries: number, error: unknown): Promise<JobOutcome> {
    const log = logger.child({ projectId: item.projectId, importId: item.id, attempt: lease.attempt });
    if (error instanceof FencedOffError) {
      log.warn({ err: error }, 'fenced off: the import is another worker’s, or gone');
      return done;
    }
    if (error instanceof ImportFailedError) {
      log.warn({ err: error, code: error.failure.code }, 'the import failed');
      await imports.finishFailed(item, lease, error.failure);
      return done;
    }
    const triesUsed = isTransient(error) ? tries - 1 : tries;
    log.warn({ err: error }, 'the import is tried again');
    const failure = failureOf(error);
    if (triesUsed >= (failure ? Math.min(triesOfOpening, jobs.maxTries) : jobs.maxTries)) {
      await imports.finishFailed(item, lease, failure ?? triedTooOften);
      return done;
    }
    const afterMs =
      Math.min(500 * 2 ** Math.min(lease.attempt, 10), jobs.leaseMs / 2) * (0.5 + Math.random() / 2);
    await imports.release(item, lease, { afterMs, tries: triesUsed });
    return { done: false, againInSeconds: Math.ceil(afterMs / 1000) };
  }

  async function handleClaimed(job: ImportJob, signal: AbortSignal): Promise<JobOutcome> {
    const claim = await imports.claim(job, workerId);
    if (claim.outcome === 'over') return done;
    if (claim.outcome === 'leased') {
      const leftMs = claim.leaseUntil.getTime() - now().getTime();
      const ms = Math.min(leftMs, jobs.leaseMs); // no longer, whatever another worker's clock says
      return { done: false, againInSeconds: Math.max(1, Math.ceil(ms / 1000)) };
    }
    const item = claim.item as unknown as Import;
    try {
      // counted at the claim, so that a file which kills its worker each time ends too
      if (claim.tries > jobs.maxTries) throw new ImportFailedError(triedTooOften);
      const left = await keeping(item, claim.lease, () => work(item, claim.lease, signal));
      return await endStep(item, claim.lease, left);
    } catch (error) {
      return endAttempt(item, claim.lease, claim.tries, error);
    }
  }

  return {
    /** Handles one message: a step of one file at a time in this process. What arrives twice or late changes nothing. */
    async handle(message: unknown, signal: AbortSignal): Promise<JobOutcome> {
      const job = importJob.parse(message);
      if (isBusy) {
        await queue.send(job, busySeconds); // anew, because a message is not received for ever
        return done;
      }
      isBusy = true;
      try {
        return await handleClaimed(job, signal);
      } finally {
        isBusy = false;
      }
    },
  };
}
