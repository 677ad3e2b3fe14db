// The only reader of the environment. Everything is parsed once, and all mistakes are reported together.
import { readFileSync } from 'node:fs';
import { defaultOrganisationId } from '../people/organisation.ts';
import { type Environment, environment, listMistakes, pickSet, toConfigError } from './environment.ts';
import { findGroupTableMistakes, readGroupTable } from './group-table.config.ts';
import { isLoopback } from './loopback.ts';
import { type Organisations, readOrganisations } from './organisations.config.ts';
import type { SamlProvider } from './provider.config.ts';
import { readProviderList } from './provider-list.config.ts';
import { type OpenSearchSettings, readOpenSearchSettings } from './search.config.ts';
import { readSigningKey, type SigningKey } from './signing-key.config.ts';
import { readSingleProvider } from './single-provider.config.ts';
import { readTraceSettings } from './telemetry.config.ts';

/** Parses an environment into the configuration. Throws ConfigError naming every variable that is wrong. */
export function loadConfig(env: NodeJS.ProcessEnv) {
  const given = pickSet(env);
  const unreadable = readSessionSecret(given);
  const parsed = environment.safeParse(given);
  const mistakes = parsed.success ? findContradictions(parsed.data) : listMistakes(given, parsed.error);
  mistakes.push(...unreadable);
  const organisations = parsed.success ? readOrganisations(parsed.data, mistakes) : undefined;
  const providers =
    organisations && parsed.success ? readProviders(parsed.data, organisations, mistakes) : [];
  const signing = parsed.success ? readSigningKey(parsed.data, mistakes) : undefined;
  const opensearch = parsed.success ? readOpenSearchSettings(parsed.data, mistakes) : undefined;
  if (!parsed.success || !organisations || mistakes.length > 0) throw toConfigError(mistakes);
  return present(parsed.data, organisations, { providers, signing, opensearch });
}

/** Reads SESSION_SECRET_FILE unless SESSION_SECRET is set. Returns mistakes. */
function readSessionSecret(given: NodeJS.ProcessEnv): string[] {
  const { SESSION_SECRET: secret, SESSION_SECRET_FILE: file } = given;
  if (secret !== undefined || file === undefined) return [];
  try {
    given.SESSION_SECRET = readFileSync(file, 'utf8').trim();
    return [];
  } catch (error) {
    return [`SESSION_SECRET_FILE: ${(error as Error).message}`];
  }
}

/** A provider may map to the groups of its own organisation alone, and a single one belongs to the default organisation. */
function readProviders(env: Environment, organisations: Organisations, mistakes: string[]) {
  const { SAML_PROVIDERS: text, SAML_PROVIDERS_FILE: file } = env;
  const groupsOf = (organisationId: string) => [
    env.ADMINS_GROUP,
    env.USERS_GROUP,
    env.AUDITORS_GROUP,
    env.RECORDS_GROUP,
    ...organisations.customRoles
      .filter((role) => role.organisationId === organisationId)
      .map(({ group }) => group),
  ];
  if (text || file)
    return readProviderList(
      { text, file },
      { ids: organisations.all.map(({ id }) => id), groupsOf },
      mistakes,
    );
  const known = groupsOf(defaultOrganisationId);
  for (const mistake of findGroupTableMistakes(readGroupTable(env.GROUP_TABLE), known))
    mistakes.push(`GROUP_TABLE: ${mistake}`);
  return [readSingleProvider(env, env.GROUP_TABLE, mistakes)];
}

export type Config = ReturnType<typeof loadConfig>;

function findContradictions(env: Environment): string[] {
  const mistakes: string[] = [];
  const publicUrl = new URL(env.PUBLIC_URL);
  if (publicUrl.protocol === 'http:' && !isLoopback(publicUrl.hostname)) {
    mistakes.push('PUBLIC_URL: must be https, except on localhost');
  }
  if (Boolean(env.COGNITO_USER_POOL_ID) !== Boolean(env.COGNITO_CLIENT_ID)) {
    mistakes.push('COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID: set both or neither');
  }
  return mistakes;
}

/** Whether a service is Amazon's: without an endpoint of its own, or by one of AWS, such as a VPC endpoint. */
function isAmazon(endpoint: string | undefined): boolean {
  return endpoint === undefined || /\.(amazonaws\.com(\.cn)?|api\.aws)$/.test(new URL(endpoint).hostname);
}

