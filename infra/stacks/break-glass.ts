// The role that reads and repairs data by hand, and the alarms when it is taken or the policies that require it change.
import { ArnFormat, Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { ArnPrincipal, CompositePrincipal, PrincipalWithConditions, Role } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { CfnResourcePolicy, LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Deployment } from '../config.ts';
import { breakGlassStatements } from '../permissions/break-glass.ts';
import { grant } from '../permissions/grant.ts';
import { objectDenials, tableDenials } from '../permissions/guard.ts';
import { createAlarms } from './alarms.ts';
import { arnOfRole, nameOfRole, partitionOf } from './role-names.ts';

interface Guarded {
  deployment: Deployment;
  bucket: Bucket;
  table: Table;
  key: Key;
  alarmTopic: ITopic;
}

/** Closes the table and the bucket to everyone but Paperlift, backups and the break-glass role, where that is configured. */
export function guardData(stack: Stack, guarded: Guarded) {
  const { deployment, bucket, table } = guarded;
  if (!deployment.breakGlass) return;
  createRole(stack, guarded, deployment.breakGlass);
  for (const denial of tableDenials(deployment)) table.addToResourcePolicy(denial);
  const objects = ['projects/*', 'uploads/*'].map((prefix) => bucket.arnForObjects(prefix));
  for (const denial of objectDenials(deployment, objects)) bucket.addToResourcePolicy(denial);

  const log = addLog(stack, deployment);
  const watch = { stack, log, alarmTopic: guarded.alarmTopic };
  addWatch(watch, {
    id: 'BreakGlassUsed',
    description: 'Someone took the break-glass role, with which data can be read and changed by hand.',
    pattern: {
      source: ['aws.sts'],
      detail: {
        eventSource: ['sts.amazonaws.com'],
        eventName: ['AssumeRole'],
        requestParameters: { roleArn: [arnOfRole(deployment, 'break-glass')] },
      },
    },
  });
  addWatch(watch, {
    id: 'GuardChanged',
    description: 'Someone changed the policy of the table or the bucket, or tried to.',
    pattern: {
      source: ['aws.dynamodb', 'aws.s3'],
      detail: {
        eventName: ['PutResourcePolicy', 'DeleteResourcePolicy', 'PutBucketPolicy', 'DeleteBucketPolicy'],
        $or: [
          { requestParameters: { resourceArn: [table.tableArn] } },
          { requestParameters: { bucketName: [bucket.bucketName] } },
        ],
      },
    },
  });
}

function createRole(
  stack: Stack,
  guarded: Guarded,
  { trusted, requiresMfa }: NonNullable<Deployment['breakGlass']>,
) {
  const { deployment } = guarded;
  const role = new Role(stack, 'BreakGlassRole', {
    roleName: nameOfRole(deployment, 'break-glass'),
    description: 'Paperlift: reads and repairs data by hand. Taking it raises an alarm',
    maxSessionDuration: Duration.hours(1),
    assumedBy: new PrincipalWithConditions(
      new CompositePrincipal(...trusted.map((arn) => new ArnPrincipal(arn))),
      {
        // by this region's endpoint, where the rule below sees it
        StringEquals: { 'aws:RequestedRegion': deployment.region },
        ...(requiresMfa && { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
      },
    ),
  });
  grant(role, breakGlassStatements(guarded));
}

/** Who took the role, and when. EventBridge writes to groups with this prefix. */
function addLog(stack: Stack, deployment: Deployment) {
  const logGroupName = `/aws/events/${deployment.name}-break-glass`;
  const log = new LogGroup(stack, 'BreakGlassLog', {
    logGroupName,
    retention: deployment.logDays,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const { account, region } = deployment;
  const streams = `arn:${partitionOf(deployment)}:logs:${region}:${account}:log-group:${logGroupName}:*`;
  new CfnResourcePolicy(stack, 'BreakGlassLogPolicy', {
    policyName: `${deployment.name}-break-glass`,
    policyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'WriteBreakGlassLog',
          Effect: 'Allow',
          Principal: { Service: ['delivery.logs.amazonaws.com', 'events.amazonaws.com'] },
          Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          Resource: streams,
          Condition: { StringEquals: { 'aws:SourceAccount': account } },
        },
      ],
    }),
  });
  return log;
}

/** An alarm for calls in CloudTrail. A trail of the account must record management events. */
function addWatch(
  { stack, log, alarmTopic }: { stack: Stack; log: LogGroup; alarmTopic: ITopic },
  { id, description, pattern }: { id: string; description: string; pattern: Record<string, unknown> },
) {
  const rule = new CfnRule(stack, `${id}Rule`, {
    description: `Paperlift: ${description}`,
    // taking a role counts as reading: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
    state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
    eventPattern: { 'detail-type': ['AWS API Call via CloudTrail'], ...pattern },
    targets: [
      {
        id: 'log',
        arn: stack.formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: log.logGroupName,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      },
    ],
  });
  createAlarms(stack, alarmTopic).add(id, {
    metric: new Metric({
      namespace: 'AWS/Events',
      metricName: 'Invocations',
      dimensionsMap: { RuleName: rule.ref },
      statistic: 'Sum',
      period: Duration.minutes(1),
    }),
    threshold: 1,
    description,
  });
}
