import { join } from 'node:path';
import { teamPrefix } from '../people/team.ts';
import { allOrStop } from './all-or-stop.ts';
import { ensureSecrets } from './data-directory.ts';
import { startDatabase } from './database.stand-in.ts';
import {
  identityProviderIssuer,
  startIdentityProvider,
} from './identity-provider/identity-provider.stand-in.ts';
import { linkPeople } from './link-people.ts';
import { loopback } from './loopback.ts';
import { startObjectStoreAndQueues } from './object-store-and-queues.stand-in.ts';
import { startOtherServices } from './other-services.stand-in.ts';
import { groupTable, localPeople } from './people.ts';
import { startSecondCompany } from './second-company.ts';
import { anyPorts, fixedPorts, type StandInOptions, usualNames } from './stand-ins.options.ts';
import { startUserPool, userPoolClientId, userPoolId } from './user-pool.stand-in.ts';

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
