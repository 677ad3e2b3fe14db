// The variables of the environment, each with what it may be. `.env.example` explains them.
import * as z from 'zod';
import { ConfigError } from '../errors.ts';
import { describeKnownLanguages, findLanguage, type Language } from '../text/languages.ts';
import { hasVisibleText } from '../text/visible-text.ts';
import { pipelineSteps } from './pipeline-steps.config.ts';
import { pushBuckets } from './push-buckets.config.ts';
import { searchVariables } from './search.config.ts';
import { telemetryVariables } from './telemetry.config.ts';

const count = z.coerce.number().int().positive();
const limit = z.coerce.number().int().min(0);
const optionalUrl = z.url({ protocol: /^https?$/ }).optional();
const originUrl = z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin);

export const groupTable = z
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

/** Languages by their BCP 47 tags, separated by commas. */
const languages = z
  .string()
  .default('')
  .transform((list, context) => {
    const found = new Set<Language>();
    for (const tag of list.split(/[\s,]+/).filter(Boolean)) {
      const language = findLanguage(tag);
      if (language) found.add(language);
      else context.addIssue(`does not know "${tag}": use ${describeKnownLanguages()}`);
    }
    return [...found];
  });

/** Names of Cognito groups. */
const groupName = z.string().refine(hasVisibleText, 'must have visible characters');
export const groupNames = {
  ADMINS_GROUP: groupName.default('paperlift-admins'),
  USERS_GROUP: groupName.default('paperlift-users'),
  AUDITORS_GROUP: groupName.default('paperlift-auditors'),
  RECORDS_GROUP: groupName.default('paperlift-records'),
};

export const environment = z.object({
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
  DEFAULT_LANGUAGES: languages,
  PIPELINE_STEPS: pipelineSteps,
  REKOGNITION_ENDPOINT: optionalUrl,
  TRANSLATE_ENDPOINT: optionalUrl,
  COGNITO_ENDPOINT: optionalUrl,
  COGNITO_USER_POOL_ID: z.string().optional(),
  COGNITO_CLIENT_ID: z.string().optional(),
  COGNITO_TOKEN_URL: optionalUrl,
  TOKEN_USE: z.enum(['access', 'id']).default('access'),

  EVENTBRIDGE_ENDPOINT: optionalUrl,
  EVENT_BUS_NAME: z
    .string()
    .regex(/^[/.\-_A-Za-z0-9]{1,256}$|^arn:aws/, 'is not the name or ARN of an event bus')
    .optional(),
  PUSH_BUCKETS: pushBuckets,
  MICROSOFT_GRAPH_URL: originUrl.default('https://graph.microsoft.com'),
  MICROSOFT_LOGIN_URL: originUrl.default('https://login.microsoftonline.com'),
  WEBHOOK_PRIVATE_NETWORKS: z.stringbool().default(false),
  ORGANISATIONS: z.string().optional(),
  ORGANISATIONS_FILE: z.string().optional(),
  SAML_PROVIDERS: z.string().optional(),
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
  SAML_DECRYPTION_KEY: z.string().optional(),
  SAML_DECRYPTION_KEY_FILE: z.string().optional(),
  SAML_DECRYPTION_CERTIFICATE: z.string().optional(),
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
  PROJECT_MAX_PAGES: limit.default(2000),
  IMPORT_MAX_PAGES: count.max(100_000).default(500),
  UPLOAD_SLOTS: count.default(5),
  PAGES_PER_DAY: limit.default(3000),
  DIRECT_ABOVE_BYTES: limit.optional(),

  WORKER_PAGES_AT_ONCE: count.default(4),
  WORKER_EXPORTS_AT_ONCE: count.default(2),
  DETECTOR_CALLS_PER_SECOND: limit.default(0),
  JOB_LEASE_SECONDS: count.default(120),
  JOB_VISIBILITY_SECONDS: count.default(180),
  JOB_MAX_TRIES: count.default(10),
  QUEUE_WAIT_SECONDS: count.max(20).default(20),
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
  SEARCHES_PER_MINUTE: limit.default(600),

  ...searchVariables,
  ...telemetryVariables,
});

export type Environment = z.infer<typeof environment>;

/** The variables that are set: an empty one counts as missing. */
export function pickSet(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}

/** What is wrong with which variable, a line each. */
export function listMistakes(env: NodeJS.ProcessEnv, { issues }: z.ZodError): string[] {
  return issues.map(({ path, message }) => {
    const name = String(path[0]);
    return `${name}: ${env[name] === undefined ? 'is missing' : message}`;
  });
}

/** The error that names all of them at once. */
export function toConfigError(mistakes: string[]): ConfigError {
  return new ConfigError(`Invalid configuration (see .env.example):\n  ${mistakes.join('\n  ')}`);
}

/** Parses some of the variables. Throws ConfigError. */
export function parseVariables<Parsed>(schema: z.ZodType<Parsed>, env: NodeJS.ProcessEnv): Parsed {
  const given = pickSet(env);
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw toConfigError(listMistakes(given, parsed.error));
  return parsed.data;
}
