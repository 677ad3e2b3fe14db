import { environment, parseVariables } from './environment.ts';

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
