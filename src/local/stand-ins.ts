import { join } from 'node:path';
import { teamPrefix } from '../people/team.ts';
import { ensureSecrets } from './data-directory.ts';
import { startDatabase } from './database.stand-in.ts';
import {
  identityProviderIssuer,
  startIdentityProvider,
} from './identity-provider/identity-provider.stand-in.ts';
import { linkPeople } from './link-people.ts';
import { loopback, type Reach } from './loopback.ts';
import { startObjectStoreAndQueues } from './object-store-and-queues.stand-in.ts';
import { startOtherServices } from './other-services.stand-in.ts';
import { groupTable, localPeople } from './people.ts';
import { startSecondCompany } from './second-company.ts';
import type { TextractLogger } from './textract/textract-server.ts';
import { startUserPool, userPoolClientId, userPoolId } from './user-pool.stand-in.ts';

/** The default ports of the stand-ins. */
const fixedPorts = {
  aws: 4566,
  database: 4567,
  userPool: 4568,
  identityProvider: 4569,
  textract: 4570,
  secondIdentityProvider: 4571,
  otherServices: 4572,
};
const anyPorts = {
  aws: 0,
  database: 0,
  userPool: 0,
  identityProvider: 0,
  textract: 0,
  secondIdentityProvider: 0,
  otherServices: 0,
};

const usualNames = {
  region: 'us-east-1',
  bucket: 'paperlift',
  table: 'paperlift',
  pagesQueue: 'paperlift-pages',
  exportsQueue: 'paperlift-exports',
};

export interface StandInOptions {
  /** The directory of all state; created when missing. */
  dataDirectory: string;
  /** Whether the database, the object store and the queues keep their state in memory: faster, for tests. */
  inMemory?: boolean;
  /** `any` for tests that run in parallel; the fixed ones, each replaced by a free one when in use; or these. */
  ports: 'fixed-if-free' | 'any' | typeof fixedPorts;
  /** Where they listen, and how they are reached; by default on this machine only. */
  reach?: Reach;
  /** The names of the bucket, the table and the queues. */
  names?: typeof usualNames;
  /** Paperlift's URL; the identity provider answers no one else. */
  publicUrl: string;
  /** Further URLs of Paperlift. */
  otherPublicUrls?: string[];
  /** False when the text detector is not needed, or runs elsewhere. */
  textract?: boolean;
  /** False when the identity provider runs elsewhere. */
  identityProvider?: boolean;
  /** Whether a second company has an identity provider here, too. */
  secondCompany?: boolean;
  /** The text detector's log; by default none. */
  textractLogger?: TextractLogger;
}

/** A running stand-in. */
interface Started {
  stop(): Promise<void>;
}

/**
 * Starts all stand-ins for AWS and for the company's identity provider in this process. `env` is the complete
 * environment that `loadConfig` needs, for web and worker.
 */
