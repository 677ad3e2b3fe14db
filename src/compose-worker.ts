// The worker's half of the wiring: services that process messages. Separate because the web process loads none of it.

import type { Services } from './compose.ts';
import type { Config } from './config/config.ts';
import { createDetectionService } from './detection/detection.service.ts';
import { paceDetector } from './detection/paced-detector.ts';
import { createTextDetector } from './detection/text-detector.ts';
import { createPageDrawer } from './drawing/page-drawer.ts';
import type { Cursor } from './events/webhook.ts';
import type { Export } from './exports/export.ts';
import { createExportJobService } from './exports/export-job.service.ts';
import { createPdfMaker } from './exports/pdf.maker.ts';
import { createPdfOriginals } from './exports/pdf-originals.ts';
import { isImportJob } from './imports/import.queue.ts';
import type { Import } from './imports/import.ts';
import { createSplitJobService } from './imports/split-job.service.ts';
import { createHeartbeat } from './jobs/heartbeat.ts';
import { createQueuePoller, type JobHandler } from './jobs/queue-poller.ts';
import { createSweeper } from './jobs/sweeper.ts';
import { chosenLanguages } from './pages/language-of-page.ts';
import type { Page } from './pages/page.ts';
import type { Person } from './people/person.ts';
import type { Leaving } from './projects/leaving.store.ts';
import { loadOnUse } from './runtime/load-on-use.ts';
import type { Logger } from './runtime/logger.ts';
import { removeAbandonedFolders } from './runtime/temporary-folders.ts';
import type { Indexed } from './search/posting.ts';
import { notReadByTextract } from './text/textract-languages.ts';
import type { PresignedUpload } from './uploads/presigned-upload.store.ts';

/** Files are drawn one at a time (runtime/decode-gate.ts), one step each, in turns between people. */
const filesAtOnce = { atOnce: 3, perPerson: 1 };

