import { DescribeTableCommand, DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { reportOutages } from './outages.ts';

export function createDynamodb(common: Pick<DynamoDBClientConfig, 'region' | 'endpoint' | 'requestHandler'>) {
  return reportOutages(new DynamoDBClient(common), 'database');
}

export function createDocuments(client: DynamoDBClient) {
  return DynamoDBDocument.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

/** Throws when the table is missing or cannot be reached. */
export async function checkTable(documents: Pick<DynamoDBDocument, 'send'>, table: string) {
  await documents.send(new DescribeTableCommand({ TableName: table }) as never);
}

/** The table alone, for commands that need nothing else. */
export function createDatabase({ region, endpoint }: { region: string; endpoint?: string }) {
  const client = createDynamodb({ region, ...(endpoint ? { endpoint } : {}) });
  return { documents: DynamoDBDocument.from(client), destroy: () => client.destroy() };
}
