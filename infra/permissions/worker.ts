import type { Statement } from './grant.ts';
import { optionalStepStatements, pushStatements } from './optional-steps.ts';
import {
  documentStatements,
  keyStatement,
  mirrorStatements,
  objectsBelow,
  type Parts,
  revocationStatements,
  tableAndIndexes,
} from './web-and-worker.ts';

/** The worker's permissions: exactly the actions of the SDK's commands in src/, which a test checks. */
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
      resources: tableAndIndexes(data.table),
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
