// The only wiring: config -> SDK clients -> stores -> services.
import { hostname } from 'node:os';
import { ulid } from 'ulid';
import { createAuditService } from './audit/audit.service.ts';
import { createAuditStore } from './audit/audit.store.ts';
import { createAccessService } from './auth/access.service.ts';
import { createAccountService } from './auth/account.service.ts';
import { createPersonSessionStore } from './auth/person-sessions.store.ts';
import { createProviders } from './auth/saml/providers.ts';
import { createSamlStore } from './auth/saml.store.ts';
import { createSessionStore } from './auth/session.store.ts';
import { createSignInService } from './auth/sign-in.service.ts';
import { createSignInLog } from './auth/sign-in-log.store.ts';
import { type Clients, createClients } from './aws/clients.ts';
import { createPhoneService } from './capture/phone.service.ts';
import { createPhoneStore } from './capture/phone.store.ts';
import type { Config } from './config/config.ts';
import type { ExportJob } from './exports/export.queue.ts';
import { createExportService } from './exports/export.service.ts';
import { createExportStore } from './exports/export.store.ts';
import { createImportService } from './imports/import.service.ts';
import { createImportStore } from './imports/import.store.ts';
import { createDueItems } from './jobs/due-items.ts';
import type { AnyJob, JobQueue } from './jobs/job-queue.ts';
import { createLeasedItems } from './jobs/leased-items.ts';
import type { ImportJob, PageJob } from './pages/page.queue.ts';
import { createPageService } from './pages/page.service.ts';
import { createPageStore } from './pages/page.store.ts';
import { createPageActions } from './pages/page-actions.service.ts';
import { createPageImages } from './pages/page-images.ts';
import { createPageNumbers } from './pages/page-numbers.ts';
import { createSummaryService } from './pages/summary.service.ts';
import type { Rotation } from './pages/turning.ts';
import { createPersonStore } from './people/person.store.ts';
import { createPolicies } from './people/policies.ts';
import { createProjectService } from './projects/project.service.ts';
import { createProjectStore } from './projects/project.store.ts';
import { createProjectSummaries } from './projects/project-summary.store.ts';
import { createDecodeGate } from './runtime/decode-gate.ts';
import { createInFlight, type InFlight } from './runtime/in-flight.ts';
import { loadOnUse } from './runtime/load-on-use.ts';
import { createLogger, type Logger } from './runtime/logger.ts';
import { createSearchService } from './search/search.service.ts';
import { createTextIndex } from './search/text-index.store.ts';
import { createAuditNamer } from './site/audit-names.ts';
import { createPageAllowance } from './uploads/page-allowance.store.ts';
import { createPresignedUploadService } from './uploads/presigned-upload.service.ts';
import { createPresignedUploadStore } from './uploads/presigned-upload.store.ts';
import { createUploadService } from './uploads/upload.service.ts';
import { createUploadSlots } from './uploads/upload-slots.ts';

interface Injected {
  now?: () => Date;
  logger?: Logger;
}

