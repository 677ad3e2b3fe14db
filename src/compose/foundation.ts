// The foundation: SDK clients, the bucket, the queues and the stores.

import { createAuditStore } from '../audit/audit.store.ts';
import { createPersonSessionStore } from '../auth/person-sessions.store.ts';
import { createProviderChanges } from '../auth/provider-change.store.ts';
import { createSamlStore } from '../auth/saml.store.ts';
import { createDirectoryStore } from '../auth/scim/directory.store.ts';
import { createDirectoryTokenStore } from '../auth/scim/directory-token.store.ts';
import { createSessionStore } from '../auth/session.store.ts';
import { createSignInLog } from '../auth/sign-in-log.store.ts';
import { type Clients, createClients } from '../aws/clients.ts';
import { createSharedRates } from '../aws/shared-rate.store.ts';
import { createPhoneStore } from '../capture/phone.store.ts';
import type { Config } from '../config/config.ts';
import { createBusStore } from '../events/bus.store.ts';
import { createEventStore } from '../events/event.store.ts';
import { createWebhookStore } from '../events/webhook.store.ts';
import type { ExportJob } from '../exports/export.queue.ts';
import { createExportStore } from '../exports/export.store.ts';
import type { ImportJob } from '../imports/import.queue.ts';
import { createImportStore } from '../imports/import.store.ts';
import { createDueItems } from '../jobs/due-items.ts';
import type { AnyJob } from '../jobs/job.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import { createLeasedItems } from '../jobs/leased-items.ts';
import { createCarryOverProgress } from '../pages/carry-over.store.ts';
import { createOrganisationUsage } from '../pages/organisation-usage.store.ts';
import type { PageJob } from '../pages/page.queue.ts';
import { createPageStore } from '../pages/page.store.ts';
import { createPageAllowance } from '../pages/page-allowance.store.ts';
import { createPageTexts } from '../pages/page-text.store.ts';
import { createReviewEntries } from '../pages/review-entries.store.ts';
import { createPersonStore } from '../people/person.store.ts';
import { createServiceAccountStore } from '../people/service-account.store.ts';
import { createTeamStore } from '../people/team.store.ts';
import { createLeavingStore } from '../projects/leaving.store.ts';
import { createProjectStore } from '../projects/project.store.ts';
import { createProjectContents } from '../projects/project-contents.store.ts';
import { createProjectSummaries } from '../projects/project-summary.store.ts';
import { createSharedEntries } from '../projects/shared-entries.store.ts';
import { createPresenceStore } from '../review/presence.store.ts';
import { createReviewQueueStore } from '../review/review-queue.store.ts';
import { createRuleStore } from '../rules/rule.store.ts';
import { createInFlight, type InFlight } from '../runtime/in-flight.ts';
import { loadOnUse } from '../runtime/load-on-use.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { createEmbeddedEngine } from '../search/embedded.engine.ts';
import { createIndexedTexts } from '../search/indexed-texts.store.ts';
import type { SearchEngine } from '../search/search-engine.ts';
import { createTextIndex } from '../search/text-index.store.ts';
import { createPresignedUploadStore } from '../uploads/presigned-upload.store.ts';

interface Given {
  config: Config;
  logger: Logger;
  metrics: Metrics;
  now: () => Date;
}

export function composeFoundation({ config, logger, metrics, now }: Given) {
  const inFlight = createInFlight();
  const clients = createClients(config.aws, inFlight);
  const { bucket } = config.aws.s3;
  const blobs = loadOnUse(inFlight, async () => {
    const { createBlobStore } = await import('../aws/blob-store.ts');
    return createBlobStore({ s3: clients.s3, bucket });
  });
  const presigner = loadOnUse(inFlight, async () => {
    const [{ createPresigner }, { createSigningS3 }] = await Promise.all([
      import('../aws/presigned.ts'),
      import('../aws/s3.client.ts'),
    ]);
    return createPresigner({ s3: clients.open(createSigningS3(config.aws)), bucket });
  });
  const pageQueue = openQueue<PageJob | ImportJob>(clients, inFlight, config.aws.sqs.pagesQueueUrl);
  const exportQueue = openQueue<ExportJob>(clients, inFlight, config.aws.sqs.exportsQueueUrl);
  return {
    config,
    logger,
    metrics,
    now,
    inFlight,
    clients,
    blobs,
    presigner,
    queues: { pages: pageQueue, exports: exportQueue },
    stores: composeStores({ config, logger, now }, clients, inFlight),
  };
}

