import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { SetupConfig } from '../config/setup.config.ts';
import { setUpBucket } from './bucket.ts';
import { setUpQueues } from './queues.ts';
import { setUpTable } from './table.ts';

/** Sets up all three in turn and reports each step. Throws the SDK's errors. */
export async function runSetup(config: SetupConfig, say: (line: string) => void): Promise<void> {
  const { region, publicUrl } = config;
  const common = (endpoint: string | undefined) => ({ region, ...(endpoint ? { endpoint } : {}) });
  const dynamodb = new DynamoDBClient(common(config.dynamodb.endpoint));
  const s3 = new S3Client({ ...common(config.s3.endpoint), forcePathStyle: Boolean(config.s3.endpoint) });
  const sqs = new SQSClient({ ...common(config.sqs.endpoint), useQueueUrlAsEndpoint: !config.sqs.endpoint });
  try {
    await setUpTable({ dynamodb, table: config.dynamodb.table, say });
    await setUpBucket({ s3, bucket: config.s3.bucket, region, publicUrl, say });
    await setUpQueues({ sqs, queueUrls: config.sqs.queueUrls, say });
  } finally {
    for (const client of [dynamodb, s3, sqs]) client.destroy();
  }
}
