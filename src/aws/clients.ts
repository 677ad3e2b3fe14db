import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Config } from '../config.ts';
import { loadOnUse } from '../load-on-use.ts';
import type { UnderWay } from '../under-way.ts';
import { reportOutages, type SdkClient } from './outages.ts';

/**
 * One SDK client a service; where an endpoint is configured, the same calls go to a stand-in there. Nearly every request
 * asks the database; the others are loaded when they are first called.
 */
export function createClients(aws: Config['aws'], underWay: UnderWay) {
  const opened: { destroy(): void }[] = [];
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
  const open = <Client extends { destroy(): void }>(client: Client): Client => {
    trackCalls(client, underWay);
    opened.push(client);
    return client;
  };

  const dynamodb = open(reportOutages(new DynamoDBClient(common(aws.dynamodb.endpoint, 5000)), 'database'));
  const documents = DynamoDBDocument.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } });
  const s3 = loadOnUse(
    underWay,
    async () => {
      const { createS3 } = await import('./s3.client.ts');
      return open(createS3(common(aws.s3.endpoint, 15_000)));
    },
    'send',
  );
  const sqs = loadOnUse(
    underWay,
    async () => {
      const { createSqs } = await import('./sqs.client.ts');
      return open(createSqs(common(aws.sqs.endpoint, 30_000)));
    },
    'send',
  );

  return {
    dynamodb,
    documents,
    s3,
    sqs,
    /** To be destroyed with the others. */
    open,
    destroy() {
      for (const client of opened) client.destroy();
    },
  };
}

export type Clients = ReturnType<typeof createClients>;

/** The calls of the client are under way until they are answered, whoever still waits for the answer. */
function trackCalls(client: object, { track }: UnderWay) {
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
