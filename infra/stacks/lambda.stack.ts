// Paperlift on Lambda: a REST API for the web function; both queues and a schedule for the worker function.
import { type App, Duration, type Stack } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Dashboard, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Deployment } from '../config.ts';
import { grant } from '../permissions/grant.ts';
import { queueSourceStatements, scheduleStatements, secretStatements } from '../permissions/platform.ts';
import { webStatements } from '../permissions/web.ts';
import { workerStatements } from '../permissions/worker.ts';
import { createAlarms } from './alarms.ts';
import { functionWidgets, graph, queueWidgets } from './dashboard.ts';
import type { DataStack } from './data.stack.ts';
import { createEnvironment } from './environment.ts';
import { addFirewall } from './firewall.ts';
import type { IdentityStack } from './identity.stack.ts';
import type { ImageStack } from './image.stack.ts';
import { createImageFunction } from './image-function.ts';
import { createApi } from './lambda.api.ts';
import { createStack } from './stack.ts';
import { pagesAtOnce } from './work-rate.ts';

interface Parts {
  deployment: Deployment;
  image: ImageStack;
  data: DataStack;
  identity: IdentityStack;
}

type Settings = NonNullable<Deployment['lambda']>;

/** API Gateway waits no longer. */
const apiTimeout = Duration.seconds(29);
/** Below it, so that the function's own timeout is what is logged. */
const webTimeout = Duration.seconds(28);

export function createLambdaStack(app: App, parts: Parts, settings: Settings) {
  const { deployment, image, data } = parts;
  const stack = createStack(app, deployment, { part: 'Lambda', description: 'web and worker as functions' });
  const environment = {
    ...createEnvironment(parts),
    SECRETS_ARN: data.secret.secretArn,
    // container images take no layers, so there is no collector: X-Ray's own endpoint, which Paperlift signs requests to
    ...(deployment.telemetry.traces && {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `https://xray.${deployment.region}.amazonaws.com/v1/traces`,
    }),
  };

  const web = createImageFunction(stack, {
    id: 'Web',
    description: 'the web process',
    word: 'lambda-web',
    role: 'web-function',
    image,
    deployment,
    memory: settings.web.memory,
    timeout: webTimeout,
    environment,
  });
  grant(web.role as Role, [...webStatements(parts), ...secretStatements(parts)]);

  // at least two for each queue, the minimum of SQS event sources
  const pages = Math.max(2, pagesAtOnce(deployment));
  const exports = settings.worker.exportsAtOnce;
  const worker = createImageFunction(stack, {
    id: 'Worker',
    description: 'detects text and renders exports',
    word: 'lambda-worker',
    role: 'worker-function',
    image,
    deployment,
    memory: settings.worker.memory,
    temporary: 2048, // Chromium's profile, page images and the finished PDF
    timeout: Duration.seconds(settings.worker.timeoutSeconds),
    environment,
    reservedConcurrency: pages + exports + 1, // and one for the sweeper
  });
  grant(worker.role as Role, [
    ...workerStatements(parts),
    ...queueSourceStatements(parts),
    ...secretStatements(parts),
  ]);
  addQueueSource(stack, {
    id: 'PagesSource',
    worker,
    queueArn: data.queues.pages.queue.queueArn,
    atOnce: pages,
  });
  addQueueSource(stack, {
    id: 'ExportsSource',
    worker,
    queueArn: data.queues.exports.queue.queueArn,
    atOnce: exports,
  });
  addSweep(stack, { deployment, worker });

  const { api, stage } = createApi(stack, { deployment, settings, web, timeout: apiTimeout });
  addFirewall(stack, { deployment, data, resourceArn: stage.stageArn });
  addAlarms(stack, { data, api, web, worker });
  const dashboard = new Dashboard(stack, 'Dashboard', { dashboardName: `${deployment.name}-lambda` });
  dashboard.addWidgets(
    graph('API', [api.metricCount(), api.metricClientError(), api.metricServerError()]),
    graph('API latency', [
      api.metricLatency({ statistic: 'p50' }),
      api.metricLatency({ statistic: 'p99' }),
      api.metricIntegrationLatency({ statistic: 'p99' }),
    ]),
  );
  dashboard.addWidgets(...functionWidgets('Web', web), ...functionWidgets('Worker', worker));
  dashboard.addWidgets(...queueWidgets(data));
  return { stack, web, worker, environment };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html */
function addQueueSource(
  stack: Stack,
  given: { id: string; worker: IFunction; queueArn: string; atOnce: number },
) {
  const source = new EventSourceMapping(stack, given.id, {
    target: given.worker,
    eventSourceArn: given.queueArn,
    batchSize: 1, // one page or export for each invocation, so that a slow one delays no other
    reportBatchItemFailures: true,
    maxConcurrency: given.atOnce,
  });
  // Lambda rejects a source whose role may not poll yet
  source.node.addDependency(given.worker.role as Role);
}

/** Runs the sweeper, as the long-running worker's timer does. */
function addSweep(stack: Stack, { deployment, worker }: { deployment: Deployment; worker: IFunction }) {
  const role = new Role(stack, 'SweepRole', {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': deployment.account } },
    }),
  });
  grant(role, scheduleStatements(worker));
  new CfnSchedule(stack, 'Sweep', {
    name: `${deployment.name}-sweep`,
    description: 'Paperlift: looks for lost jobs',
    scheduleExpression: 'rate(1 minute)',
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: worker.functionArn,
      roleArn: role.roleArn,
      input: JSON.stringify({ task: 'sweep' }),
      retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 }, // the next minute's run is the retry
    },
  });
}

function addAlarms(
  stack: Stack,
  given: { data: DataStack; api: RestApi; web: IFunction; worker: IFunction },
) {
  const alarms = createAlarms(stack, given.data.alarmTopic);
  const period = Duration.minutes(5);
  alarms.add('ServerErrors', {
    metric: given.api.metricServerError({ period, statistic: 'sum' }),
    threshold: 5,
    periods: 2,
    description: 'The API returns errors (5xx).',
  });
  for (const [id, made] of Object.entries({ Web: given.web, Worker: given.worker })) {
    alarms.add(`${id}Errors`, {
      metric: made.metricErrors({ period }),
      threshold: 3,
      periods: 2,
      description: `The function ${id.toLowerCase()} fails, times out or runs out of memory.`,
    });
  }
  alarms.add('WebThrottles', {
    metric: given.web.metricThrottles({ period }),
    threshold: 1,
    periods: 2,
    description: 'Lambda is throttling requests: the account’s concurrency limit is reached.',
  });
  alarms.add('WorkerThrottles', {
    metric: given.worker.metricThrottles({ period }),
    threshold: 20,
    periods: 3,
    description: 'Lambda is throttling jobs. They wait in their queue.',
  });
  alarms.add('SweepMissing', {
    metric: new Metric({
      namespace: 'AWS/Scheduler',
      metricName: 'TargetErrorCount',
      dimensionsMap: { ScheduleGroup: 'default' },
      statistic: 'Sum',
      period,
    }),
    threshold: 3,
    periods: 2,
    description: 'The scheduler cannot invoke the worker, so lost jobs are not found.',
  });
}