/** Direct transfers between browser and S3, and the bucket's origin for browsers. */
function presentDirect(env: Environment) {
  const endpoint = env.S3_PUBLIC_ENDPOINT ?? env.S3_ENDPOINT;
  const suffix = env.AWS_REGION.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return {
    /** Larger files bypass the server; `undefined`: none do. */
    aboveBytes: env.DIRECT_ABOVE_BYTES,
    bucketOrigin: endpoint
      ? new URL(endpoint).origin
      : `https://${env.S3_BUCKET}.s3.${env.AWS_REGION}.${suffix}`,
  };
}

function present(
  env: Environment,
  organisations: Organisations,
  {
    providers,
    signing,
    opensearch,
  }: {
    providers: SamlProvider[];
    signing: SigningKey | undefined;
    opensearch: OpenSearchSettings | undefined;
  },
) {
  const publicUrl = new URL(env.PUBLIC_URL);
  return {
    port: env.PORT,
    host: env.HOST,
    publicUrl: publicUrl.origin,
    secureCookies: publicUrl.protocol === 'https:',
    trustedProxies: env.TRUSTED_PROXIES.split(',')
      .map((proxy) => proxy.trim())
      .filter(Boolean),
    logLevel: env.LOG_LEVEL,
    supportContact: env.SUPPORT_CONTACT,
    /** `undefined`: no traces. */
    traces: readTraceSettings(env),
    metrics: {
      port: env.METRICS_PORT,
      host: env.HOST,
      emfNamespace: env.METRICS === 'emf' ? env.METRICS_NAMESPACE : undefined,
    },
    session: {
      secret: env.SESSION_SECRET,
      idleMs: env.SESSION_IDLE_MINUTES * 60_000,
      maxMs: env.SESSION_MAX_HOURS * 3_600_000,
    },
    aws: {
      region: env.AWS_REGION,
      s3: {
        endpoint: env.S3_ENDPOINT,
        publicEndpoint: env.S3_PUBLIC_ENDPOINT ?? env.S3_ENDPOINT,
        bucket: env.S3_BUCKET,
      },
      dynamodb: { endpoint: env.DYNAMODB_ENDPOINT, table: env.DYNAMODB_TABLE },
      sqs: {
        endpoint: env.SQS_ENDPOINT,
        pagesQueueUrl: env.PAGES_QUEUE_URL,
        exportsQueueUrl: env.EXPORTS_QUEUE_URL,
      },
      textract: { endpoint: env.TEXTRACT_ENDPOINT, timeoutMs: env.TEXTRACT_TIMEOUT_SECONDS * 1000 },
      rekognition: { endpoint: env.REKOGNITION_ENDPOINT },
      translate: { endpoint: env.TRANSLATE_ENDPOINT },
      /** No events go to EventBridge without the name of a bus. */
      eventBridge: { endpoint: env.EVENTBRIDGE_ENDPOINT, busName: env.EVENT_BUS_NAME },
      cognito:
        env.COGNITO_USER_POOL_ID && env.COGNITO_CLIENT_ID
          ? {
              endpoint: env.COGNITO_ENDPOINT,
              userPoolId: env.COGNITO_USER_POOL_ID,
              clientId: env.COGNITO_CLIENT_ID,
              tokenUse: env.TOKEN_USE,
              /** Where service accounts get their tokens, for the page that says so. */
              tokenUrl: env.COGNITO_TOKEN_URL,
            }
          : undefined,
    },
    saml: {
      spEntityId: env.SAML_SP_ENTITY_ID ?? `${publicUrl.origin}/auth/saml/metadata`,
      acsUrl: `${publicUrl.origin}/auth/saml/acs`,
      sloUrl: `${publicUrl.origin}/auth/saml/slo`,
      signing,
      clockSkewMs: env.SAML_CLOCK_SKEW_MS,
      providers,
    },
    /** The names of the groups that give roles. */
    groups: {
      admins: env.ADMINS_GROUP,
      users: env.USERS_GROUP,
      auditors: env.AUDITORS_GROUP,
      records: env.RECORDS_GROUP,
    },
    organisations: organisations.all,
    customRoles: organisations.customRoles,
    uploads: {
      maxFileBytes: env.UPLOAD_MAX_FILE_BYTES,
      maxFiles: env.UPLOAD_MAX_FILES,
      maxDocumentBytes: env.IMPORT_MAX_FILE_BYTES,
      maxDocumentPages: env.IMPORT_MAX_PAGES,
      maxProjectPages: env.PROJECT_MAX_PAGES,
      slots: env.UPLOAD_SLOTS,
      pagesPerDay: env.PAGES_PER_DAY,
    },
    direct: presentDirect(env),
    jobs: {
      pagesAtOnce: env.WORKER_PAGES_AT_ONCE,
      exportsAtOnce: env.WORKER_EXPORTS_AT_ONCE,
      leaseMs: env.JOB_LEASE_SECONDS * 1000,
      visibilitySeconds: env.JOB_VISIBILITY_SECONDS,
      /** How long the queue holds back an answer without messages. */
      waitSeconds: env.QUEUE_WAIT_SECONDS,
      maxAttempts: env.JOB_MAX_TRIES,
      sweepMs: env.SWEEP_SECONDS * 1000,
      heartbeatFile: env.WORKER_HEARTBEAT_FILE,
    },
    languages: {
      /** Of pages in projects that choose none. Without any, the text detector finds out. */
      defaults: env.DEFAULT_LANGUAGES,
      /** Whether Amazon Textract reads the pages; otherwise the server at TEXTRACT_ENDPOINT does. */
      isReadByTextract: isAmazon(env.TEXTRACT_ENDPOINT),
      /** Of all workers together. 0: no limit. */
      callsPerSecond: env.DETECTOR_CALLS_PER_SECOND,
      /** Of a call of the text detector, for the metric: DetectDocumentText’s first million pages, or nothing. */
      pricePerPage: env.DETECTOR_PRICE_PER_PAGE ?? (isAmazon(env.TEXTRACT_ENDPOINT) ? 0.0015 : 0),
    },
    /** Optional steps: each is missing unless PIPELINE_STEPS names it. */
    pipeline: {
      moderation: env.PIPELINE_STEPS.moderation && {
        ...env.PIPELINE_STEPS.moderation,
        /** Of an image: DetectModerationLabels’ first million a month, or nothing. */
        pricePerImage: env.MODERATION_PRICE_PER_IMAGE ?? (isAmazon(env.REKOGNITION_ENDPOINT) ? 0.001 : 0),
      },
      translation: env.PIPELINE_STEPS.translation && {
        ...env.PIPELINE_STEPS.translation,
        /** Of a million characters of TranslateText, or nothing. */
        pricePerMillion:
          env.TRANSLATION_PRICE_PER_MILLION_CHARACTERS ?? (isAmazon(env.TRANSLATE_ENDPOINT) ? 15 : 0),
      },
    },
    exports: {
      chromiumPath: env.CHROMIUM_PATH,
      language: env.DOCUMENT_LANGUAGE,
      maxPages: env.EXPORT_MAX_PAGES,
      timeoutMs: env.EXPORT_TIMEOUT_SECONDS * 1000,
      retention: { newest: env.EXPORTS_KEPT_NEWEST, keptMs: env.EXPORTS_KEPT_DAYS * 24 * 60 * 60 * 1000 },
    },
    /** `undefined`: the embedded index searches. */
    opensearch,
    /** Whether receivers of webhooks may be in private networks, and reached by plain http. */
    webhooks: { allowPrivate: env.WEBHOOK_PRIVATE_NETWORKS },
    rules: {
      /** Those that rules of an organisation may use, by its id. */
      buckets: env.PUSH_BUCKETS,
      graphUrl: env.MICROSOFT_GRAPH_URL,
      loginUrl: env.MICROSOFT_LOGIN_URL,
    },
    rateLimits: {
      signInsPerMinute: env.SIGN_INS_PER_MINUTE,
      uploadsPerMinute: env.UPLOADS_PER_MINUTE,
      detectionsPerMinute: env.DETECTIONS_PER_MINUTE,
      exportsPerMinute: env.EXPORTS_PER_MINUTE,
      searchesPerMinute: env.SEARCHES_PER_MINUTE,
    },
  };
}
