import { Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Statement } from './grant.ts';
import { tableAndIndexes } from './web-and-worker.ts';

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
      resources: tableAndIndexes(table),
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
