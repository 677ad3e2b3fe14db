// Splits one file into pages, in steps: claim it, draw the next pages, store each as a page of the project, then send
// a message for the next step. So a long file does not block other people's pages, and no step outlasts a Lambda
// function. A page's id follows from the file and its number, so that repeating a step creates nothing twice.
import type { AuditService } from '../audit/audit.service.ts';
import type { BlobStore } from '../aws/blob-store.ts';
import { attemptsUsedUp, failureOf, tooManyPages } from '../drawing/failures.ts';
import { withLocalFile } from '../drawing/local-file.ts';
import { DrawingEndedError, type PageDrawer } from '../drawing/page-drawer.ts';
import { isPaperliftError } from '../errors.ts';
import { maxDrawingBytes } from '../files/decoding-cost.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { Lease } from '../jobs/leased-items.ts';
import { createLeasedJob, FencedOffError, JobFailedError, TryAgainError } from '../jobs/leased-job.ts';
import type { JobOutcome } from '../jobs/queue-poller.ts';
import { pageKeys } from '../pages/page.keys.ts';
import type { EnqueuePage } from '../pages/page.queue.ts';
import type { PageStore } from '../pages/page.store.ts';
import type { Page } from '../pages/page.ts';
import type { PageAllowance } from '../pages/page-allowance.store.ts';
import { organisationOf } from '../people/organisation.ts';
import type { ProjectStore } from '../projects/project.store.ts';
import type { ProjectRoom } from '../projects/project-room.ts';
import type { DecodeGate } from '../runtime/decode-gate.ts';
import type { Logger } from '../runtime/logger.ts';
import { type ImportJob, importJob } from './import.queue.ts';
import type { ImportStore } from './import.store.ts';
import { type Import, importedPageId } from './import.ts';
import { createImportedPageDrawer } from './imported-page.drawer.ts';
import type { PageOutcome } from './page-outcome.ts';

interface Dependencies {
  projects: ProjectStore;
  pages: PageStore;
  imports: ImportStore;
  enqueuePage: EnqueuePage;
  audit: Pick<AuditService, 'record'>;
  blobs: BlobStore;
  drawer: PageDrawer;
  allowance: Pick<PageAllowance, 'takeFile'>;
  room: ProjectRoom;
  decodeGate: DecodeGate;
  queue: JobQueue<ImportJob>;
  workerId: string;
  maxPages: number;
  jobs: { maxAttempts: number; leaseMs: number };
  logger: Logger;
  now: () => Date;
  step?: { pages: number; ms: number };
}

const usualStep = { pages: 20, ms: 20_000 };
/** After this many crashes the file fails. */
const maxBroken = 5;
/** For a file on which the drawing process crashes while it opens, which may be the machine's fault. */
const maxOpenAttempts = 3;

const personOf = (item: Import) => item.personId ?? item.projectId;

/** What refuses the pages of a file; someone has to do something about it. */
const limitCodes = ['page-limit-reached', 'organisation-pages-reached', 'project-full'];

