// The permissions of Paperlift's own roles: exactly the actions of the SDK's commands in src/, which a test checks.
import { Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Deployment } from '../config.ts';
import type { DataStack } from '../stacks/data.stack.ts';
import type { IdentityStack } from '../stacks/identity.stack.ts';
import type { Statement } from './grant.ts';
import { optionalStepStatements, pushStatements } from './optional-steps.ts';

interface Parts {
  deployment: Deployment;
  data: DataStack;
  identity: IdentityStack;
}

const indexNames = ['byOwner', 'byKind', 'due'];

/** The web's permissions. */
export function webStatements(parts: Parts): Statement[] {
  const { data, identity } = parts;
  const { pages, exports } = data.queues;
  return [
    ...documentStatements(parts),
    {
      sid: 'UseStagedUploads',
      actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      resources: [data.bucket.arnForObjects('uploads/*')],
      why: 'presigns uploads of large files, reads them when they are complete, and removes them',
      wildcard: objectsBelow(data, 'uploads/*'),
    },
    {
      sid: 'UseRecords',
      actions: [
        'dynamodb:GetItem',
        'dynamodb:BatchGetItem',
        'dynamodb:Query',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
        'dynamodb:BatchWriteItem',
      ],
      resources: tableAndIndexes(data),
      why: 'reads and writes sessions, people, projects, pages, exports and trails',
    },
    {
      sid: 'CheckTable',
      actions: ['dynamodb:DescribeTable'],
      resources: [data.table.tableArn],
      why: '/health/ready checks that the table exists',
    },
    {
      sid: 'SendJobs',
      actions: ['sqs:SendMessage'],
      resources: [pages.queue.queueArn, exports.queue.queueArn],
      why: 'enqueues pages to process and exports to create',
    },
    {
      sid: 'CheckQueue',
      actions: ['sqs:GetQueueAttributes'],
      resources: [pages.queue.queueArn],
      why: '/health/ready checks that the queue exists',
    },
    ...mirrorStatements(parts),
    {
      sid: 'EndPoolSessions',
      actions: ['cognito-idp:AdminUserGlobalSignOut'],
      resources: [identity.pool.userPoolArn],
      why: '“sign out everywhere” ends the pool’s tokens too',
    },
    {
      sid: 'CreateServiceAccounts',
      actions: ['cognito-idp:CreateUserPoolClient'],
      resources: [identity.pool.userPoolArn],
      why: 'administrators create service accounts, each with a client of its own in the pool',
    },
    ...revocationStatements(parts),
    ...pushStatements(parts.deployment), // “Send a test file”, “Do it again”
    keyStatement(data),
  ];
}

/** The worker's permissions. */
export function workerStatements(parts: Parts): Statement[] {
  const { data } = parts;
  const queueArns = [data.queues.pages.queue.queueArn, data.queues.exports.queue.queueArn];
  return [
    ...documentStatements(parts),
    {
      sid: 'RemoveStagedUploads',
      actions: ['s3:DeleteObject'],
      resources: [data.bucket.arnForObjects('uploads/*')],
      why: 'the sweeper removes uploads that were never completed',
      wildcard: objectsBelow(data, 'uploads/*'),
    },
    {
      sid: 'UseRecords',
      actions: [
        'dynamodb:GetItem',
        'dynamodb:Query',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
        'dynamodb:BatchWriteItem',
      ],
      resources: tableAndIndexes(data),
      why: 'claims jobs and writes their results; the sweeper finds overdue jobs and finishes deletions',
    },
    {
      sid: 'TakeJobs',
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
      resources: queueArns,
      why: 'receives jobs, deletes completed ones and makes others visible again',
    },
    {
      sid: 'SendJobs',
      actions: ['sqs:SendMessage'],
      resources: queueArns,
      why: 'sends lost jobs again, next steps of files, and jobs that make way for other people’s',
    },
    {
      sid: 'DetectText',
      actions: ['textract:DetectDocumentText'],
      resources: ['*'],
      why: 'detects the text of pages',
      wildcard: {
        findings: ['Resource::*'],
        reason: 'Textract’s DetectDocumentText supports no resources: IAM accepts only * for it.',
      },
    },
    ...optionalStepStatements(parts.deployment),
    ...busStatements(parts),
    ...pushStatements(parts.deployment),
    ...mirrorStatements(parts),
    ...revocationStatements(parts),
    keyStatement(data),
  ];
}

/** The methods of HTTP that search, write and rebuild an index. */
export const searchActions = ['es:ESHttpDelete', 'es:ESHttpGet', 'es:ESHttpPost', 'es:ESHttpPut'];

