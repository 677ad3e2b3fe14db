import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { loadSetupConfig } from '../../src/config/setup.config.ts';
import { startStandIns } from '../../src/local/stand-ins.ts';
import { runSetup } from '../../src/setup/run-setup.ts';

let dataDirectory: string;
let standIns: Awaited<ReturnType<typeof startStandIns>>;

before(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'paperlift-setup-'));
  standIns = await startStandIns({
    dataDirectory,
    ports: 'any',
    publicUrl: 'http://localhost:3000',
    textract: false,
    identityProvider: false,
  });
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) process.env[name] = standIns.env[name];
});

after(async () => {
  await standIns.stop();
  await rm(dataDirectory, { recursive: true });
});

function configOf(name: string) {
  return loadSetupConfig({
    ...standIns.env,
    S3_BUCKET: name,
    DYNAMODB_TABLE: name,
    PAGES_QUEUE_URL: `${standIns.env.SQS_ENDPOINT}/000000000000/${name}-pages`,
    EXPORTS_QUEUE_URL: `${standIns.env.SQS_ENDPOINT}/000000000000/${name}-exports`,
  });
}

async function setUp(name: string): Promise<string> {
  const lines: string[] = [];
  await runSetup(configOf(name), (line) => lines.push(line));
  return lines.join('\n');
}

describe('setting up', () => {
  test('makes the table, the bucket and the queues, and a second time changes nothing', async () => {
    const { region, dynamodb, s3, sqs } = configOf('fresh');
    assert.match(await setUp('fresh'), /table fresh: created, with 3 indexes[\s\S]*bucket fresh: created/);

    const common = { region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
    const database = new DynamoDBClient({ ...common, endpoint: dynamodb.endpoint });
    const storage = new S3Client({ ...common, endpoint: s3.endpoint, forcePathStyle: true });
    const queues = new SQSClient({ ...common, endpoint: sqs.endpoint });
    const { Table } = await database.send(new DescribeTableCommand({ TableName: 'fresh' }));
    const indexes = Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).sort();
    assert.deepEqual(indexes, ['byKind', 'byOwner', 'due']);
    await storage.send(new HeadBucketCommand({ Bucket: 'fresh' }));
    for (const QueueUrl of sqs.queueUrls) {
      const { Attributes } = await queues.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
      );
      const policy = JSON.parse(Attributes?.RedrivePolicy ?? '{}');
      assert.equal(Number(policy.maxReceiveCount), 20);
      assert.equal(policy.deadLetterTargetArn, `${Attributes?.QueueArn}-dead`);
      assert.equal(Attributes?.MessageRetentionPeriod, '1209600');
    }
    for (const client of [database, storage, queues]) client.destroy();

    const again = await setUp('fresh');
    assert.match(again, /table fresh: exists[\s\S]*bucket fresh: exists[\s\S]*queue fresh-pages: exists/);
    assert.doesNotMatch(again, /: created/);
  });

  test('says what an engine cannot do, and goes on', async () => {
    // dynalite knows no time to live
    assert.match(
      await setUp('lacking'),
      /TTL not supported by this engine[\s\S]*queue lacking-pages: created/,
    );
  });

  test('refuses a table that is somebody else’s', async () => {
    const { CreateTableCommand } = await import('@aws-sdk/client-dynamodb');
    const database = new DynamoDBClient({
      region: 'us-east-1',
      endpoint: standIns.env.DYNAMODB_ENDPOINT,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    await database.send(
      new CreateTableCommand({
        TableName: 'other',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    database.destroy();
    await assert.rejects(
      setUp('other'),
      /table other was not created by Paperlift: it has no index byOwner, byKind, due/,
    );
  });

  test('names every variable that is missing', () => {
    assert.throws(
      () => loadSetupConfig({}),
      /PUBLIC_URL[\s\S]*S3_BUCKET[\s\S]*DYNAMODB_TABLE[\s\S]*PAGES_QUEUE_URL/,
    );
  });
});
