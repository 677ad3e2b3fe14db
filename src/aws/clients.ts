import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Config } from '../config.ts';
import type { UnderWay } from '../under-way.ts';
import { reportOutages, type SdkClient } from './outages.ts';

/** One SDK client a service; where an endpoint is configured, the same calls go to a stand-in there. */
export function createClients(aws: Config['aws'], underWay: UnderWay) {
  const common = (endpoint: string | undefined, requestTimeout: number, maxSockets = 50) => ({
    region: aws.region,
    ...(endpoint ? { endpoint } : {}),
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 2000,
      requestTimeout,
      throwOnRequestTimeout: true,
      socketTimeout: requestTimeout, // the request's ends with the answer's headers: a body may stop half way
      httpAgent: { keepAlive: true, maxSockets },
      httpsAgent: { keepAlive: true, maxSockets },
    }),
  });

  const s3 = reportOutages(
    new S3Client({ ...common(aws.s3.endpoint, 15_000), forcePathStyle: Boolean(aws.s3.endpoint) }),
    'storage',
  );
  // Signs only, and never calls: a checksum of the body, which it has not seen, must not be part of what it signs.
  const publicS3 = new S3Client({
    region: aws.region,
    ...(aws.s3.publicEndpoint ? { endpoint: aws.s3.publicEndpoint, forcePathStyle: true } : {}),
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  const dynamodb = reportOutages(new DynamoDBClient(common(aws.dynamodb.endpoint, 5000)), 'database');
  const sqs = reportOutages(
    new SQSClient({ ...common(aws.sqs.endpoint, 30_000), useQueueUrlAsEndpoint: !aws.sqs.endpoint }),
    'queue',
  );
  const documents = DynamoDBDocument.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } });

  for (const client of [s3, dynamodb, sqs]) trackCalls(client, underWay);

  return {
    s3,
    publicS3,
    dynamodb,
    documents,
    sqs,
    destroy() {
      for (const client of [s3, publicS3, dynamodb, sqs]) client.destroy();
    },
  };
}

/** The calls of the client are under way until they are answered, whoever still waits for the answer. */
export function trackCalls(client: object, { track }: UnderWay) {
  (client as SdkClient).middlewareStack.add(
    (next: (args: unknown) => Promise<unknown>) => (args: unknown) => track(next(args)),
    { step: 'initialize', name: 'trackCalls', priority: 'high' },
  );
}

/** The database alone, for a command that needs nothing else. */
export function createDatabase({ region, endpoint }: { region: string; endpoint?: string }) {
  const client = reportOutages(new DynamoDBClient({ region, ...(endpoint ? { endpoint } : {}) }), 'database');
  return { documents: DynamoDBDocument.from(client), destroy: () => client.destroy() };
}
