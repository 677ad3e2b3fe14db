// The work on one page: claim it, prepare the image, detect the text, store the detection, finish. Every write is
// fenced by the claim, and every object's key holds revision and attempt, so that a stale worker can change nothing.
import { Readable } from 'node:stream';
import type { BlobStore } from '../aws/blob-store.ts';
import type { Lease } from '../aws/leased-items.ts';
import { isTransient } from '../aws/outages.ts';
import type { JobOutcome } from '../aws/queue-poller.ts';
import type { Logger } from '../logger.ts';
import { countDoubtfulWords, type Detection, textOf } from '../pages/detected-text.ts';
import { pageKeys } from '../pages/page.keys.ts';
import { pageJob } from '../pages/page.queue.ts';
import type { PageStore } from '../pages/page.store.ts';
import type { Page, PageFailure } from '../pages/page.ts';
import { failureOf } from '../splitting/failures.ts';
import type { PageDrawer } from '../splitting/page-drawer.ts';
import { drawSinglePage } from '../splitting/single-page.ts';
import { isOpenedHere, type PreparedImage, preparePageImage, UnusableImageError } from './page-image.ts';
import type { TextDetector } from './text-detector.ts';

interface Dependencies {
  pages: PageStore;
  blobs: BlobStore;
  textDetector: TextDetector;
  drawer: PageDrawer;
  workerId: string;
  jobs: { maxTries: number; leaseMs: number };
  logger: Logger;
  now: () => Date;
}

/** The page went to another worker, to a newer revision, or is gone: stop, and leave nothing behind. */
class FencedOffError extends Error {
  override name = 'FencedOffError';
}

/** The page fails for good, with a reason for people. */
class PageFailedError extends Error {
  override name = 'PageFailedError';
  readonly failure: PageFailure;
  constructor(failure: PageFailure, cause: unknown) {
    super(failure.code, { cause });
    this.failure = failure;
  }
}

/** Not this time. */
class TryAgainError extends Error {
  override name = 'TryAgainError';
  readonly usesUpTry: boolean;
  constructor(usesUpTry: boolean, cause: unknown) {
    super('try again', { cause });
    this.usesUpTry = usesUpTry;
  }
}

const done: JobOutcome = { done: true };

const triedTooOften: PageFailure = {
  code: 'tried-too-often',
  message:
    'The page could not be read after several tries. Try again later; if it fails again, upload another file.',
};

