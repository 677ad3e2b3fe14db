// The only reader of the environment. Everything is parsed once, and all mistakes are reported together.
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { ConfigError } from '../errors.ts';
import { hasVisibleText } from '../text/visible-text.ts';
import {
  findGroupTableMistakes,
  readGroupTable,
  readProvidersFile,
  readSigningKey,
  readSingleProvider,
  type SamlProvider,
  type SigningKey,
} from './provider.config.ts';

const count = z.coerce.number().int().positive();
const limit = z.coerce.number().int().min(0);
const optionalUrl = z.url({ protocol: /^https?$/ }).optional();

const groupTable = z
  .string()
  .default('{}')
  .transform((json, context) => {
    try {
      return JSON.parse(json) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'is not valid JSON' });
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string(), z.string()));

/** Names of Cognito groups. */
const groupName = z.string().refine(hasVisibleText, 'must have visible characters');
const groupNames = {
  ADMINS_GROUP: groupName.default('paperlift-admins'),
  USERS_GROUP: groupName.default('paperlift-users'),
  AUDITORS_GROUP: groupName.default('paperlift-auditors'),
};

const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: z.string().default('0.0.0.0'),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }),
  SESSION_SECRET: z.string().min(32),
  SESSION_SECRET_FILE: z.string().optional(),
  SESSION_IDLE_MINUTES: count.default(60),
  SESSION_MAX_HOURS: count.default(12),
  TRUSTED_PROXIES: z.string().default(''),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  SUPPORT_CONTACT: z.string().min(1).default('your IT service desk'),

  AWS_REGION: z.string().min(1).default('us-east-1'),
  S3_ENDPOINT: optionalUrl,
  S3_PUBLIC_ENDPOINT: optionalUrl,
  S3_BUCKET: z.string().min(3),
  DYNAMODB_ENDPOINT: optionalUrl,
  DYNAMODB_TABLE: z.string().min(3),
  SQS_ENDPOINT: optionalUrl,
  PAGES_QUEUE_URL: z.url(),
  EXPORTS_QUEUE_URL: z.url(),
  TEXTRACT_ENDPOINT: optionalUrl,
  TEXTRACT_TIMEOUT_SECONDS: count.default(60),
  COGNITO_ENDPOINT: optionalUrl,
  COGNITO_USER_POOL_ID: z.string().optional(),
  COGNITO_CLIENT_ID: z.string().optional(),
  TOKEN_USE: z.enum(['access', 'id']).default('access'),

  SAML_PROVIDERS_FILE: z.string().optional(),
  SAML_PROVIDER_NAME: z.string().default('Company sign-in'),
  SAML_ENTRY_POINT: optionalUrl,
  SAML_IDP_ISSUER: z.string().optional(),
  SAML_IDP_CERTIFICATE: z.string().optional(),
  SAML_IDP_CERTIFICATE_FILE: z.string().optional(),
  SAML_METADATA_FILE: z.string().optional(),
  SAML_METADATA_URL: optionalUrl,
  SAML_METADATA_REFRESH_MINUTES: count.default(60),
  SAML_SP_ENTITY_ID: z.string().optional(),
  SAML_SP_PRIVATE_KEY: z.string().optional(),
  SAML_SP_PRIVATE_KEY_FILE: z.string().optional(),
  SAML_SP_CERTIFICATE: z.string().optional(),
  SAML_SP_CERTIFICATE_FILE: z.string().optional(),
  SAML_WANT_ASSERTION_SIGNED: z.stringbool().default(true),
  SAML_WANT_RESPONSE_SIGNED: z.stringbool().default(true),
  SAML_ALLOW_UNSOLICITED: z.stringbool().default(false),
  SAML_DECRYPTION_KEY_FILE: z.string().optional(),
  SAML_DECRYPTION_CERTIFICATE_FILE: z.string().optional(),
  SAML_LOGOUT_URL: optionalUrl,
  SAML_CLOCK_SKEW_MS: z.coerce.number().int().min(0).max(60_000).default(30_000),
  SAML_EMAIL_ATTRIBUTE: z.string().default('email'),
  SAML_NAME_ATTRIBUTE: z.string().default('name'),
  SAML_GROUPS_ATTRIBUTE: z.string().default('groups'),
  SAML_GROUPS_SEPARATOR: z.string().length(1).optional(),
  GROUP_TABLE: groupTable,
  ...groupNames,

  UPLOAD_MAX_FILE_BYTES: count.default(50 * 1024 * 1024),
  UPLOAD_MAX_FILES: count.default(100),
  IMPORT_MAX_FILE_BYTES: count.default(200 * 1024 * 1024),
  IMPORT_MAX_PAGES: count.max(100_000).default(500),
  UPLOAD_SLOTS: count.default(5),
  PAGES_PER_DAY: limit.default(3000),
  DIRECT_ABOVE_BYTES: limit.optional(),

  WORKER_PAGES_AT_ONCE: count.default(4),
  WORKER_EXPORTS_AT_ONCE: count.default(2),
  JOB_LEASE_SECONDS: count.default(120),
  JOB_VISIBILITY_SECONDS: count.default(180),
  JOB_MAX_TRIES: count.default(10),
  SWEEP_SECONDS: count.default(60),
  WORKER_HEARTBEAT_FILE: z.string().optional(),

  CHROMIUM_PATH: z.string().optional(),
  DOCUMENT_LANGUAGE: z.string().min(2).default('en'),
  EXPORT_MAX_PAGES: count.default(500),
  EXPORT_TIMEOUT_SECONDS: count.default(100),
  EXPORTS_KEPT_NEWEST: count.default(3),
  EXPORTS_KEPT_DAYS: count.default(30),

  SIGN_INS_PER_MINUTE: limit.default(600),
  UPLOADS_PER_MINUTE: limit.default(600),
  DETECTIONS_PER_MINUTE: limit.default(600),
  EXPORTS_PER_MINUTE: limit.default(120),
});

