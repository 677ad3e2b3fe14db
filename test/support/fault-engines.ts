// S3, SQS and DynamoDB for fault tests: the stand-ins, or the engines that FAULT_ENGINES names, as JSON
// (`npm run onprem:check` does). On engines, which all tests share, each test has a bucket, a table and queues of its own.
import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { ulid } from 'ulid';
import { loadSetupConfig } from '../../src/config/setup.config.ts';
import { startDatabase } from '../../src/local/database.stand-in.ts';
import { startObjectStoreAndQueues } from '../../src/local/object-store-and-queues.stand-in.ts';
import { runSetup } from '../../src/setup/run-setup.ts';
import { findFreePort } from './free-port.ts';

/** Addresses of engines, and the key that they know. */
export interface RealEngines {
  s3: string;
  sqs: string;
  database: string;
  accessKeyId: string;
  secretAccessKey: string;
}

export interface FaultEngines {
  s3: string;
  sqs: string;
  database: string;
  bucket: string;
  table: string;
  /** A queue's URL by the name that it has in the stand-ins. */
  queueUrl(name: string): string;
  /** Stops all, and starts them again where they were, with what they kept. */
  restart(downMs: number): Promise<void>;
  stop(): Promise<unknown>;
}

interface Options {
  directory: string;
  /** Whether the stand-ins keep their state, so that they can be restarted. */
  onDisk: boolean;
}

const account = '000000000000';
export const queues = ['paperlift-pages', 'paperlift-exports'];
const { FAULT_ENGINES } = process.env;

/** Whether tests run on engines that they cannot restart. */
export const areEnginesShared = FAULT_ENGINES !== undefined;

export function startFaultEngines(options: Options): Promise<FaultEngines> {
  return FAULT_ENGINES ? setUpOn(JSON.parse(FAULT_ENGINES) as RealEngines) : startStandIns(options);
}

/** Where the SDK looks for credentials, as in production. */
function useCredentials(accessKeyId: string, secretAccessKey: string) {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
}

async function startStandIns({ directory, onDisk }: Options): Promise<FaultEngines> {
  useCredentials('local', 'local');
  const [bucket, table] = ['paperlift', 'paperlift'];
  const startAws = (port: number) =>
    startObjectStoreAndQueues({
      directory: onDisk ? path.join(directory, 'aws') : undefined,
      port,
      region: 'us-east-1',
      bucket,
      queues,
    });
  const startTable = (port: number) =>
    startDatabase({ directory: onDisk ? path.join(directory, 'database') : undefined, port, table });
  const port = onDisk ? findFreePort : () => 0; // so that the restarted ones have the same ports
  let [aws, database] = await Promise.all([startAws(await port()), startTable(await port())]);
  return {
    s3: aws.endpoint,
    sqs: aws.endpoint,
    database: database.endpoint,
    bucket,
    table,
    queueUrl: (name) => aws.queueUrl(name),
    async restart(downMs) {
      assert.ok(onDisk, 'stand-ins in memory cannot be restarted');
      const [awsPort, tablePort] = [aws.endpoint, database.endpoint].map((url) => Number(new URL(url).port));
      await Promise.all([aws.stop(), database.stop()]);
      await delay(downMs);
      [aws, database] = await Promise.all([startAws(awsPort as number), startTable(tablePort as number)]);
    },
    stop: () => Promise.all([aws.stop(), database.stop()]),
  };
}

/** SeaweedFS keeps seven volumes for each bucket, and has as many as the disk has room for. */
const mostBuckets = 4;
const waiting: (() => void)[] = [];
let bucketsInUse = 0;

async function takePlace(): Promise<void> {
  if (bucketsInUse < mostBuckets) bucketsInUse += 1;
  else await new Promise<void>((resolve) => waiting.push(resolve));
}

function givePlace() {
  const next = waiting.shift();
  if (next) next();
  else bucketsInUse -= 1;
}

async function setUpOn(engines: RealEngines): Promise<FaultEngines> {
  await takePlace();
  useCredentials(engines.accessKeyId, engines.secretAccessKey);
  const name = `faults-${ulid().toLowerCase()}`;
  const queueUrl = (queue: string) => `${engines.sqs}/${account}/${name}-${queue}`;
  const [PAGES_QUEUE_URL, EXPORTS_QUEUE_URL] = queues.map(queueUrl);
  const config = loadSetupConfig({
    PUBLIC_URL: 'http://localhost:3000',
    S3_ENDPOINT: engines.s3,
    S3_BUCKET: name,
    DYNAMODB_ENDPOINT: engines.database,
    DYNAMODB_TABLE: name,
    SQS_ENDPOINT: engines.sqs,
    PAGES_QUEUE_URL,
    EXPORTS_QUEUE_URL,
  });
  await runSetup(config, () => {}).catch((error) => {
    givePlace();
    throw error;
  });
  return {
    ...engines,
    bucket: name,
    table: name,
    queueUrl,
    restart: () => assert.fail('engines that tests share are not restarted'),
    async stop() {
      await removeBucket(engines.s3, name).finally(givePlace);
    },
  };
}

async function removeBucket(endpoint: string, Bucket: string): Promise<void> {
  const s3 = new S3Client({ region: 'us-east-1', endpoint, forcePathStyle: true });
  try {
    const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
    for (const { Key, UploadId } of Uploads)
      await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    for (;;) {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
      if (Contents.length === 0) break;
      await Promise.all(Contents.map(({ Key }) => s3.send(new DeleteObjectCommand({ Bucket, Key }))));
    }
    await s3.send(new DeleteBucketCommand({ Bucket }));
  } finally {
    s3.destroy();
  }
}

/** As events name a queue. */
export function arnOf(queueUrl: string): string {
  return `arn:aws:sqs:us-east-1:${account}:${new URL(queueUrl).pathname.split('/').at(-1)}`;
}