/** Everything the web needs, and the stores that the worker shares with it. Only time and the log can be injected. */
export function compose(config: Config, injected: Injected = {}) {
  const now = injected.now ?? (() => new Date());
  const logger = injected.logger ?? createLogger({ level: config.logLevel });
  const inFlight = createInFlight();
  const clients = createClients(config.aws, inFlight);
  const { documents } = clients;
  const table = config.aws.dynamodb.table;
  const { leaseMs } = config.jobs;

  const { bucket } = config.aws.s3;
  const blobs = loadOnUse(
    inFlight,
    async () => {
      const { createBlobStore } = await import('./aws/blob-store.ts');
      return createBlobStore({ s3: clients.s3, bucket });
    },
    'open',
    'head',
    'read',
    'put',
    'putStream',
    'removeAll',
    'removeBelow',
    'check',
  );
  const presigner = loadOnUse(
    inFlight,
    async () => {
      const [{ createPresigner }, { createSigningS3 }] = await Promise.all([
        import('./aws/presigned.ts'),
        import('./aws/s3.client.ts'),
      ]);
      return createPresigner({ s3: clients.open(createSigningS3(config.aws)), bucket });
    },
    'signPut',
    'signGet',
  );
  const pageQueue = openQueue<PageJob | ImportJob>(clients, inFlight, config.aws.sqs.pagesQueueUrl);
  const exportQueue = openQueue<ExportJob>(clients, inFlight, config.aws.sqs.exportsQueueUrl);
  const leasedItems = createLeasedItems({ documents, table, leaseMs, now });
  const waitMs = leaseMs * 3;

  const policies = createPolicies(config.groups);
  const people = createPersonStore({ documents, table, mirrored: Boolean(config.aws.cognito) });
  const audit = createAuditService({
    trails: createAuditStore({ documents, table }),
    policies,
    logger,
    now,
  });
  const signInLog = createSignInLog({ documents, table, now });
  const samlStore = createSamlStore({ documents, table, now });
  const samlProviders = createProviders({ providers: config.saml.providers, inFlight, logger, now });
  const saml = { saml: config.saml, providers: samlProviders, store: samlStore, now };
  const responseReceiver = loadOnUse(
    inFlight,
    async () => {
      const { createResponseReceiver } = await import('./auth/saml/receiver.ts');
      return createResponseReceiver(saml);
    },
    'receive',
  );
  const loadSamlStrategy = async () => {
    const { createSamlStrategy } = await import('./auth/saml/strategy.ts');
    return createSamlStrategy(saml);
  };
  const { explainResponse } = loadOnUse(
    inFlight,
    async () => {
      const { createResponseExplainer } = await import('./auth/saml/explain.ts');
      return { explainResponse: createResponseExplainer({ ...saml, policies }) };
    },
    'explainResponse',
  );
  const sessionStore = createSessionStore({ documents, table, limits: config.session, now });
  const personSessions = createPersonSessionStore({ documents, table, now });
  const projectSummaries = createProjectSummaries({ documents, table, logger, now });
  const textIndex = createTextIndex({ documents, table, logger, now, waitMs: config.jobs.sweepMs });
  const projectStore = createProjectStore({
    documents,
    table,
    summaries: projectSummaries,
    following: textIndex.following,
  });
  const pageStore = createPageStore({
    documents,
    table,
    leasedItems,
    summaries: projectSummaries,
    textFollower: textIndex,
    now,
    waitMs,
  });
  const importStore = createImportStore({ documents, table, leasedItems, now, waitMs });
  const presignedUploadStore = createPresignedUploadStore({ documents, table, now });
  const exportStore = createExportStore({
    documents,
    table,
    leasedItems,
    now,
    waitMs,
    retention: config.exports.retention,
  });
  const dueItems = createDueItems({ documents, table, now });

  const { cognito } = config.aws;
  const poolMirror =
    cognito &&
    loadOnUse(
      inFlight,
      async () => {
        const [{ createPoolMirror }, { createUserPoolClient }] = await Promise.all([
          import('./auth/pool-mirror.ts'),
          import('./aws/user-pool.client.ts'),
        ]);
        const { userPoolId, endpoint } = cognito;
        const client = clients.open(createUserPoolClient({ region: config.aws.region, endpoint }));
        return createPoolMirror({ cognito: client, userPoolId, groupNames: config.groups, people, logger });
      },
      'mirror',
      'signOut',
    );
  const tokens =
    cognito &&
    loadOnUse(
      inFlight,
      async () => {
        const { createTokenVerifier } = await import('./auth/token.verifier.ts');
        return createTokenVerifier({ cognito, region: config.aws.region, people, policies });
      },
      'verify',
    );
  const access = createAccessService({
    signInLog,
    providers: config.saml.providers,
    policies,
    explainResponse,
  });
  const account = createAccountService({ people, personSessions, poolMirror, policies, audit, logger, now });
  const singleLogout = loadOnUse(
    inFlight,
    async () => {
      const { createSingleLogoutService } = await import('./auth/single-logout.service.ts');
      return createSingleLogoutService({ ...saml, personSessions, account, logger });
    },
    'begin',
    'receive',
  );
  const signIns = createSignInService({
    people,
    policies,
    poolMirror,
    signInLog,
    providers: samlProviders,
    logger,
    now,
  });

  const projects = createProjectService({
    projects: projectStore,
    blobs,
    policies,
    forgetTexts: textIndex.forget,
    audit,
    now,
  });
  const { pagesPerDay } = config.uploads;
  const allowance = createPageAllowance({ documents, table, pagesPerDay, now });
  const uploads = createUploadService({
    projects,
    pages: pageStore,
    imports: importStore,
    audit,
    blobs,
    queue: pageQueue,
    allowance,
    slots: createUploadSlots({ count: config.uploads.slots }),
    limits: config.uploads,
    logger,
    now,
  });
  const presignedUploads = createPresignedUploadService({
    uploads,
    pages: pageStore,
    imports: importStore,
    presignedUploads: presignedUploadStore,
    presigner,
    blobs,
    logger,
    now,
  });
  const imports = createImportService({
    projects,
    pages: pageStore,
    imports: importStore,
    audit,
    blobs,
    uploads,
  });
  const decodeGate = createDecodeGate();
  const { turnImage } = loadOnUse(
    inFlight,
    async () => {
      const { estimateTurning, turnImage: turn } = await import('./detection/page-image.ts');
      return {
        turnImage: (image: Buffer, degrees: Rotation) =>
          decodeGate.run(estimateTurning(image), () => turn(image, degrees), { person: 'rotations' }),
      };
    },
    'turnImage',
  );
  const images = createPageImages({ blobs, turnImage, logger });
  const pageActions = createPageActions({
    projects,
    pages: pageStore,
    imports,
    audit,
    blobs,
    images,
    uploads,
    now,
  });
  const pages = createPageService({
    projects,
    pages: pageStore,
    pageActions,
    audit,
    blobs,
    images,
    uploads,
    now,
  });
  const pageNumbers = createPageNumbers({ summaries: projectSummaries, pages: pageStore });
  const search = createSearchService({ index: textIndex, numbers: pageNumbers, policies, audit });
  const summaries = createSummaryService({
    projects: projectStore,
    summaries: projectSummaries,
    pages: pageStore,
  });
  const exports = createExportService({
    projects,
    pages: pageStore,
    imports: importStore,
    exports: exportStore,
    audit,
    blobs,
    queue: exportQueue,
    maxPages: config.exports.maxPages,
    retention: config.exports.retention,
    logger,
    now,
  });

  const phones = createPhoneService({
    phones: createPhoneStore({ documents, table, now }),
    people,
    personSessions,
    projects,
    audit,
    now,
  });

  const checks = {
    database: async () => {
      const { checkTable } = await import('./aws/dynamodb.client.ts');
      await checkTable(documents, table);
    },
    storage: blobs.check,
    queue: pageQueue.check,
  };

  return {
    config,
    logger,
    now,
    clients,
    policies,
    audit,
    access,
    people,
    /** Passport's strategy, loaded. */
    loadSamlStrategy,
    samlProviders,
    responseReceiver,
    explainResponse,
    signInLog,
    sessionStore,
    tokens,
    poolMirror,
    account,
    singleLogout,
    signIns,
    projects,
    uploads,
    /** Of pages a person and day. */
    allowance,
    presignedUploads,
    phones,
    imports,
    pages,
    pageActions,
    summaries,
    search,
    textIndex,
    nameFor: createAuditNamer({ projects: projectStore, pages: pageStore, imports: importStore, people }),
    exports,
    checks,
    blobs,
    images,
    /** In front of everything in this process that decodes images. */
    decodeGate,
    presigner,
    stores: {
      projects: projectStore,
      projectSummaries,
      pages: pageStore,
      imports: importStore,
      presignedUploads: presignedUploadStore,
      exports: exportStore,
    },
    queues: { pages: pageQueue, exports: exportQueue },
    dueItems,
    /** Resolves when nothing is under way any more that requests or jobs began, or after so many milliseconds. */
    settle: inFlight.settle,
    track: inFlight.track,
    workerId: `${hostname()}-${process.pid}-${ulid()}`,
    destroy: clients.destroy,
  };
}

export type Services = ReturnType<typeof compose>;

function openQueue<Job extends AnyJob>(
  { sqs }: Clients,
  inFlight: InFlight,
  queueUrl: string,
): JobQueue<Job> {
  const methods = loadOnUse(
    inFlight,
    async () => {
      const { createJobQueue } = await import('./jobs/job-queue.ts');
      return createJobQueue<Job>({ sqs, queueUrl });
    },
    'send',
    'changeVisibility',
    'check',
  );
  return { queueUrl, ...methods };
}