/** Parses an environment into the configuration. Throws ConfigError naming every variable that is wrong. */
export function loadConfig(env: NodeJS.ProcessEnv) {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const unreadable = readSessionSecret(given);
  const parsed = environment.safeParse(given);
  const mistakes = parsed.success
    ? findContradictions(parsed.data)
    : parsed.error.issues.map((issue) => {
        const [name] = issue.path as string[];
        return `${name}: ${given[name as string] === undefined ? 'is missing' : issue.message}`;
      });
  mistakes.push(...unreadable);
  const providers = parsed.success ? readProviders(parsed.data, mistakes) : [];
  const signing = parsed.success ? readSigningKey(parsed.data, mistakes) : undefined;
  if (!parsed.success || mistakes.length > 0) {
    throw new ConfigError(`Invalid configuration (see .env.example):\n  ${mistakes.join('\n  ')}`);
  }
  return present(parsed.data, providers, signing);
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

function readProviders(env: Environment, mistakes: string[]) {
  const { SAML_PROVIDERS_FILE: file } = env;
  return file
    ? readProvidersFile(file, groupsOf(env), mistakes)
    : [readSingleProvider(env, env.GROUP_TABLE, mistakes)];
}

const groupsOf = (env: Environment) => [env.ADMINS_GROUP, env.USERS_GROUP, env.AUDITORS_GROUP];

const preTokenEnvironment = z.object({
  GROUP_TABLE: groupTable,
  SAML_GROUPS_SEPARATOR: z.string().length(1).optional(),
  ...groupNames,
});

/** The configuration of the pre-token-generation trigger, which runs without the rest. Throws ConfigError. */
export function loadPreTokenConfig(env: NodeJS.ProcessEnv) {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = preTokenEnvironment.safeParse(given);
  const rules = parsed.success ? readGroupTable(parsed.data.GROUP_TABLE) : [];
  const mistakes = parsed.success
    ? findGroupTableMistakes(rules, [
        parsed.data.ADMINS_GROUP,
        parsed.data.USERS_GROUP,
        parsed.data.AUDITORS_GROUP,
      ])
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  if (!parsed.success || mistakes.length > 0) {
    throw new ConfigError(`Invalid configuration (see .env.example):\n  ${mistakes.join('\n  ')}`);
  }
  const { ADMINS_GROUP: admins, USERS_GROUP: users, AUDITORS_GROUP: auditors } = parsed.data;
  return { rules, separator: parsed.data.SAML_GROUPS_SEPARATOR, groupNames: { admins, users, auditors } };
}

const auditEnvironment = environment.pick({
  AWS_REGION: true,
  DYNAMODB_ENDPOINT: true,
  DYNAMODB_TABLE: true,
});

/** The configuration for checking an audit trail: the table. Throws ConfigError. */
export function loadAuditConfig(env: NodeJS.ProcessEnv): AuditConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = auditEnvironment.safeParse(given);
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`Invalid configuration (see .env.example):\n  ${mistakes.join('\n  ')}`);
  }
  const { AWS_REGION: region, DYNAMODB_ENDPOINT: endpoint, DYNAMODB_TABLE: table } = parsed.data;
  return { region, endpoint, table };
}

export interface AuditConfig {
  region: string;
  endpoint?: string;
  table: string;
}

