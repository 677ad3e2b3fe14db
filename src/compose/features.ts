// The features, from projects to exports.
import { createProviderChangeService } from '../auth/provider-change.service.ts';
import { createPhoneService } from '../capture/phone.service.ts';
import { toExportJob } from '../exports/export.queue.ts';
import { createExportService } from '../exports/export.service.ts';
import { toImportJob } from '../imports/import.queue.ts';
import { createImportService } from '../imports/import.service.ts';
import { createEnqueue } from '../jobs/enqueue.ts';
import { createAllowanceNotice } from '../pages/allowance-notice.ts';
import { createAssignmentService } from '../pages/assignment.service.ts';
import { createCarryOver } from '../pages/carry-over.service.ts';
import { createHoldingsService } from '../pages/holdings.service.ts';
import { toPageJob } from '../pages/page.queue.ts';
import { createPageService } from '../pages/page.service.ts';
import { createPageActions } from '../pages/page-actions.service.ts';
import { createPageImages } from '../pages/page-images.ts';
import { createPageNumbers } from '../pages/page-numbers.ts';
import { createPageReader } from '../pages/page-reader.ts';
import { createSummaryService } from '../pages/summary.service.ts';
import { createLeavingService } from '../projects/leaving.service.ts';
import { createProjectService } from '../projects/project.service.ts';
import { createProjectRoom } from '../projects/project-room.ts';
import { createSharingService } from '../projects/sharing.service.ts';
import { createReviewService } from '../review/review.service.ts';
import { createReviewQueue } from '../review/review-queue.service.ts';
import { createDecodeGate } from '../runtime/decode-gate.ts';
import { loadOnUse } from '../runtime/load-on-use.ts';
import { createSearchService } from '../search/search.service.ts';
import { createAuditNamer } from '../site/audit-names.ts';
import { createProjectViewService } from '../site/project-view.service.ts';
import { createSettingsService } from '../site/settings.service.ts';
import { createFileReceiver } from '../uploads/file-receiver.ts';
import { createPresignedUploadService } from '../uploads/presigned-upload.service.ts';
import { createUploadService } from '../uploads/upload.service.ts';
import { createUploadSlots } from '../uploads/upload-slots.ts';
import { composeEvents } from './events.ts';
import type { Foundation } from './foundation.ts';
import { composeRules } from './rules.ts';
import type { SignIn } from './sign-in.ts';

