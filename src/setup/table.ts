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

/** Creates the table with its indexes and its expiry. Throws when an existing table lacks indexes. */
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
      // not every engine reports the state of an index
      const waiting = indexes.some(({ IndexStatus }) => IndexStatus && IndexStatus !== 'ACTIVE');
      if (Table?.TableStatus === 'ACTIVE' && !waiting) return indexes.map(({ IndexName }) => IndexName);
      if (Date.now() > deadline) throw new Error(`The table ${table} is still ${Table?.TableStatus}.`);
      await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
    }
  }

  /** Enabling it twice is an error in DynamoDB, so its state is read first. */
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
      // expiry is also checked on every read; deleting expired items only saves space
      return 'not supported by this engine';
    }
  }
}

/** Whether an engine that stands in for AWS does not support an operation. */
export function notOffered(error: unknown): boolean {
  const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
  return (
    name === 'UnknownOperationException' || name === 'NotImplemented' || $metadata?.httpStatusCode === 501
  );
}