const setupEnvironment = environment.pick({
  AWS_REGION: true,
  PUBLIC_URL: true,
  S3_ENDPOINT: true,
  S3_BUCKET: true,
  DYNAMODB_ENDPOINT: true,
  DYNAMODB_TABLE: true,
  SQS_ENDPOINT: true,
  PAGES_QUEUE_URL: true,
  EXPORTS_QUEUE_URL: true,
});

/** The configuration for creating the table, the bucket and the queues. Throws ConfigError. */
export function loadSetupConfig(env: NodeJS.ProcessEnv) {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = setupEnvironment.safeParse(given);
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`Invalid configuration (see .env.example):\n  ${mistakes.join('\n  ')}`);
  }
  const { data } = parsed;
  return {
    region: data.AWS_REGION,
    publicUrl: new URL(data.PUBLIC_URL).origin,
    s3: { endpoint: data.S3_ENDPOINT, bucket: data.S3_BUCKET },
    dynamodb: { endpoint: data.DYNAMODB_ENDPOINT, table: data.DYNAMODB_TABLE },
    sqs: { endpoint: data.SQS_ENDPOINT, queueUrls: [data.PAGES_QUEUE_URL, data.EXPORTS_QUEUE_URL] },
  };
}

export type SetupConfig = ReturnType<typeof loadSetupConfig>;

export type Config = ReturnType<typeof loadConfig>;

type Environment = z.infer<typeof environment>;

function findContradictions(env: Environment): string[] {
  const mistakes: string[] = [];
  const publicUrl = new URL(env.PUBLIC_URL);
  if (publicUrl.protocol === 'http:' && !isLoopback(publicUrl.hostname)) {
    mistakes.push('PUBLIC_URL: must be https, except on localhost');
  }
  if (Boolean(env.COGNITO_USER_POOL_ID) !== Boolean(env.COGNITO_CLIENT_ID)) {
    mistakes.push('COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID: set both or neither');
  }
  for (const mistake of findGroupTableMistakes(readGroupTable(env.GROUP_TABLE), groupsOf(env))) {
    mistakes.push(`GROUP_TABLE: ${mistake}`);
  }
  return mistakes;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
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

function present(env: Environment, providers: SamlProvider[], signing: SigningKey | undefined) {
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
      cognito:
        env.COGNITO_USER_POOL_ID && env.COGNITO_CLIENT_ID
          ? {
              endpoint: env.COGNITO_ENDPOINT,
              userPoolId: env.COGNITO_USER_POOL_ID,
              clientId: env.COGNITO_CLIENT_ID,
              tokenUse: env.TOKEN_USE,
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
    groups: {
      table: env.GROUP_TABLE,
      admins: env.ADMINS_GROUP,
      users: env.USERS_GROUP,
      auditors: env.AUDITORS_GROUP,
    },
    uploads: {
      maxFileBytes: env.UPLOAD_MAX_FILE_BYTES,
      maxFiles: env.UPLOAD_MAX_FILES,
      maxDocumentBytes: env.IMPORT_MAX_FILE_BYTES,
      maxDocumentPages: env.IMPORT_MAX_PAGES,
      slots: env.UPLOAD_SLOTS,
      pagesPerDay: env.PAGES_PER_DAY,
    },
    direct: presentDirect(env),
    jobs: {
      pagesAtOnce: env.WORKER_PAGES_AT_ONCE,
      exportsAtOnce: env.WORKER_EXPORTS_AT_ONCE,
      leaseMs: env.JOB_LEASE_SECONDS * 1000,
      visibilitySeconds: env.JOB_VISIBILITY_SECONDS,
      maxTries: env.JOB_MAX_TRIES,
      sweepMs: env.SWEEP_SECONDS * 1000,
      heartbeatFile: env.WORKER_HEARTBEAT_FILE,
    },
    exports: {
      chromiumPath: env.CHROMIUM_PATH,
      language: env.DOCUMENT_LANGUAGE,
      maxPages: env.EXPORT_MAX_PAGES,
      timeoutMs: env.EXPORT_TIMEOUT_SECONDS * 1000,
      retention: { newest: env.EXPORTS_KEPT_NEWEST, keptMs: env.EXPORTS_KEPT_DAYS * 24 * 60 * 60 * 1000 },
    },
    rateLimits: {
      signInsPerMinute: env.SIGN_INS_PER_MINUTE,
      uploadsPerMinute: env.UPLOADS_PER_MINUTE,
      detectionsPerMinute: env.DETECTIONS_PER_MINUTE,
      exportsPerMinute: env.EXPORTS_PER_MINUTE,
    },
  };
}
