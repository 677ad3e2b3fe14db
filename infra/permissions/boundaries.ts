// The most that the roles of the stacks may do, and the most that deploying them may do. They grant nothing by themselves.
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Deployment } from '../config.ts';
import { arnOfPolicy, partitionOf } from '../stacks/role-names.ts';
import { copyActions, itemActions, objectActions } from './guard.ts';
import { searchActions } from './search.ts';

/** Every action that a role of the stacks has, as a test checks, and nothing of IAM or STS. */
export const roleActions = [
  'cognito-idp:AdminAddUserToGroup',
  'cognito-idp:AdminCreateUser',
  'cognito-idp:AdminGetUser',
  'cognito-idp:AdminListGroupsForUser',
  'cognito-idp:AdminRemoveUserFromGroup',
  'cognito-idp:AdminUserGlobalSignOut',
  'cognito-idp:CreateUserPoolClient',
  'cognito-idp:DeleteUserPoolClient',
  'comprehend:DetectDominantLanguage',
  'dynamodb:BatchGetItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:DeleteItem',
  'dynamodb:DescribeTable',
  'dynamodb:ExportTableToPointInTime',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:RestoreTableToPointInTime',
  'dynamodb:Scan',
  'dynamodb:UpdateItem',
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:GetAuthorizationToken',
  'ecr:GetDownloadUrlForLayer',
  'events:PutEvents',
  'kms:Decrypt',
  'kms:GenerateDataKey',
  'lambda:InvokeFunction',
  'logs:CreateLogGroup',
  'logs:CreateLogStream',
  'logs:DescribeLogGroups',
  'logs:DescribeLogStreams',
  'logs:FilterLogEvents',
  'logs:GetLogEvents',
  'logs:PutLogEvents',
  'rekognition:DetectModerationLabels',
  's3:AbortMultipartUpload',
  's3:DeleteObject',
  's3:DeleteObjectVersion',
  's3:GetObject',
  's3:GetObjectVersion',
  's3:ListBucket',
  's3:ListBucketVersions',
  's3:PutObject',
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:ReceiveMessage',
  'sqs:SendMessage',
  'textract:DetectDocumentText',
  'translate:TranslateText',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
];

/** Services whose resources are in the stacks. */
const deployedServices = [
  'apigateway',
  'application-autoscaling',
  'cloudwatch',
  'cognito-idp',
  'dynamodb',
  'ec2',
  'ecr',
  'ecs',
  'elasticloadbalancing',
  'es',
  'events',
  'kms',
  'lambda',
  'logs',
  'route53',
  's3',
  'scheduler',
  'secretsmanager',
  'signer',
  'sns',
  'sqs',
  'wafv2',
];

/** Services of these stacks that make a role of their own at their first use. */
const serviceLinked = [
  'ecs.amazonaws.com',
  'ecs.application-autoscaling.amazonaws.com',
  'elasticloadbalancing.amazonaws.com',
  'opensearchservice.amazonaws.com',
  'ops.apigateway.amazonaws.com',
  'wafv2.amazonaws.com',
];

/** Services that the roles of these stacks are made for. */
const passedTo = [
  'apigateway.amazonaws.com',
  'ecs-tasks.amazonaws.com',
  'lambda.amazonaws.com',
  'scheduler.amazonaws.com',
];

/** The boundary of the roles that the stacks create: within the account, and never IAM. */
export function roleBoundary({ account, fargate }: Deployment): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'AtMost',
      actions: [...roleActions, ...(fargate?.openSearch ? searchActions : [])],
      resources: ['*'],
      conditions: { StringEqualsIfExists: { 'aws:ResourceAccount': account } },
    }),
  ];
}

/**
 * The boundary of the role by which CloudFormation deploys. It makes roles only with the boundary above, cannot change the
 * boundaries, and reads no data.
 */
export function deployBoundary(deployment: Deployment): PolicyStatement[] {
  const { name, account } = deployment;
  const arn = (service: string, resource: string, region = '') =>
    `arn:${partitionOf(deployment)}:${service}:${region}:${service === 's3' ? '' : account}:${resource}`;
  const roles = [arn('iam', `role/${name}-*`)];
  const boundary = arnOfPolicy(deployment, 'boundary');
  return [
    new PolicyStatement({
      sid: 'Services',
      actions: [
        ...deployedServices.map((service) => `${service}:*`),
        'ssm:GetParameters',
        'acm:DescribeCertificate',
      ],
      resources: ['*'],
    }),
    new PolicyStatement({ sid: 'LookAtRoles', actions: ['iam:Get*', 'iam:List*'], resources: ['*'] }),
    new PolicyStatement({
      sid: 'RolesWithBoundary',
      actions: [
        'iam:CreateRole',
        'iam:PutRolePermissionsBoundary',
        'iam:PutRolePolicy',
        'iam:DeleteRolePolicy',
        'iam:AttachRolePolicy',
        'iam:DetachRolePolicy',
      ],
      resources: roles,
      conditions: { StringEquals: { 'iam:PermissionsBoundary': boundary } },
    }),
    new PolicyStatement({
      sid: 'KeepRoles',
      actions: [
        'iam:DeleteRole',
        'iam:UpdateRole',
        'iam:UpdateAssumeRolePolicy',
        'iam:TagRole',
        'iam:UntagRole',
      ],
      resources: roles,
    }),
    new PolicyStatement({
      sid: 'PassRoles',
      actions: ['iam:PassRole'],
      resources: roles,
      conditions: { StringEquals: { 'iam:PassedToService': passedTo } },
    }),
    new PolicyStatement({
      sid: 'ServiceLinkedRoles',
      actions: ['iam:CreateServiceLinkedRole'],
      resources: ['*'],
      conditions: { StringEquals: { 'iam:AWSServiceName': serviceLinked } },
    }),
    new PolicyStatement({
      sid: 'NoData',
      effect: Effect.DENY,
      actions: [
        ...itemActions,
        ...copyActions,
        ...searchActions,
        'ecs:ExecuteCommand',
        'ecs:RunTask',
        'ecs:StartTask',
        'lambda:InvokeFunction',
        'secretsmanager:GetSecretValue',
        'sqs:ReceiveMessage',
      ],
      resources: ['*'],
    }),
    new PolicyStatement({
      sid: 'NoDocuments',
      effect: Effect.DENY,
      actions: objectActions,
      resources: [arn('s3', `${name}-data-bucket*/*`)],
    }),
  ];
}
