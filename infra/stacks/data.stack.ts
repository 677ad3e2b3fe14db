// Persistent parts: documents in S3, items in DynamoDB, jobs in SQS, secrets, and the topic of alarms.

import type { Stack } from 'aws-cdk-lib';
import { type App, CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  HttpMethods,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { type CfnSecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { tableDefinition } from '../../src/aws/table.ts';
import type { Deployment } from '../config.ts';
import { acknowledge } from './acknowledge.ts';
import { addDataAlarms } from './alarms.ts';
import { guardData } from './break-glass.ts';
import { addProductAlarms } from './product-alarms.ts';
import { createStack } from './stack.ts';

/** A restored table and its objects must both still exist: DynamoDB's maximum window, for both. */
const recoveryDays = 35;

export function createDataStack(app: App, { deployment }: { deployment: Deployment }) {
  const stack = createStack(app, deployment, {
    part: 'Data',
    description: 'documents, records, queues, secrets and alarms',
    keeps: true,
  });
  const key = new Key(stack, 'Key', {
    alias: `${deployment.name}-data`,
    description: 'Paperlift: documents, records, jobs and secrets',
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  key.grant(new ServicePrincipal('cloudwatch.amazonaws.com'), 'kms:Decrypt', 'kms:GenerateDataKey');

  const logBucket = createLogBucket(stack, deployment);
  const madeBucket = createBucket(stack, { deployment, key, logBucket });
  const madeTable = createTable(stack, { key, warmWriteUnits: deployment.warmWriteUnits });
  const pages = createQueue(stack, { id: 'Pages', name: `${deployment.name}-pages`, key, deployment });
  const exports = createQueue(stack, { id: 'Exports', name: `${deployment.name}-exports`, key, deployment });

  const secret = new Secret(stack, 'Secret', {
    secretName: `${deployment.name}/environment`,
    description: 'Paperlift: environment variables that are secret, as one JSON object',
    generateSecretString: {
      secretStringTemplate: '{}',
      generateStringKey: 'SESSION_SECRET',
      passwordLength: 64,
      excludePunctuation: true,
    },
    removalPolicy: RemovalPolicy.RETAIN,
  });
  // beside the construct, which would open the key to the whole account by way of Secrets Manager
  (secret.node.defaultChild as CfnSecret).kmsKeyId = key.keyArn;
  acknowledge(secret, {
    'AwsSolutions-SMG4':
      'It is rotated by hand, as docs/operations.md describes: a new SESSION_SECRET signs everyone out, and the identity provider needs a new signing key first.',
  });

  const alarmTopic = new Topic(stack, 'Alarms', { masterKey: key, enforceSSL: true });
  // a topic with its own policy allows only the publishers that it names
  alarmTopic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [alarmTopic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': deployment.account } },
    }),
  );
  if (deployment.alarmMail) alarmTopic.addSubscription(new EmailSubscription(deployment.alarmMail));

  // kept: others' rules are on it
  const eventBus = deployment.eventBus
    ? new EventBus(stack, 'Events', {
        eventBusName: `${deployment.name}-events`,
        description: 'Paperlift: what happens in projects',
      })
    : undefined;
  eventBus?.applyRemovalPolicy(RemovalPolicy.RETAIN);

  // exported for good: CloudFormation cannot remove an export that stacks still use, as after a restore
  for (const value of [
    madeBucket.bucketArn,
    madeBucket.bucketName,
    madeTable.tableArn,
    madeTable.tableName,
  ]) {
    stack.exportValue(value);
  }
  const { restored } = deployment;
  const bucket = restored.bucket
    ? Bucket.fromBucketName(stack, 'RestoredBucket', restored.bucket)
    : madeBucket;
  const table = restored.table
    ? Table.fromTableAttributes(stack, 'RestoredTable', { tableName: restored.table, encryptionKey: key })
    : madeTable;
  const queues = { pages, exports };
  const data = { stack, key, logBucket, bucket, table, queues, secret, alarmTopic, eventBus };
  addDataAlarms(data);
  if (deployment.telemetry.metrics) addProductAlarms(data, deployment);
  guardData(stack, { deployment, bucket: madeBucket, table: madeTable, key, alarmTopic });

  new CfnOutput(stack, 'BucketName', { value: bucket.bucketName });
  new CfnOutput(stack, 'TableName', { value: table.tableName });
  new CfnOutput(stack, 'SecretArn', { value: secret.secretArn });
  return data;
}

export type DataStack = ReturnType<typeof createDataStack>;

function createLogBucket(stack: Stack, deployment: Deployment) {
  const bucket = new Bucket(stack, 'Logs', {
    // access logs of S3 and of load balancers are delivered to buckets with S3's own keys only
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [{ id: 'old-logs', expiration: Duration.days(deployment.logDays) }],
  });
  acknowledge(bucket, {
    'AwsSolutions-S1':
      'This bucket stores the access logs. Access logs of its own would log their own delivery.',
  });
  return bucket;
}

function createBucket(
  stack: Stack,
  { deployment, key, logBucket }: { deployment: Deployment; key: Key; logBucket: Bucket },
) {
  return new Bucket(stack, 'Bucket', {
    encryption: BucketEncryption.KMS,
    encryptionKey: key,
    bucketKeyEnabled: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    versioned: true,
    serverAccessLogsBucket: logBucket,
    serverAccessLogsPrefix: 's3/',
    removalPolicy: RemovalPolicy.RETAIN,
    cors: [
      {
        allowedOrigins: [deployment.publicUrl],
        allowedMethods: [HttpMethods.PUT, HttpMethods.GET],
        allowedHeaders: ['content-type', 'if-none-match', 'x-amz-*'],
        exposedHeaders: ['ETag'],
        maxAge: 3600,
      },
    ],
    lifecycleRules: [
      {
        id: 'staged-uploads',
        prefix: 'uploads/',
        expiration: Duration.days(1),
        noncurrentVersionExpiration: Duration.days(1),
      },
      { id: 'broken-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      {
        id: 'deleted-documents',
        prefix: 'projects/',
        noncurrentVersionExpiration: Duration.days(recoveryDays),
      },
      { id: 'left-over-markers', expiredObjectDeleteMarker: true },
    ],
  });
}

/** The table as src/aws/table.ts defines it, which the local stack makes too. */
function createTable(
  stack: Stack,
  { key, warmWriteUnits }: { key: Key; warmWriteUnits: number | undefined },
) {
  const { KeySchema, GlobalSecondaryIndexes } = tableDefinition('named by CloudFormation');
  const keysOf = ([hash, range]: readonly { AttributeName: string }[]) => ({
    partitionKey: { name: hash?.AttributeName ?? '', type: AttributeType.STRING },
    sortKey: { name: range?.AttributeName ?? '', type: AttributeType.STRING },
  });
  const warm =
    warmWriteUnits === undefined ? {} : { warmThroughput: { writeUnitsPerSecond: warmWriteUnits } };
  const table = new Table(stack, 'Table', {
    ...keysOf(KeySchema),
    ...warm,
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey: key,
    timeToLiveAttribute: 'expiresAt',
    pointInTimeRecoverySpecification: {
      pointInTimeRecoveryEnabled: true,
      recoveryPeriodInDays: recoveryDays,
    },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  for (const { IndexName, KeySchema: keys } of GlobalSecondaryIndexes) {
    table.addGlobalSecondaryIndex({ indexName: IndexName, ...keysOf(keys), ...warm });
  }
  return table;
}

/** Receives after which a message goes to the dead-letter queue, as in the local stack. */
const maxReceiveCount = 20;

function createQueue(
  stack: Stack,
  { id, name, key, deployment }: { id: string; name: string; key: Key; deployment: Deployment },
) {
  const common = {
    encryption: QueueEncryption.KMS,
    encryptionMasterKey: key,
    dataKeyReuse: Duration.hours(1),
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  };
  const dead = new Queue(stack, `${id}Dead`, { ...common, queueName: `${name}-dead` });
  const queue = new Queue(stack, id, {
    ...common,
    queueName: name,
    // six times the function's timeout (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html);
    // Fargate's long poller sets its own
    visibilityTimeout: Duration.seconds((deployment.lambda?.worker.timeoutSeconds ?? 30) * 6),
    deadLetterQueue: { queue: dead, maxReceiveCount },
  });
  return { queue, dead };
}
