// Processes one page: claim it, prepare the image, detect the text or take the PDF's own, store the detection, finish. Every write is fenced
// by the claim, and every object's key contains revision and attempt, so that a stale worker changes nothing.
import { buffer } from 'node:stream/consumers';
import type { AuditService } from '../audit/audit.service.ts';
import type { BlobStore } from '../aws/blob-store.ts';
import { failureOf } from '../drawing/failures.ts';
import type { PageDrawer } from '../drawing/page-drawer.ts';
import { drawSinglePage } from '../drawing/single-page.ts';
import { maxDrawingBytes } from '../files/decoding-cost.ts';
import type { Lease } from '../jobs/leased-items.ts';
import { createLeasedJob, FencedOffError, JobFailedError, TryAgainError } from '../jobs/leased-job.ts';
import type { JobOutcome } from '../jobs/queue-poller.ts';
import { pageKeys } from '../pages/page.keys.ts';
import { type PageJob, pageJob } from '../pages/page.queue.ts';
import type { PageStore } from '../pages/page.store.ts';
import type { Page, PageFailure } from '../pages/page.ts';
import { tiltToOffer, turnByText } from '../pages/turning.ts';
import { type DecodeGate, smallDecodingBytes } from '../runtime/decode-gate.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { inSpan } from '../runtime/trace.ts';
import { type Detection, textOf } from '../text/detected-text.ts';
import type { Language } from '../text/languages.ts';
import { detectLanguage } from '../text/page-language.ts';
import type { Rotation } from '../text/rotated-polygons.ts';
import { countDoubtfulWords } from '../text/unsure-words.ts';
import { readUpright } from '../text/upright.ts';
import type { ImageModerator } from './image-moderator.ts';
import { parseOwnText } from './own-text.ts';
import {
  estimatePreparing,
  isOpenedHere,
  type PreparedImage,
  preparePageImage,
  UnusableImageError,
} from './page-image.ts';
import type { TextDetector } from './text-detector.ts';

interface Dependencies {
  pages: PageStore;
  blobs: BlobStore;
  textDetector: TextDetector;
  /** Missing unless images are moderated. */
  moderator?: Pick<ImageModerator, 'moderate'> | undefined;
  drawer: PageDrawer;
  /** What a page is written in, as far as someone said so. */
  languagesOf: (page: Page) => Promise<Language[]>;
  audit: Pick<AuditService, 'record'>;
  decodeGate: DecodeGate;
  workerId: string;
  jobs: { maxAttempts: number; leaseMs: number };
  metrics: Metrics;
  logger: Logger;
  now: () => Date;
}

/** A larger file is not kept in memory while it waits: it is read again. */
const keptBytes = 8 * 1024 * 1024;

const attemptsUsedUp: PageFailure = {
  code: 'tried-too-often',
  message: 'The page couldn’t be processed after several attempts. Try again later, or upload another file.',
};

const imageRefused: PageFailure = {
  code: 'image-refused',
  message:
    'The page was refused because its image may show content that isn’t allowed. Replace the image, or ask an administrator.',
};

