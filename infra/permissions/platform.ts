// What AWS's own parts around the processes need: Lambda, ECS, the scheduler, API Gateway and the collector of traces.
import { Stack } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Statement } from './grant.ts';
import type { Parts } from './web-and-worker.ts';

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
