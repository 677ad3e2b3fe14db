// The image's environment, the same for every way of running. .env.example explains each variable.
import type { Deployment } from '../config.ts';
import type { DataStack } from './data.stack.ts';
import type { IdentityStack } from './identity.stack.ts';
import { namespaceOf } from './product-alarms.ts';

interface Parts {
  deployment: Deployment;
  data: DataStack;
  identity: IdentityStack;
}

type Environment = Record<string, string>;

/** Variables of web and worker, secrets apart. */
export function createEnvironment({ deployment, data, identity }: Parts): Environment {
  const { saml } = deployment;
  return withoutGaps({
    PUBLIC_URL: deployment.publicUrl,
    SUPPORT_CONTACT: deployment.supportContact,
    S3_BUCKET: data.bucket.bucketName,
    DYNAMODB_TABLE: data.table.tableName,
    PAGES_QUEUE_URL: data.queues.pages.queue.queueUrl,
    EXPORTS_QUEUE_URL: data.queues.exports.queue.queueUrl,
    DETECTOR_CALLS_PER_SECOND: String(deployment.textractCallsPerSecond),
    PUSH_BUCKETS: listPushBuckets(deployment),
    EVENT_BUS_NAME: data.eventBus?.eventBusName,
    COGNITO_USER_POOL_ID: identity.pool.userPoolId,
    COGNITO_CLIENT_ID: identity.client.userPoolClientId,
    COGNITO_TOKEN_URL: identity.tokenUrl,
    SAML_PROVIDER_NAME: saml.providerName,
    SAML_IDP_ISSUER: saml.issuer,
    SAML_METADATA_URL: saml.metadataUrl,
    SAML_ENTRY_POINT: saml.entryPoint,
    SAML_IDP_CERTIFICATE: saml.certificate,
    SAML_EMAIL_ATTRIBUTE: saml.attributes.email,
    SAML_NAME_ATTRIBUTE: saml.attributes.name,
    SAML_GROUPS_ATTRIBUTE: saml.attributes.groups,
    ...groupVariables(deployment),
    ...telemetryVariables(deployment),
    ...deployment.environment,
  });
}

/** Without the address of a collector, which differs between tasks and functions. */
function telemetryVariables({ name, telemetry }: Deployment) {
  return {
    OTEL_TRACES_SAMPLER: telemetry.traces ? 'parentbased_traceidratio' : undefined,
    OTEL_TRACES_SAMPLER_ARG: telemetry.traces ? String(telemetry.sampling) : undefined,
    METRICS: telemetry.metrics ? 'emf' : undefined,
    METRICS_NAMESPACE: telemetry.metrics ? namespaceOf({ name }) : undefined,
  };
}

/** Variables of the user pool's trigger. */
export function createPreTokenEnvironment(deployment: Deployment): Environment {
  return withoutGaps(groupVariables(deployment));
}

/** The variables that lie in the secret. */
export function secretVariables({ secretVariables: more }: Deployment): string[] {
  return ['SESSION_SECRET', ...more];
}

/** `default:acme-archive,globex:globex-scans` */
function listPushBuckets({ pushBuckets }: Deployment): string | undefined {
  const entries = Object.entries(pushBuckets).flatMap(([organisation, buckets]) =>
    buckets.map((bucket) => `${organisation}:${bucket}`),
  );
  return entries.length > 0 ? entries.join() : undefined;
}

function groupVariables({ groups, saml }: Deployment) {
  return {
    GROUP_TABLE: JSON.stringify(groups.table),
    ADMINS_GROUP: groups.admins,
    USERS_GROUP: groups.users,
    AUDITORS_GROUP: groups.auditors,
    RECORDS_GROUP: groups.records,
    SAML_GROUPS_SEPARATOR: saml.groupsSeparator,
  };
}

function withoutGaps(variables: Record<string, string | undefined>): Environment {
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