export function createDetectionService(dependencies: Dependencies) {
  const { pages, blobs, textDetector, moderator, drawer, languagesOf, audit, decodeGate, jobs } =
    dependencies;
  const { metrics, now } = dependencies;

  async function prepare(
    page: Page,
    languages: Language[],
    lease: Lease,
    signal: AbortSignal,
  ): Promise<Page> {
    if (page.imageKey) return page;
    const folder = pageKeys.attempt(page, lease.attempt);
    const prepared = await inSpan('prepare image', () => makeUpright(page, signal)).catch((error) => {
      // final even after a crash of the drawing process: it was retried, and people can retry the page
      const failure = error instanceof UnusableImageError ? error.failure : failureOf(error);
      throw failure ? new JobFailedError(failure, error) : error;
    });
    const image = {
      preparedRotation: page.rotation,
      width: prepared.width,
      height: prepared.height,
      imageKey: `${folder}image.jpg`,
      thumbnailKey: `${folder}thumbnail.jpg`,
    };
    const own = prepared.ownText ? { ownTextKey: `${folder}own-text.json` } : {};
    await inSpan('store image', async () => {
      await blobs.put(image.imageKey, prepared.image, 'image/jpeg', toMetadata(languages));
      await moderate(page, lease, image.imageKey, signal); // before anyone is shown the image
      await blobs.put(image.thumbnailKey, prepared.thumbnail, 'image/jpeg');
      if (own.ownTextKey && prepared.ownText)
        await blobs.put(own.ownTextKey, prepared.ownText, 'application/json');
      if (!(await pages.savePrepared(page, lease, { ...image, ...own })))
        throw new FencedOffError('after preparing');
    });
    return { ...page, ...image, ...own };
  }

  /** Refuses an image that shows what is not allowed: the page fails without it, and its text is not detected. */
  async function moderate(page: Page, lease: Lease, imageKey: string, signal: AbortSignal) {
    if (!moderator) return;
    const answer = await inSpan('moderate', () => moderator.moderate(imageKey, jobs.leaseMs * 0.8, signal));
    if (answer.outcome === 'passed') return;
    if (answer.outcome === 'try-again')
      throw new TryAgainError(answer.cause, { countsAsAttempt: answer.countsAsAttempt });
    if (answer.outcome === 'refused') throw new JobFailedError(answer.failure, answer.cause);
    if (!(await pages.noteModeration(page, lease, answer.labels)))
      throw new FencedOffError('after moderation');
    throw new JobFailedError(imageRefused);
  }

  /** The text that the page's PDF holds, where that is wanted and real. */
  async function readOwnText(page: Page): Promise<Detection | undefined> {
    if (page.textSource !== 'pdf-text' || !page.ownTextKey) return undefined;
    return parseOwnText(await blobs.read(page.ownTextKey), page.preparedRotation ?? 0);
  }

  /**
   * Reads the header to estimate the memory. An image that needs more than was reserved for this waits for its turn.
   */
  async function prepareOriginal(page: Page, signal: AbortSignal): Promise<PreparedImage> {
    const asked = { person: page.personId ?? page.projectId, signal };
    const setAside = Math.max(smallDecodingBytes / 2, 2 * page.sizeBytes);
    const read = () => inSpan('fetch', async () => buffer((await blobs.open(page.originalKey)).body));
    const looked = await decodeGate.run(
      setAside,
      async () => {
        const file = await read();
        const bytes = await estimatePreparing(file, page.rotation);
        if (bytes <= setAside) return { prepared: await preparePageImage(file, page.rotation) };
        return { bytes, kept: file.length <= keptBytes ? file : undefined };
      },
      asked,
    );
    if (looked.prepared) return looked.prepared;
    const { bytes, kept } = looked;
    return decodeGate.run(bytes, async () => preparePageImage(kept ?? (await read()), page.rotation), asked);
  }

  async function makeUpright(page: Page, signal: AbortSignal): Promise<PreparedImage & { ownText?: Buffer }> {
    try {
      if (!isOpenedHere(page.contentType)) {
        const asked = { person: page.personId ?? page.projectId, signal };
        const draw = () => drawSinglePage({ blobs, drawer }, page, signal);
        const { image, ...own } = await decodeGate.run(maxDrawingBytes, draw, asked);
        const bytes = await estimatePreparing(image, page.rotation);
        const prepared = await decodeGate.run(bytes, () => preparePageImage(image, page.rotation), asked);
        return { ...prepared, ...own };
      }
      return await prepareOriginal(page, signal);
    } catch (error) {
      if ((error as Error).name !== 'NoSuchKey') throw error;
      throw new TryAgainError(error, { countsAsAttempt: true });
    }
  }

  /**
   * An image that names these languages in its metadata, which is where the text detector looks. The prepared one does,
   * unless others were chosen since; then a copy does, which is deleted once it was read.
   */
  async function imageNaming(languages: Language[], page: Page, lease: Lease): Promise<string> {
    const { imageKey = '' } = page;
    if (imageKey.startsWith(pageKeys.attempt(page, lease.attempt))) return imageKey;
    const named = (await blobs.head(imageKey))?.metadata.languages ?? '';
    if (named === languages.join()) return imageKey;
    const key = `${pageKeys.attempt(page, lease.attempt)}copy.jpg`;
    await blobs.put(key, await blobs.read(imageKey), 'image/jpeg', toMetadata(languages));
    return key;
  }

  async function detectIn(
    languages: Language[],
    page: Page,
    lease: Lease,
    signal: AbortSignal,
  ): Promise<Detection> {
    const readKey = await imageNaming(languages, page, lease);
    const detection = await detect(readKey, signal);
    if (readKey !== page.imageKey) await blobs.removeAll([readKey]);
    return detection;
  }

  async function detect(imageKey: string, signal: AbortSignal): Promise<Detection> {
    // the lease is renewed without limit, so the turn has a time limit: then the next person's image is processed
    const answer = await textDetector.detect(imageKey, jobs.leaseMs * 0.8, signal);
    if (answer.outcome === 'refused') throw new JobFailedError(answer.failure, answer.cause);
    if (answer.outcome === 'try-again')
      throw new TryAgainError(answer.cause, { countsAsAttempt: answer.countsAsAttempt });
    return answer.detection;
  }

  async function work(claimed: Page, lease: Lease, signal: AbortSignal) {
    const languages = await languagesOf(claimed);
    const page = await prepare(claimed, languages, lease, signal);
    const ownText = await readOwnText(page);
    const { detection, direction } = ownText
      ? { detection: ownText, direction: undefined } // already in order, on a page that the file says is upright
      : readUpright(await inSpan('detect', () => detectIn(languages, page, lease, signal)), sizeOf(page));
    const turn = turnByText(page, direction);
    const detectionKey = `${pageKeys.attempt(page, lease.attempt)}detection.json`;
    await inSpan('store', () => blobs.put(detectionKey, JSON.stringify(detection), 'application/json'));
    if (turn) await recordTurn(page, turn.rotation);
    const text = textOf(detection);
    const finished = await inSpan('finish', () =>
      pages.finishReady(page, lease, {
        turn,
        tilt: tiltToOffer(direction),
        detectionKey,
        language: detectLanguage(text, languages),
        textSource: ownText ? 'pdf-text' : 'ocr',
        text,
        wordCount: detection.lines.reduce((count, line) => count + line.words.length, 0),
        doubtfulCount: countDoubtfulWords(detection),
      }),
    );
    if (!finished) throw new FencedOffError('after detection');
    metrics.count('paperlift_pages_total', { outcome: 'ready', code: '' });
    // a page that is read again was uploaded long ago
    const isFirst = claimed.revision === 1 && claimed.detectionKey === undefined;
    const tookMs = now().getTime() - Date.parse(claimed.createdAt);
    if (isFirst) metrics.observe('paperlift_page_seconds', {}, tookMs / 1000);
  }

  const recordTurn = ({ projectId, id: pageId, fileName }: Page, rotation: Rotation) =>
    audit.record({
      actor: 'system',
      action: 'page.rotated',
      projectId,
      pageId,
      fileName,
      detail: `to ${rotation}°, by its text`,
    });

  /** Deletes what this attempt stored, unless the page uses it. */
  async function cleanUp(page: Page, lease: Lease) {
    const folder = pageKeys.attempt(page, lease.attempt);
    const current = await pages.findEvenDeleted(page.projectId, page.id); // a restored page still needs them
    // also a later revision may use the image: then only the text is detected again
    const used = [current?.imageKey, current?.thumbnailKey, current?.detectionKey, current?.ownTextKey];
    const names = ['image.jpg', 'thumbnail.jpg', 'copy.jpg', 'own-text.json', 'detection.json'];
    const ours = names.map((name) => folder + name);
    await blobs.removeAll(ours.filter((key) => !used.includes(key)));
  }

  const job = createLeasedJob<PageJob, Page>({
    ...dependencies,
    name: 'page',
    items: pages,
    work,
    cleanUp,
    attemptsUsedUp,
    onFailed: (_page, { code }) => metrics.count('paperlift_pages_total', { outcome: 'failed', code }),
    maxAttempts: jobs.maxAttempts,
    leaseMs: jobs.leaseMs,
  });

  return {
    /** Handles one message. A message for an older revision changes nothing. */
    handle: (message: unknown, signal: AbortSignal): Promise<JobOutcome> =>
      job.handle(pageJob.parse(message), signal),
  };
}

const toMetadata = (languages: Language[]): Record<string, string> =>
  languages.length > 0 ? { languages: languages.join() } : {};

const sizeOf = ({ width = 1, height = 1 }: Page) => ({ width, height });