export function createSplitJobService(dependencies: Dependencies) {
  const { projects, pages, imports, enqueuePage, audit, blobs, drawer, decodeGate, allowance, room, queue } =
    dependencies;
  const { maxPages, jobs, logger, now, step = usualStep } = dependencies;
  const draw = createImportedPageDrawer({ blobs, logger });

  /** The pages' position: the file's, or after pages that people have moved away from there. */
  async function findPosition(item: Import): Promise<number> {
    const made = (await pages.list(item.projectId)).filter((page) => page.source?.importId === item.id);
    if (made.length === 0 || made.some((page) => page.position === item.position)) return item.position;
    const last = made.reduce((one, other) => (one.id > other.id ? one : other));
    return last.position;
  }

  async function makePage(
    item: Import,
    number: number,
    position: number,
    outcome: PageOutcome,
  ): Promise<Page> {
    const { hadText, isBroken: _, ...facts } = outcome;
    const at = now().toISOString();
    const page: Page = {
      id: importedPageId(item.id, number),
      projectId: item.projectId,
      personId: item.personId,
      position,
      revision: 1,
      rotation: 0,
      fileName: item.fileName,
      source: { importId: item.id, page: number, hadText },
      ...facts,
      createdAt: at,
      updatedAt: at,
    };
    if (!(await pages.createOnce(page))) await removeObjects(item, page);
    else if (page.status !== 'failed') await enqueuePage(page);
    return page;
  }

  /** Deletes the page's own objects. A page that could not be drawn refers to the file instead, which stays. */
  async function removeObjects(item: Import, { originalKey, ownTextKey }: Page) {
    const keys = [originalKey, ownTextKey].filter((key) => key !== undefined);
    await blobs.removeAll(keys.filter((key) => key !== item.originalKey));
  }

  /** Deletes the page that was just made when its import is gone. */
  async function takeBack(item: Import, number: number) {
    const isThere = await imports.find(item.projectId, item.id);
    if (isThere && (await projects.find(item.projectId))) return;
    const id = importedPageId(item.id, number);
    await pages.remove(item.projectId, id);
    await blobs.removeBelow(pageKeys.all({ projectId: item.projectId, id }));
  }

  async function openFile(item: Import, path: string, options: { folder: string; signal: AbortSignal }) {
    try {
      return await drawer.open(path, item.contentType, options);
    } catch (error) {
      const failure = failureOf(error);
      if (!failure) throw error;
      if (!(error instanceof DrawingEndedError) || error.isLate) throw new JobFailedError(failure, error);
      throw new TryAgainError(error, { countsAsAttempt: true, limit: { tries: maxOpenAttempts, failure } });
    }
  }

  /** Counts the file's pages towards its uploader's daily limit, once. */
  async function countPages(item: Import, pageCount: number) {
    const { id, personId, isCounted, pagesDone } = item;
    if (!personId || isCounted) return;
    const uploader = { id: personId, organisationId: organisationOf(item) };
    const count = async () => {
      await room.assertRoom(item.projectId, pageCount - pagesDone);
      await allowance.takeFile(uploader, id, pageCount - pagesDone);
    };
    await count().catch((error) => {
      if (!limitCodes.some((code) => isPaperliftError(error, code))) throw error;
      const { code, message, hint } = error;
      throw new JobFailedError({ code, message: `${message} ${hint}` }, error);
    });
  }

  /** Makes the pages of one step. Returns how many are left. */
  async function makePages(item: Import, lease: Lease, signal: AbortSignal): Promise<number> {
    const person = personOf(item);
    return decodeGate.run(maxDrawingBytes, () => drawNextPages(item, lease, signal), { person, signal });
  }

  function drawNextPages(item: Import, lease: Lease, signal: AbortSignal): Promise<number> {
    return withLocalFile({ blobs, key: item.originalKey, signal }, async ({ path, folder }) => {
      const file = await openFile(item, path, { folder, signal });
      try {
        const { pageCount } = file;
        if (pageCount > maxPages) throw new JobFailedError(tooManyPages(pageCount, maxPages));
        await countPages(item, pageCount);
        if (!(await imports.keep(item, lease, { pageCount, isCounted: true })))
          throw new FencedOffError('after opening');
        const position = await findPosition(item);
        signal.throwIfAborted(); // a step without a page would reset the attempts
        const until = performance.now() + step.ms;
        const last = Math.min(pageCount, item.pagesDone + step.pages);
        let { pagesDone, pagesWithText, pagesBroken = 0 } = item;
        const isOver = () =>
          performance.now() >= until || signal.aborted || decodeGate.isWantedByOthersThan(personOf(item));
        // at least one page a step, or it would never end
        while (pagesDone < last && (pagesDone === item.pagesDone || !isOver())) {
          const number = pagesDone + 1;
          const existing = await pages.findEvenDeleted(item.projectId, importedPageId(item.id, number));
          const outcome = existing ? undefined : await draw(item, lease, number, file, folder);
          const page = existing ?? (await makePage(item, number, position, outcome as PageOutcome));
          pagesDone = number;
          pagesWithText += page.source?.hadText ? 1 : 0;
          pagesBroken += outcome?.isBroken ? 1 : 0;
          const facts = { pagesDone, pagesWithText, pagesBroken, progressAttempt: lease.attempt };
          const isOurs = await imports.keep(item, lease, facts);
          if (!isOurs || !(await projects.find(item.projectId))) {
            await takeBack(item, number);
            throw new FencedOffError(`at page ${number}`);
          }
          if (outcome?.failure && pagesBroken >= maxBroken) throw new JobFailedError(outcome.failure);
        }
        return pageCount - pagesDone;
      } finally {
        await file.close();
      }
    });
  }

  /** Runs one step. Objects of a page that could not be made lie below that page's prefix and are deleted with it. */
  async function work(item: Import, lease: Lease, signal: AbortSignal) {
    const left = await makePages(item, lease, signal);
    const { projectId, id: importId, personId } = item;
    if (left > 0) {
      await imports.release(item, lease, { afterMs: 0, tries: 0 });
      await queue.send({ projectId, importId, personId });
      return;
    }
    await audit.record({
      actor: 'system',
      action: 'import.split',
      projectId,
      fileName: item.fileName,
      detail: importId,
    });
    await imports.finishDone(item, lease);
  }

  const steps = createLeasedJob<ImportJob, Import>({
    ...dependencies,
    name: 'import',
    items: imports,
    work,
    attemptsUsedUp,
    maxAttempts: jobs.maxAttempts,
    leaseMs: jobs.leaseMs,
  });

  return {
    /** Handles one message: one step of its file. */
    handle: (message: unknown, signal: AbortSignal): Promise<JobOutcome> =>
      steps.handle(importJob.parse(message), signal),
  };
}
