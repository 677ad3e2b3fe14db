import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { tableDefinition } from '../aws/table.ts';

const activeWithinMs = 120_000;
const lookAgainMs = 500;

/** Makes the table with its indexes and its expiry. Throws when a table of that name has not the indexes. */
export async function setUpTable({
  dynamodb,
  table,
  say,
}: {
  dynamodb: DynamoDBClient;
  table: string;
  say: (line: string) => void;
}): Promise<void> {
  const definition = tableDefinition(table);
  const made = await dynamodb.send(new CreateTableCommand(definition)).then(
    () => true,
    (error) => {
      if (error.name === 'ResourceInUseException') return false;
      throw error;
    },
  );
  const indexes = await waitUntilActive();
  const missing = definition.GlobalSecondaryIndexes.filter(({ IndexName }) => !indexes.includes(IndexName));
  if (missing.length > 0) {
    const names = missing.map(({ IndexName }) => IndexName).join(', ');
    throw new Error(`The table ${table} was not created by Paperlift: it has no index ${names}.`);
  }
  say(`table ${table}: ${made ? 'created' : 'exists'}, with ${indexes.length} indexes`);
  say(`table ${table}: TTL ${await setUpExpiry()}`);

  async function waitUntilActive(): Promise<(string | undefined)[]> {
    const deadline = Date.now() + activeWithinMs;
    for (;;) {
      const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: table }));
      const indexes = Table?.GlobalSecondaryIndexes ?? [];
      // Not every engine tells the state of an index.
      const waiting = indexes.some(({ IndexStatus }) => IndexStatus && IndexStatus !== 'ACTIVE');
      if (Table?.TableStatus === 'ACTIVE' && !waiting) return indexes.map(({ IndexName }) => IndexName);
      if (Date.now() > deadline) throw new Error(`The table ${table} is still ${Table?.TableStatus}.`);
      await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
    }
  }

  /** Enabling it a second time is an error in DynamoDB, so that it is looked at first. */
  async function setUpExpiry(): Promise<string> {
    try {
      const { TimeToLiveDescription: current } = await dynamodb.send(
        new DescribeTimeToLiveCommand({ TableName: table }),
      );
      if (current?.TimeToLiveStatus?.startsWith('ENABL')) return 'already';
      await dynamodb.send(
        new UpdateTimeToLiveCommand({
          TableName: table,
          TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        }),
      );
      return 'enabled';
    } catch (error) {
      if (!notOffered(error)) throw error;
      // Expiry is checked on every read as well: what is expired is never used, it only takes room.
      return 'not supported by this engine';
    }
  }
}

/** Whether an engine that stands in for AWS does not know an operation. */
export function notOffered(error: unknown): boolean {
  const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
  return (
    name === 'UnknownOperationException' || name === 'NotImplemented' || $metadata?.httpStatusCode === 501
  );
}