/** Of both processes, where the deployment has a domain of Amazon OpenSearch Service. */
export function searchStatements(domainArn: string): Statement[] {
  return [
    {
      sid: 'UseSearch',
      actions: searchActions,
      resources: [`${domainArn}/*`],
      why: 'searches, writes the texts that change, and builds the index',
      wildcard: {
        findings: [`Resource::${domainArn}/*`],
        reason: 'Paths of one domain, which holds Paperlift’s indexes alone; a bulk request names none.',
      },
    },
  ];
}

/** What Lambda's event source needs in a function's role. */
export function queueSourceStatements({ data }: Pick<Parts, 'data'>): Statement[] {
  return [
    {
      sid: 'LetLambdaPoll',
      actions: ['sqs:GetQueueAttributes'],
      resources: [data.queues.pages.queue.queueArn, data.queues.exports.queue.queueArn],
      why: 'Lambda polls the queues on behalf of the function',
    },
  ];
}

export function secretStatements({ data }: Pick<Parts, 'data'>): Statement[] {
  return [
    {
      sid: 'ReadSecret',
      actions: ['secretsmanager:GetSecretValue'],
      resources: [data.secret.secretArn],
      why: 'reads the secret environment variables at startup',
    },
  ];
}

/** ECS reads the secret for the task, before it starts. */
export function secretKeyStatements({ data }: Pick<Parts, 'data'>): Statement[] {
  const condition = { 'kms:ViaService': `secretsmanager.${data.stack.region}.amazonaws.com` };
  return [
    {
      sid: 'OpenSecret',
      actions: ['kms:Decrypt'],
      resources: [data.key.keyArn],
      conditions: { StringEquals: condition },
      why: 'the secret is encrypted with the deployment’s key',
    },
  ];
}

export function functionLogStatements(logGroup: ILogGroup): Statement[] {
  const id = Stack.of(logGroup).getLogicalId(logGroup.node.defaultChild as never);
  return [
    {
      sid: 'WriteLog',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
      why: 'writes the function’s own log group',
      wildcard: {
        findings: [`Resource::<${id}.Arn>`],
        reason: 'The streams of one log group; their names are Lambda’s.',
      },
    },
  ];
}

export function scheduleStatements(worker: IFunction): Statement[] {
  return [
    {
      sid: 'StartSweep',
      actions: ['lambda:InvokeFunction'],
      resources: [worker.functionArn],
      why: 'starts the sweeper every minute',
    },
  ];
}

/** Reading and repairing by hand: the records, their copies, and documents with their earlier versions. */
export function breakGlassStatements({
  bucket,
  table,
  key,
}: {
  bucket: IBucket;
  table: ITable;
  key: IKey;
}): Statement[] {
  const { region } = Stack.of(key);
  const id = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as never);
  return [
    {
      sid: 'RepairRecords',
      actions: [
        'dynamodb:GetItem',
        'dynamodb:Query',
        'dynamodb:Scan',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
        'dynamodb:DescribeTable',
      ],
      resources: [table.tableArn, ...indexNames.map((name) => `${table.tableArn}/index/${name}`)],
      why: 'reads records, verifies audit trails and repairs what no page can repair',
    },
    {
      sid: 'RestoreRecords',
      actions: ['dynamodb:RestoreTableToPointInTime', 'dynamodb:ExportTableToPointInTime'],
      resources: [table.tableArn],
      why: 'restores the table to an earlier time, and exports it',
    },
    {
      sid: 'ReadObjects',
      actions: ['s3:GetObject', 's3:GetObjectVersion', 's3:DeleteObjectVersion', 's3:PutObject'],
      resources: ['projects/*', 'uploads/*'].map((prefix) => bucket.arnForObjects(prefix)),
      why: 'reads documents, and restores deleted ones by removing their delete markers',
      wildcard: {
        findings: ['projects/*', 'uploads/*'].map((prefix) => `Resource::<${id}.Arn>/${prefix}`),
        reason: 'Keys contain the ids of projects, pages and exports, which change.',
      },
    },
    {
      sid: 'ListObjects',
      actions: ['s3:ListBucket', 's3:ListBucketVersions'],
      resources: [bucket.bucketArn],
      why: 'finds documents and their delete markers',
    },
    {
      sid: 'OpenData',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [key.keyArn],
      conditions: {
        StringEquals: {
          'kms:ViaService': ['s3', 'dynamodb'].map((service) => `${service}.${region}.amazonaws.com`),
        },
      },
      why: 'records and documents are encrypted with the deployment’s key; only through those services',
    },
  ];
}