/** The handlers of both queues, and the sweeper. Used by the long poller and by Lambda. */
export function composeWorker(services: Services, { drawer = createPageDrawer() } = {}) {
  const {
    config,
    logger,
    tracer,
    metrics,
    now,
    blobs,
    stores,
    queues,
    workerId,
    clients,
    dueItems,
    decodeGate,
  } = services;
  warnOfLanguages(config.languages, logger);
  const { callsPerSecond, pricePerPage } = config.languages;
  const textDetector = paceDetector({
    detector: createTextDetector({ aws: config.aws, metrics, pricePerPage }),
    rates: stores.sharedRates,
    callsPerSecond,
    logger,
  });
  const { moderation } = config.pipeline;
  const moderator =
    moderation &&
    loadOnUse(services, async () => {
      const [{ createImageModerator }, { createRekognition }] = await Promise.all([
        import('./detection/image-moderator.ts'),
        import('./aws/rekognition.client.ts'),
      ]);
      const rekognition = clients.open(createRekognition(config.aws));
      return createImageModerator({ rekognition, bucket: config.aws.s3.bucket, ...moderation, metrics });
    });
  const { translation } = config.pipeline;
  const translations =
    translation &&
    loadOnUse(services, async () => {
      const [{ createTextTranslator }, { createPageTranslations }, { createTranslate }] = await Promise.all([
        import('./exports/text-translator.ts'),
        import('./exports/page-translations.ts'),
        import('./aws/translate.client.ts'),
      ]);
      const translate = clients.open(createTranslate(config.aws));
      const translator = createTextTranslator({ translate, ...translation, metrics });
      return createPageTranslations({ blobs, translator });
    });
  const pdfMaker = createPdfMaker({
    images: services.images,
    originals: createPdfOriginals({ imports: stores.imports, blobs, drawer, decodeGate, logger }),
    config: config.exports,
    track: services.track,
  });
  const detection = createDetectionService({
    pages: stores.pages,
    blobs,
    drawer,
    languagesOf: async (page) =>
      page.languages ??
      chosenLanguages(page, await stores.projects.find(page.projectId), config.languages.defaults),
    decodeGate,
    textDetector,
    moderator,
    audit: services.audit,
    workerId,
    jobs: config.jobs,
    metrics,
    logger,
    now,
  });
  const splitting = createSplitJobService({
    projects: stores.projects,
    pages: stores.pages,
    imports: stores.imports,
    enqueuePage: services.enqueue.page,
    allowance: stores.allowance,
    room: services.room,
    audit: services.audit,
    blobs,
    drawer,
    decodeGate,
    queue: queues.pages,
    workerId,
    maxPages: config.uploads.maxDocumentPages,
    jobs: config.jobs,
    logger,
    now,
  });
  /** Other systems are told at once of what a job did; what fails here is done by the sweeper. */
  const telling =
    (handle: JobHandler): JobHandler =>
    async (message, signal) => {
      const outcome = await handle(message, signal);
      const projectId = projectIn(message);
      if (projectId) services.track(tell(services, projectId, logger));
      return outcome;
    };
  const handlePages = telling((message, signal) =>
    (isImportJob(message) ? splitting : detection).handle(message, signal),
  );
  const exportJobs = createExportJobService({
    projects: stores.projects,
    pages: stores.pages,
    reader: services.reader,
    exports: stores.exports,
    blobs,
    images: services.images,
    pdfMaker,
    translations,
    language: config.exports.language,
    workerId,
    jobs: config.jobs,
    metrics,
    logger,
    now,
  });
  const handleExports = telling(exportJobs.handle);
  const sweeper = createSweeper({
    dueItems,
    actions: {
      PAGE: (item) => services.enqueue.page(item as unknown as Page),
      DELETED_PAGE: (item) => services.pageActions.erase(item as unknown as Page),
      SUMMARY: (item) => services.summaries.refreshOrRemove(String(item.id)),
      INDEX: async (item) => {
        // whoever changed the text and did not get so far may not have marked the summary as stale either
        await stores.projectSummaries.touch(String(item.projectId));
        await services.searchEngine.follow(item as unknown as Indexed);
      },
      IMPORT: (item) => services.enqueue.import(item as unknown as Import),
      EXPORT: (item) => services.enqueue.export(item as unknown as Export),
      OLD_EXPORT: (item) => services.exports.expire(item as unknown as Export),
      UPLOAD: (item) => services.presignedUploads.expire(item as unknown as PresignedUpload),
      PROJECT: async (item) => {
        await services.projects.finishRemoval(String(item.id));
        await services.events.follow(String(item.id));
      },
      WEBHOOK: (item) => services.delivery.deliver(item as unknown as Cursor, { isDue: true }),
      'HANDED-OVER': (item) => services.sharing.finishHandOver(String(item.id)),
      LEAVING: (item) => services.leaving.goOn(item as unknown as Leaving),
      SERVICE: (item) => services.serviceAccounts.finishRevocation(String(item.id)),
      MIRROR: async (item) => services.poolMirror?.mirror(item as unknown as Person),
    },
    afterEach: async () => {
      await services.carryOver.step();
      await services.holdings.step();
    },
    everyMs: config.jobs.sweepMs,
    deferMs: config.jobs.leaseMs * 3,
    metrics,
    logger,
  });

  for (const queue of Object.values(queues))
    metrics.onRead(async () => {
      const { waiting, inFlight } = await queue.count();
      const name = { queue: queue.queueUrl.slice(queue.queueUrl.lastIndexOf('/') + 1) };
      metrics.set('paperlift_queue_depth', name, waiting);
      metrics.set('paperlift_queue_in_flight', name, inFlight);
    });

  const { visibilitySeconds, waitSeconds, pagesAtOnce, exportsAtOnce } = config.jobs;
  const onTurn = createHeartbeat({ file: config.jobs.heartbeatFile });
  const pollers = [
    createQueuePoller({
      sqs: clients.sqs,
      queue: queues.pages,
      handle: handlePages,
      lanes: [{ isFor: isImportJob, ...filesAtOnce }, { atOnce: pagesAtOnce }],
      visibilitySeconds,
      waitSeconds,
      logger,
      tracer,
      metrics,
      onTurn,
    }),
    createQueuePoller({
      sqs: clients.sqs,
      queue: queues.exports,
      handle: handleExports,
      lanes: [{ atOnce: exportsAtOnce }],
      visibilitySeconds,
      waitSeconds,
      logger,
      tracer,
      metrics,
      onTurn,
    }),
  ];

  return {
    handlers: { pages: handlePages, exports: handleExports },
    sweeper,
    start() {
      services.track(removeAbandonedFolders()).then((removed) => {
        if (removed.length > 0) logger.warn({ removed }, 'removed what a killed process left behind');
      });
      for (const poller of pollers) poller.start();
      sweeper.start();
    },
    /** Finishes or releases held messages within the time given. */
    async stop(graceMs: number) {
      await Promise.all([...pollers.map((poller) => poller.stop(graceMs)), sweeper.stop()]);
      await pdfMaker.close();
      textDetector.destroy();
    },
  };
}

/** Every job is of a project; a message that is no job has been refused. */
function projectIn(message: unknown): string | undefined {
  const { projectId } = (message ?? {}) as { projectId?: unknown };
  return typeof projectId === 'string' ? projectId : undefined;
}

async function tell({ events, delivery }: Services, projectId: string, logger: Logger) {
  try {
    for (const { id } of await events.follow(projectId)) await delivery.deliver({ webhookId: id, projectId });
  } catch (error) {
    logger.warn({ err: error, projectId }, 'could not announce events; the sweeper will retry');
  }
}

function warnOfLanguages({ defaults, isReadByTextract }: Config['languages'], logger: Logger) {
  const notRead = isReadByTextract ? notReadByTextract(defaults) : [];
  if (notRead.length > 0)
    logger.warn({ languages: notRead }, 'DEFAULT_LANGUAGES has languages that Amazon Textract does not read');
}
