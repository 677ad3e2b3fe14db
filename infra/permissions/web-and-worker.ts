// What the web and the worker both have.
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Deployment } from '../config.ts';
import type { DataStack } from '../stacks/data.stack.ts';
import type { IdentityStack } from '../stacks/identity.stack.ts';
import type { Statement } from './grant.ts';

export interface Parts {
  deployment: Deployment;
  data: DataStack;
  identity: IdentityStack;
}

const indexNames = ['byOwner', 'byKind', 'due'];

/** Access to documents for both processes: the web stores originals and shows results, the worker stores results. */
export function documentStatements({ data }: Parts): Statement[] {
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

/** The worker's sweeper finishes revocations that the web could not. */
export function revocationStatements({ identity }: Parts): Statement[] {
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
export function mirrorStatements({ identity }: Parts): Statement[] {
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

export function keyStatement(data: DataStack): Statement {
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

export function tableAndIndexes(table: ITable): string[] {
  return [table.tableArn, ...indexNames.map((name) => `${table.tableArn}/index/${name}`)];
}

export function objectsBelow(
  { bucket, stack }: DataStack,
  prefix: string,
): NonNullable<Statement['wildcard']> {
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
