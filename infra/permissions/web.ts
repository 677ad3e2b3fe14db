import type { Statement } from './grant.ts';
import { pushStatements } from './optional-steps.ts';
import {
  documentStatements,
  keyStatement,
  mirrorStatements,
  objectsBelow,
  type Parts,
  revocationStatements,
  tableAndIndexes,
} from './web-and-worker.ts';

/** The web's permissions: exactly the actions of the SDK's commands in src/, which a test checks. */
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
      resources: tableAndIndexes(data.table),
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