export function createDetectionService(dependencies: Dependencies) {
  const { pages, blobs, textDetector, drawer, workerId, jobs, logger, now } = dependencies;
  let drawing: Promise<unknown> = Promise.resolve();

  /** Drawing takes memory: never two pictures at once. */
  function oneByOne<T>(draw: () => Promise<T>): Promise<T> {
    const turn = drawing.then(draw);
    drawing = turn.catch(() => {});
    return turn;
  }

  async function prepare(page: Page, lease: Lease): Promise<Page> {
    if (page.imageKey) return page;
    const folder = pageKeys.attempt(page, lease.attempt);
    const prepared = await makeUpright(page).catch((error) => {
      const failure = error instanceof UnusableImageError ? error.failure : failureOf(error);
      throw failure ? new PageFailedError(failure, error) : error;
    });
    const image = {
      width: prepared.width,
      height: prepared.height,
      imageKey: `${folder}image.jpg`,
      thumbnailKey: `${folder}thumbnail.jpg`,
    };
    await blobs.put(image.imageKey, prepared.image, 'image/jpeg');
    await blobs.put(image.thumbnailKey, prepared.thumbnail, 'image/jpeg');
    if (!(await pages.savePrepared(page, lease, image))) throw new FencedOffError('after preparing');
    return { ...page, ...image };
  }

  async function makeUpright(page: Page): Promise<PreparedImage> {
    try {
      if (!isOpenedHere(page.contentType)) {
        const drawn = await oneByOne(() => drawSinglePage({ blobs, drawer }, page));
        return await preparePageImage(Readable.from([drawn]), page.rotation);
      }
      return await preparePageImage((await blobs.open(page.originalKey)).body, page.rotation);
    } catch (error) {
      if ((error as Error).name !== 'NoSuchKey') throw error;
      throw new TryAgainError(true, error);
    }
  }

  async function detect(imageKey: string, signal: AbortSignal): Promise<Detection> {
    // Within the lease: a worker that still waits when another took over would only use up the page's tries.
    const answer = await textDetector.detect(imageKey, jobs.leaseMs * 0.8, signal);
    if (answer.outcome === 'refused') throw new PageFailedError(answer.failure, answer.cause);
    if (answer.outcome === 'try-again') throw new TryAgainError(answer.usesUpTry, answer.cause);
    return answer.detection;
  }

  async function work(claimed: Page, lease: Lease, signal: AbortSignal) {
    const page = await prepare(claimed, lease);
    const detection = await detect(page.imageKey ?? '', signal);
    const detectionKey = `${pageKeys.attempt(page, lease.attempt)}detection.json`;
    await blobs.put(detectionKey, JSON.stringify(detection), 'application/json');
    const finished = await pages.finishReady(page, lease, {
      detectionKey,
      text: textOf(detection),
      wordCount: detection.lines.reduce((count, line) => count + line.words.length, 0),
      doubtfulCount: countDoubtfulWords(detection),
    });
    if (!finished) throw new FencedOffError('after detection');
  }

  /** Deletes what this attempt stored, unless the page has come to use it. */
  async function cleanUp(page: Page, lease: Lease) {
    const folder = pageKeys.attempt(page, lease.attempt);
    const current = await pages.findEvenDeleted(page.projectId, page.id); // one that is put back still needs them
    const used =
      current?.revision === page.revision
        ? [current.imageKey, current.thumbnailKey, current.detectionKey]
        : [];
    const ours = ['image.jpg', 'thumbnail.jpg', 'detection.json'].map((name) => folder + name);
    await blobs.removeAll(ours.filter((key) => !used.includes(key)));
  }

  /** Exponential, at most half a lease, with jitter so that pages that failed together do not come back together. */
  function backoffMs(attempt: number): number {
    return Math.min(500 * 2 ** Math.min(attempt, 10), jobs.leaseMs / 2) * (0.5 + Math.random() / 2);
  }

  async function endAttempt(
    page: Page,
    { lease, tries, isEnding }: { lease: Lease; tries: number; isEnding: boolean },
    error: unknown,
  ): Promise<JobOutcome> {
    const log = logger.child({ projectId: page.projectId, pageId: page.id, attempt: lease.attempt });
    if (error instanceof FencedOffError) {
      log.warn({ err: error }, 'fenced off: the page is another worker’s, or gone');
      await cleanUp(page, lease);
      return done;
    }
    if (error instanceof PageFailedError) {
      log.warn({ err: error, code: error.failure.code }, 'the page failed');
      if (!(await pages.finishFailed(page, lease, error.failure))) await cleanUp(page, lease);
      return done;
    }
    const usesUpTry = error instanceof TryAgainError ? error.usesUpTry : !isTransient(error);
    const triesUsed = usesUpTry ? tries : tries - 1;
    const isDenied = isAccessDenied(error);
    log[isDenied ? 'error' : 'warn']({ err: error, alarm: isDenied }, 'the page is tried again');
    if (triesUsed >= jobs.maxTries) {
      await pages.finishFailed(page, lease, triedTooOften);
      return done;
    }
    const afterMs = isEnding ? 0 : backoffMs(lease.attempt); // another worker can go on at once
    await pages.release(page, lease, { afterMs, tries: triesUsed });
    return { done: false, againInSeconds: Math.ceil(afterMs / 1000) };
  }

  return {
    /** Handles one message. Whatever arrives twice, late or for an older revision changes nothing. */
    async handle(message: unknown, signal: AbortSignal): Promise<JobOutcome> {
      const job = pageJob.parse(message);
      const claim = await pages.claim(job, workerId);
      if (claim.outcome === 'over') return done;
      if (claim.outcome === 'leased') {
        const leftMs = claim.leaseUntil.getTime() - now().getTime();
        const ms = Math.min(leftMs, jobs.leaseMs); // no longer, whatever another worker's clock says
        return { done: false, againInSeconds: Math.max(1, Math.ceil(ms / 1000)) };
      }
      const page = claim.item as unknown as Page;
      try {
        // counted at the claim, so that a page which kills its worker each time ends too
        if (claim.tries > jobs.maxTries) throw new PageFailedError(triedTooOften, undefined);
        await work(page, claim.lease, signal);
        return done;
      } catch (error) {
        const { lease, tries } = claim;
        return endAttempt(page, { lease, tries, isEnding: signal.aborted }, error);
      }
    },
  };
}

function isAccessDenied(error: unknown): boolean {
  const { name, cause } = error as Error;
  return (
    name === 'AccessDeniedException' || (cause instanceof Error && cause.name === 'AccessDeniedException')
  );
}
