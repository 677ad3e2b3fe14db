import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import type { NodeHttpHandlerOptions } from '@smithy/node-http-handler';
import type { InFlight } from '../runtime/in-flight.ts';
import { loadOnUse } from '../runtime/load-on-use.ts';
import type { SdkClient } from './outages.ts';
import type { AwsSettings } from './settings.ts';
import { traceCalls } from './trace-calls.ts';

/** The DynamoDB document client's methods that stores use. */
export type Documents = Pick<
  DynamoDBDocument,
  'get' | 'put' | 'update' | 'delete' | 'query' | 'batchGet' | 'batchWrite' | 'send'
>;

/**
 * One SDK client for each service, loaded at its first call. With an endpoint, the same calls go to a stand-in.
 */
export function createClients(aws: AwsSettings, inFlight: InFlight) {
  const opened: { destroy(): void }[] = [];
  const common = (endpoint: string | undefined, requestTimeout: number, maxSockets = 50) => ({
    region: aws.region,
    ...(endpoint ? { endpoint } : {}),
    requestHandler: {
      connectionTimeout: 2000,
      requestTimeout,
      throwOnRequestTimeout: true,
      socketTimeout: requestTimeout, // requestTimeout ends when the headers arrive; a body may stop half way
      httpAgent: { keepAlive: true, maxSockets },
      httpsAgent: { keepAlive: true, maxSockets },
    } satisfies NodeHttpHandlerOptions,
  });
  const open = <Client extends { destroy(): void }>(client: Client): Client => {
    trackCalls(client, inFlight);
    traceCalls(client);
    skipCopiesForLog(client);
    opened.push(client);
    return client;
  };

  const documents: Documents = loadOnUse(inFlight, async () => {
    const { createDocuments, createDynamodb } = await import('./dynamodb.client.ts');
    return createDocuments(open(createDynamodb(common(aws.dynamodb.endpoint, 5000))));
  });
  const s3 = loadOnUse(inFlight, async () => {
    const { createS3 } = await import('./s3.client.ts');
    return open(createS3(common(aws.s3.endpoint, 15_000)));
  });
  const sqs = loadOnUse(inFlight, async () => {
    const { createSqs } = await import('./sqs.client.ts');
    return open(createSqs(common(aws.sqs.endpoint, 30_000)));
  });

  return {
    documents,
    s3,
    sqs,
    /** Registers a client to be destroyed with the others. */
    open,
    /** The same for one that is not of the SDK. */
    keep<Client extends { destroy(): void }>(client: Client): Client {
      opened.push(client);
      return client;
    },
    destroy() {
      for (const client of opened) client.destroy();
    },
  };
}

export type Clients = ReturnType<typeof createClients>;

/** The SDK makes a copy of each request and answer without secrets, even when no log takes it. */
function skipCopiesForLog(client: object) {
  (client as SdkClient).middlewareStack.remove('loggerMiddleware');
}

/** Counts a call as in flight until it is answered, even when no one awaits the answer any more. */
function trackCalls(client: object, { track }: InFlight) {
  (client as SdkClient).middlewareStack.add(
    (next: (args: unknown) => Promise<unknown>) => (args: unknown) => track(next(args)),
    { step: 'initialize', name: 'trackCalls', priority: 'high' },
  );
}
