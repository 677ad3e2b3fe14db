// The environment of the stand-ins as separate services, as in docker-compose.yml. They read the same variables as web
// and worker, so that both agree on addresses.
import { resolve } from 'node:path';
import { z } from 'zod';
import { LocalStackError } from './data-directory.ts';
import type { Reach } from './loopback.ts';

const address = z.url({ protocol: /^http$/ }).transform((url) => {
  const { hostname, port, pathname } = new URL(url);
  return { name: hostname, port: Number(port || 80), pathname };
});

const common = {
  LOCAL_HOST: z.string().default('127.0.0.1'),
  LOCAL_DATA_DIR: z.string().min(1).default('.local'),
  LOCAL_SHARED_DIR: z.string().min(1),
  PUBLIC_URL: z.url(),
};

const standInEnvironment = z
  .object({
    ...common,
    AWS_REGION: z.string().min(1).default('us-east-1'),
    S3_ENDPOINT: address,
    S3_BUCKET: z.string().min(3),
    SQS_ENDPOINT: address,
    PAGES_QUEUE_URL: address,
    EXPORTS_QUEUE_URL: address,
    DYNAMODB_ENDPOINT: address,
    DYNAMODB_TABLE: z.string().min(3),
    COGNITO_ENDPOINT: address,
  })
  .refine(
    ({ S3_ENDPOINT: s3, ...others }) =>
      [others.SQS_ENDPOINT, others.PAGES_QUEUE_URL, others.EXPORTS_QUEUE_URL].every(
        ({ name, port }) => name === s3.name && port === s3.port,
      ) && [others.DYNAMODB_ENDPOINT, others.COGNITO_ENDPOINT].every(({ name }) => name === s3.name),
    {
      path: ['S3_ENDPOINT'],
      error: 'all stand-ins must share one host name, and S3, SQS and the queues one port',
    },
  );

const identityProviderEnvironment = z.object({ ...common, SAML_ENTRY_POINT: address });

/** Parses the environment of S3, SQS, DynamoDB and Cognito. Throws LocalStackError that names the mistakes. */
export function loadStandInsConfig(env: NodeJS.ProcessEnv) {
  const parsed = parse(standInEnvironment, env);
  const queueName = ({ pathname }: { pathname: string }) => pathname.split('/').at(-1) as string;
  return {
    ...presentCommon(parsed),
    reach: reachOf(parsed, parsed.S3_ENDPOINT.name),
    ports: {
      aws: parsed.S3_ENDPOINT.port,
      database: parsed.DYNAMODB_ENDPOINT.port,
      userPool: parsed.COGNITO_ENDPOINT.port,
    },
    names: {
      region: parsed.AWS_REGION,
      bucket: parsed.S3_BUCKET,
      table: parsed.DYNAMODB_TABLE,
      pagesQueue: queueName(parsed.PAGES_QUEUE_URL),
      exportsQueue: queueName(parsed.EXPORTS_QUEUE_URL),
    },
  };
}

/** Parses the environment of the identity provider. Throws LocalStackError that names the mistakes. */
export function loadIdentityProviderConfig(env: NodeJS.ProcessEnv) {
  const parsed = parse(identityProviderEnvironment, env);
  const { name, port } = parsed.SAML_ENTRY_POINT;
  return { ...presentCommon(parsed), reach: reachOf(parsed, name), port };
}

type Common = { LOCAL_HOST: string; LOCAL_DATA_DIR: string; LOCAL_SHARED_DIR: string; PUBLIC_URL: string };

function presentCommon(parsed: Common) {
  return {
    dataDirectory: resolve(parsed.LOCAL_DATA_DIR),
    /** Files for web and worker. */
    sharedDirectory: resolve(parsed.LOCAL_SHARED_DIR),
    publicUrl: new URL(parsed.PUBLIC_URL).origin,
  };
}

// the port must be the one in the URLs
const reachOf = ({ LOCAL_HOST: host }: Common, name: string): Reach => ({ host, name, anyPort: false });

function parse<Shape extends z.ZodType>(shape: Shape, env: NodeJS.ProcessEnv): z.infer<Shape> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = shape.safeParse(given);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new LocalStackError(`Invalid configuration:\n  ${mistakes.join('\n  ')}`);
}