export type Foundation = ReturnType<typeof composeFoundation>;

function composeStores(
  { config, logger, now }: Omit<Given, 'metrics'>,
  { documents, keep }: Clients,
  inFlight: InFlight,
) {
  const { table } = config.aws.dynamodb;
  const { leaseMs, sweepMs } = config.jobs;
  const common = { documents, table, now };
  const leased = { ...common, leasedItems: createLeasedItems({ ...common, leaseMs }), waitMs: leaseMs * 3 };
  const shared = createSharedEntries({ documents, table });
  const summaries = createProjectSummaries({ ...common, shared, logger });
  const texts = createPageTexts({ documents, table });
  const indexedTexts = createIndexedTexts({ ...common, texts, logger, waitMs: sweepMs });
  const textIndex = createTextIndex({ documents, table, indexed: indexedTexts });
  const openSearch = loadOnUse(inFlight, async () => {
    const { openSearch } = await import('../search/opensearch/open-search.ts');
    const { opensearch: settings, aws, languages } = config;
    if (!settings) throw new Error('OpenSearch is not configured');
    const { defaults: defaultLanguages } = languages;
    return keep(
      openSearch({ ...common, settings, region: aws.region, indexed: indexedTexts, defaultLanguages }),
    );
  });
  const { follow, following: followingThere, forget, followOwner, propose, rebuild } = openSearch;
  const { announce } = indexedTexts;
  const searchEngine: SearchEngine = config.opensearch
    ? { announce, follow, following: followingThere, forget, followOwner, propose }
    : { ...textIndex, ...createEmbeddedEngine({ index: textIndex }) };
  const { following } = searchEngine;
  const usage = createOrganisationUsage({ ...common, organisations: config.organisations });
  const reviewEntries = createReviewEntries({ documents, table });
  return {
    people: createPersonStore({ documents, table, mirrored: Boolean(config.aws.cognito) }),
    teams: createTeamStore({ documents, table }),
    directory: createDirectoryStore({ documents, table }),
    directoryTokens: createDirectoryTokenStore({ documents, table }),
    serviceAccounts: createServiceAccountStore({ documents, table }),
    shared,
    events: createEventStore(common),
    webhooks: createWebhookStore(common),
    buses: createBusStore(common),
    rules: createRuleStore(common),
    leavings: createLeavingStore({ documents, table }),
    providerChanges: createProviderChanges({ documents, table }),
    sessions: createSessionStore({ ...common, limits: config.session }),
    personSessions: createPersonSessionStore(common),
    saml: createSamlStore(common),
    signInLog: createSignInLog(common),
    trails: createAuditStore({ documents, table }),
    projects: createProjectStore({ documents, table, summaries, shared, following }),
    carryOverProgress: createCarryOverProgress(common),
    projectContents: createProjectContents({ documents, table }),
    projectSummaries: summaries,
    indexedTexts,
    textIndex,
    searchEngine,
    rebuildSearchIndex: rebuild,
    reviewEntries,
    reviewQueue: createReviewQueueStore({ documents, table }),
    presence: createPresenceStore(common),
    pages: createPageStore({ ...leased, summaries, texts, textFollower: searchEngine, reviewEntries }),
    usage,
    allowance: createPageAllowance({ ...common, usage, pagesPerDay: config.uploads.pagesPerDay }),
    imports: createImportStore(leased),
    presignedUploads: createPresignedUploadStore(common),
    exports: createExportStore({ ...leased, retention: config.exports.retention }),
    phones: createPhoneStore(common),
    sharedRates: createSharedRates(common),
    dueItems: createDueItems(common),
  };
}

function openQueue<Job extends AnyJob>(
  { sqs }: Clients,
  inFlight: InFlight,
  queueUrl: string,
): JobQueue<Job> {
  const methods = loadOnUse(inFlight, async () => {
    const { createJobQueue } = await import('../jobs/job-queue.ts');
    return createJobQueue<Job>({ sqs, queueUrl });
  });
  const { send, changeVisibility, count, check } = methods;
  return { queueUrl, send, changeVisibility, count, check };
}