export async function startStandIns(options: StandInOptions) {
  const ports =
    options.ports === 'any' ? anyPorts : options.ports === 'fixed-if-free' ? fixedPorts : options.ports;
  const { reach } = options;
  const { region, bucket, table, pagesQueue, exportsQueue } = options.names ?? usualNames;
  const directory = (name: string) => join(options.dataDirectory, name);
  const stateDirectory = (name: string) => (options.inMemory ? undefined : directory(name));
  const secrets = await ensureSecrets(options.dataDirectory);
  const started: Started[] = [];
  const keep = async <StandIn extends Started>(starting: Promise<StandIn>): Promise<StandIn> => {
    const standIn = await starting;
    started.push(standIn);
    return standIn;
  };
  const stop = async () => {
    await Promise.all(started.map((standIn) => standIn.stop()));
  };

  const startingAws = keep(
    startObjectStoreAndQueues({
      directory: stateDirectory('aws'),
      port: ports.aws,
      reach,
      region,
      bucket,
      queues: [pagesQueue, exportsQueue],
      origins: [options.publicUrl, ...(options.otherPublicUrls ?? [])],
    }),
  );
  const [aws, database, userPool, identityProvider, textDetector, otherServices] = await allOrStop(stop, [
    startingAws,
    keep(startDatabase({ directory: stateDirectory('database'), port: ports.database, reach, table })),
    keep(
      startUserPool({
        directory: directory('user-pool'),
        port: ports.userPool,
        reach,
        people: localPeople,
        groups: Object.values(groupTable).filter((to) => !to.startsWith(teamPrefix)),
        password: secrets.poolPassword,
      }),
    ),
    options.identityProvider === false
      ? undefined
      : keep(
          startIdentityProvider({
            directory: directory('identity-provider'),
            port: ports.identityProvider,
            reach,
            publicUrls: [options.publicUrl, ...(options.otherPublicUrls ?? [])],
            people: localPeople,
          }),
        ),
    options.textract === false
      ? undefined
      : startingAws.then(async ({ endpoint }) => {
          // imported here: most tests need no text detector, and it loads sharp and an SDK client
          const { startTextDetector } = await import('./text-detector.stand-in.ts');
          return keep(
            startTextDetector({
              port: ports.textract,
              s3Endpoint: endpoint,
              region,
              logger: options.textractLogger,
            }),
          );
        }),
    startingAws.then(({ endpoint }) =>
      keep(startOtherServices({ port: ports.otherServices, reach, s3Endpoint: endpoint, region })),
    ),
  ]);

  const second =
    options.secondCompany && identityProvider
      ? await keep(
          startSecondCompany({
            directory: directory('second-identity-provider'),
            port: ports.secondIdentityProvider,
            reach,
            publicUrls: [options.publicUrl, ...(options.otherPublicUrls ?? [])],
            first: identityProvider,
          }),
        ).catch(async (error) => {
          await stop();
          throw error;
        })
      : undefined;

  const env: Record<string, string> = {
    HOST: loopback,
    PORT: new URL(options.publicUrl).port || '3000',
    PUBLIC_URL: options.publicUrl,
    SESSION_SECRET: secrets.sessionSecret,
    SIGN_INS_PER_MINUTE: '6000', // on one machine everyone has the same address
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    S3_ENDPOINT: aws.endpoint,
    S3_BUCKET: bucket,
    SQS_ENDPOINT: aws.endpoint,
    PAGES_QUEUE_URL: aws.queueUrl(pagesQueue),
    EXPORTS_QUEUE_URL: aws.queueUrl(exportsQueue),
    DYNAMODB_ENDPOINT: database.endpoint,
    DYNAMODB_TABLE: table,
    COGNITO_ENDPOINT: userPool.endpoint,
    COGNITO_USER_POOL_ID: userPoolId,
    COGNITO_CLIENT_ID: userPoolClientId,
    COGNITO_TOKEN_URL: userPool.tokenUrl,
    SAML_IDP_ISSUER: identityProviderIssuer,
    ...(identityProvider && {
      SAML_ENTRY_POINT: identityProvider.entryPoint,
      SAML_IDP_CERTIFICATE_FILE: identityProvider.certificateFile,
    }),
    GROUP_TABLE: JSON.stringify(groupTable),
    ...second?.env,
    // otherwise a closed port, so that nothing reaches a person's AWS account by mistake
    TEXTRACT_ENDPOINT: textDetector?.endpoint ?? `http://${loopback}:9`,
    REKOGNITION_ENDPOINT: otherServices.endpoint,
    TRANSLATE_ENDPOINT: otherServices.endpoint,
    EVENTBRIDGE_ENDPOINT: otherServices.endpoint,
  };

  const people = localPeople.map((person) => ({
    ...person,
    cognitoUsername: userPool.usernames[person.email] as string,
  }));
  await linkPeople({
    endpoint: database.ownEndpoint,
    region,
    table,
    issuer: identityProviderIssuer,
    people,
  }).catch(async (error) => {
    await stop();
    throw error;
  });

  const endpoints: Record<string, string> = {
    'S3 and SQS': aws.endpoint,
    DynamoDB: database.endpoint,
    Cognito: userPool.endpoint,
    ...(textDetector && { Textract: textDetector.endpoint }),
    'Rekognition, Translate, EventBridge': otherServices.endpoint,
    ...(identityProvider && { 'identity provider': identityProvider.endpoint }),
    ...(second && { 'second company’s identity provider': second.endpoint }),
  };
  return {
    env,
    people,
    endpoints,
    database: { endpoint: database.endpoint, region, table },
    /** With everyone's password there. */
    userPool: {
      endpoint: userPool.endpoint,
      id: userPoolId,
      clientId: userPoolClientId,
      password: secrets.poolPassword,
    },
    stop,
  };
}

/** Waits for all of them. When one fails, stops those that have started, and fails with its error. */
async function allOrStop<All extends (Promise<unknown> | undefined)[]>(
  stop: () => Promise<void>,
  starting: [...All],
): Promise<{ [Index in keyof All]: Awaited<All[Index]> }> {
  try {
    return await Promise.all(starting);
  } catch (error) {
    await Promise.allSettled(starting);
    await stop();
    throw error;
  }
}