/** What API Gateway checks that its role has. https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html */
export function apiLogStatements(): Statement[] {
  return [
    {
      sid: 'WriteApiLogs',
      actions: [
        'logs:CreateLogGroup',
        'logs:CreateLogStream',
        'logs:DescribeLogGroups',
        'logs:DescribeLogStreams',
        'logs:PutLogEvents',
        'logs:GetLogEvents',
        'logs:FilterLogEvents',
      ],
      resources: ['*'],
      why: 'API Gateway writes the logs of all REST APIs of the account by one role, and refuses a role with less',
      wildcard: {
        findings: ['Resource::*'],
        reason: 'The role is the account’s: it writes the logs of other APIs, too.',
      },
    },
  ];
}

/** What sends traces to X-Ray: the collector beside a task. Functions have it by their tracing. */
export function traceStatements(): Statement[] {
  return [
    {
      sid: 'WriteTraces',
      actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
      resources: ['*'],
      why: 'the collector beside the task writes traces; X-Ray supports no resource',
      wildcard: { findings: ['Resource::*'], reason: tracingReason },
    },
  ];
}

export const tracingReason = 'X-Ray supports no resource for writing traces.';

/** Access to documents for both processes: the web stores originals and shows results, the worker stores results. */
function documentStatements({ data }: Parts): Statement[] {
  return [
    {
      sid: 'UseDocuments',
      actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
      resources: [data.bucket.arnForObjects('projects/*')],
      why: 'stores, reads and deletes originals, page images, detected text and exports; aborts incomplete uploads',
      wildcard: objectsBelow(data, 'projects/*'),
    },
    {
      sid: 'FindDocuments',
      actions: ['s3:ListBucket'],
      resources: [data.bucket.bucketArn],
      why: 'lists a project’s objects to delete them; /health/ready checks that the bucket exists; distinguishes missing objects from forbidden ones',
    },
  ];
}

/** The worker delivers events, the web only notes that there are some. */
function busStatements({ data }: Parts): Statement[] {
  if (!data.eventBus) return [];
  return [
    {
      sid: 'PutEvents',
      actions: ['events:PutEvents'],
      resources: [data.eventBus.eventBusArn],
      conditions: { StringEquals: { 'events:source': 'paperlift' } },
      why: 'tells the event bus what happens in projects; only with `eventBus`',
    },
  ];
}

/** The worker's sweeper finishes revocations that the web could not. */
function revocationStatements({ identity }: Parts): Statement[] {
  return [
    {
      sid: 'DeleteServiceAccounts',
      actions: ['cognito-idp:DeleteUserPoolClient'],
      resources: [identity.pool.userPoolArn],
      why: 'a revoked service account’s client is deleted, so that the pool issues no more tokens to it',
    },
  ];
}

/** The worker's sweeper repairs mirrors too. */
function mirrorStatements({ identity }: Parts): Statement[] {
  return [
    {
      sid: 'MirrorPeople',
      actions: [
        'cognito-idp:AdminGetUser',
        'cognito-idp:AdminCreateUser',
        'cognito-idp:AdminListGroupsForUser',
        'cognito-idp:AdminAddUserToGroup',
        'cognito-idp:AdminRemoveUserFromGroup',
      ],
      resources: [identity.pool.userPoolArn],
      why: 'mirrors people and their groups into the user pool at sign-in, or from the sweeper if that failed',
    },
  ];
}

function keyStatement(data: DataStack): Statement {
  const { region } = data.stack;
  return {
    sid: 'UseKey',
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: [data.key.keyArn],
    conditions: {
      StringEquals: {
        'kms:ViaService': ['s3', 'sqs', 'dynamodb', 'secretsmanager'].map(
          (service) => `${service}.${region}.amazonaws.com`,
        ),
      },
    },
    why: 'documents, jobs, records and the secret are encrypted with the deployment’s key; only through those services',
  };
}

function tableAndIndexes({ table }: DataStack): string[] {
  return [table.tableArn, ...indexNames.map((name) => `${table.tableArn}/index/${name}`)];
}

function objectsBelow({ bucket, stack }: DataStack, prefix: string): NonNullable<Statement['wildcard']> {
  // as the rule sees it: the name of the export by which another stack knows the bucket, or a restored bucket's ARN
  const imported = stack.resolve(bucket.bucketArn);
  const arn =
    typeof imported === 'string'
      ? imported
      : stack.resolve(stack.exportValue(bucket.bucketArn))['Fn::ImportValue'];
  return {
    findings: [`Resource::${arn}/${prefix}`],
    reason: 'Keys contain the ids of projects, pages and exports, which change; nothing outside the prefix.',
  };
}
