// The configuration of commands and triggers that need a part of it only.
import * as z from 'zod';
import { environment, groupNames, groupTable, parseVariables, toConfigError } from './environment.ts';
import { findGroupTableMistakes, readGroupTable } from './provider.config.ts';

const preTokenEnvironment = z.object({
  GROUP_TABLE: groupTable,
  SAML_GROUPS_SEPARATOR: z.string().length(1).optional(),
  ...groupNames,
});

/** For the pre-token-generation trigger. Throws ConfigError. */
export function loadPreTokenConfig(env: NodeJS.ProcessEnv) {
  const { GROUP_TABLE, SAML_GROUPS_SEPARATOR, ...names } = parseVariables(preTokenEnvironment, env);
  const { ADMINS_GROUP: admins, USERS_GROUP: users, AUDITORS_GROUP: auditors } = names;
  const rules = readGroupTable(GROUP_TABLE);
  const mistakes = findGroupTableMistakes(rules, [admins, users, auditors]);
  if (mistakes.length > 0) throw toConfigError(mistakes);
  return { rules, separator: SAML_GROUPS_SEPARATOR, groupNames: { admins, users, auditors } };
}

const auditEnvironment = environment.pick({
  AWS_REGION: true,
  DYNAMODB_ENDPOINT: true,
  DYNAMODB_TABLE: true,
});

/** For checking an audit trail: the table. Throws ConfigError. */
export function loadAuditConfig(env: NodeJS.ProcessEnv): AuditConfig {
  const data = parseVariables(auditEnvironment, env);
  return { region: data.AWS_REGION, endpoint: data.DYNAMODB_ENDPOINT, table: data.DYNAMODB_TABLE };
}

export interface AuditConfig {
  region: string;
  endpoint?: string | undefined;
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

/** For creating the table, the bucket and the queues. Throws ConfigError. */
export function loadSetupConfig(env: NodeJS.ProcessEnv) {
  const data = parseVariables(setupEnvironment, env);
  return {
    region: data.AWS_REGION,
    publicUrl: new URL(data.PUBLIC_URL).origin,
    s3: { endpoint: data.S3_ENDPOINT, bucket: data.S3_BUCKET },
    dynamodb: { endpoint: data.DYNAMODB_ENDPOINT, table: data.DYNAMODB_TABLE },
    sqs: { endpoint: data.SQS_ENDPOINT, queueUrls: [data.PAGES_QUEUE_URL, data.EXPORTS_QUEUE_URL] },
  };
}

export type SetupConfig = ReturnType<typeof loadSetupConfig>;