export function composeFeatures(foundation: Foundation, signIn: SignIn) {
  const { policies, audit, people, account, formerAccounts } = signIn;
  const { config, logger, now, inFlight, blobs, presigner, queues, stores } = foundation;
  const enqueuePage = createEnqueue({ queue: queues.pages, toJob: toPageJob, logger });
  const enqueueImport = createEnqueue({ queue: queues.pages, toJob: toImportJob, logger });
  const enqueueExport = createEnqueue({ queue: queues.exports, toJob: toExportJob, logger });
  const reader = createPageReader({
    pages: stores.pages,
    blobs,
    defaultLanguages: config.languages.defaults,
  });

  const projects = createProjectService({
    projects: stores.projects,
    contents: stores.projectContents,
    blobs,
    policies,
    texts: stores.searchEngine,
    audit,
    onRemoved: (projectId) => events.follow(projectId),
    now,
  });
  const { events, delivery, webhooks, channels } = composeEvents(foundation, signIn);
  const summaries = createSummaryService({
    projects: stores.projects,
    summaries: stores.projectSummaries,
    pages: stores.pages,
    reviewEntries: stores.reviewEntries,
    onChange: events.follow,
  });
  const assignments = createAssignmentService({
    projects,
    store: stores.projects,
    pages: stores.pages,
    summaries,
    touch: stores.projectSummaries.touch,
    audit,
    now,
  });
  const sharing = createSharingService({
    projects,
    store: stores.projects,
    people,
    teams: stores.teams,
    serviceAccounts: stores.serviceAccounts,
    policies,
    assignments,
    texts: stores.searchEngine,
    audit,
    now,
  });
  const leaving = createLeavingService({
    leavings: stores.leavings,
    projects: stores.projects,
    sharing,
    people,
    policies,
    audit,
    now,
  });
  const providerChanges = createProviderChangeService({
    changes: stores.providerChanges,
    formerAccounts,
    people,
    providers: config.saml.providers,
    policies,
    account,
    handOver: leaving.begin,
    audit,
    now,
  });
  const files = createFileReceiver({
    blobs,
    slots: createUploadSlots({ count: config.uploads.slots }),
    limits: config.uploads,
    now,
  });
  const room = createProjectRoom({
    summaries: stores.projectSummaries,
    maxPages: config.uploads.maxProjectPages,
  });
  const uploads = createUploadService({
    projects,
    pages: stores.pages,
    imports: stores.imports,
    audit,
    blobs,
    enqueuePage,
    enqueueImport,
    allowance: stores.allowance,
    usage: stores.usage,
    room,
    files,
    now,
  });
  const presignedUploads = createPresignedUploadService({
    uploads,
    files,
    pages: stores.pages,
    imports: stores.imports,
    presignedUploads: stores.presignedUploads,
    presigner,
    blobs,
    logger,
    now,
  });
  const imports = createImportService({
    projects,
    pages: stores.pages,
    imports: stores.imports,
    audit,
    blobs,
    enqueue: enqueueImport,
  });
  const decodeGate = createDecodeGate();
  const { turnImage } = loadOnUse(inFlight, async () => {
    const { estimateTurning, turnImage: turn } = await import('../detection/page-image.ts');
    return {
      turnImage: (image: Buffer, degrees: number) =>
        decodeGate.run(estimateTurning(image, degrees), () => turn(image, degrees), { person: 'rotations' }),
    };
  });
  const images = createPageImages({ blobs, turnImage, logger });
  const pageActions = createPageActions({
    projects,
    pages: stores.pages,
    forgetEmptyImport: imports.forgetEmpty,
    findPdf: imports.findPdf,
    audit,
    blobs,
    images,
    allowance: stores.allowance,
    enqueue: enqueuePage,
    now,
  });
  const pages = createPageService({ projects, pages: stores.pages, reader, images, audit });
  const reviewQueue = createReviewQueue({
    entries: stores.reviewEntries,
    store: stores.reviewQueue,
    pages: stores.pages,
    presence: stores.presence,
    policies,
    audit,
    now,
  });
  const reviews = createReviewService({
    projects,
    pages: stores.pages,
    reader,
    pageActions,
    images,
    assignments,
    renew: reviewQueue.renew,
    audit,
    now,
  });
  const pageNumbers = createPageNumbers({ summaries: stores.projectSummaries, pages: stores.pages });
  const search = createSearchService({
    engine: stores.searchEngine,
    indexed: stores.indexedTexts,
    sharedWith: stores.shared.listFor,
    numbers: pageNumbers,
    policies,
    audit,
    defaultLanguages: config.languages.defaults,
  });
  const exports = createExportService({
    projects,
    pages: stores.pages,
    imports: stores.imports,
    exports: stores.exports,
    audit,
    blobs,
    enqueue: enqueueExport,
    maxPages: config.exports.maxPages,
    translateInto: config.pipeline.translation?.into ?? [],
    retention: config.exports.retention,
    now,
  });
  const { rules, channel } = composeRules(foundation, signIn, { exports, events, delivery });
  channels.rule = channel;
  const carryOver = createCarryOver({
    progress: stores.carryOverProgress,
    projects: stores.projects,
    pages: stores.pages,
    logger,
    now,
  });
  const holdings = createHoldingsService({
    organisations: config.organisations,
    projects: stores.projects,
    usage: stores.usage,
  });
  const projectViews = createProjectViewService({
    projects,
    pages: stores.pages,
    imports: stores.imports,
    exports: stores.exports,
    summaries,
    defaultLanguages: config.languages.defaults,
  });
  const phones = createPhoneService({
    phones: stores.phones,
    people,
    personSessions: stores.personSessions,
    projects,
    audit,
    now,
  });
  const { projects: namedProjects, pages: namedPages, imports: namedImports } = stores;
  const nameFor = createAuditNamer({
    projects: namedProjects,
    pages: namedPages,
    imports: namedImports,
    people,
    serviceAccounts: stores.serviceAccounts,
  });

  return {
    projects,
    sharing,
    leaving,
    providerChanges,
    events,
    delivery,
    webhooks,
    rules,
    assignments,
    uploads,
    room,
    files,
    viewAllowance: stores.allowance.view,
    noticeAllowance: createAllowanceNotice({ view: stores.allowance.view, now }),
    presignedUploads,
    phones,
    imports,
    pages,
    pageActions,
    reader,
    reviews,
    reviewQueue,
    summaries,
    projectViews,
    carryOver,
    holdings,
    search,
    nameFor,
    settings: createSettingsService({ config, policies, usage: stores.usage }),
    exports,
    images,
    /** Limits everything in this process that decodes images. */
    decodeGate,
    enqueue: { page: enqueuePage, import: enqueueImport, export: enqueueExport },
  };
}
