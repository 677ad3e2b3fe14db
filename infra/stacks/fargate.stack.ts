// Paperlift on ECS Fargate: a load balancer in front of the web service, and a worker service on the queues.
import { type App, CfnOutput, Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { AdjustmentType } from 'aws-cdk-lib/aws-applicationautoscaling';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Dashboard, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Peer, Port, SecurityGroup, type Vpc } from 'aws-cdk-lib/aws-ec2';
import {
  AwsLogDriverMode,
  Cluster,
  ContainerImage,
  ContainerInsights,
  CpuArchitecture,
  FargatePlatformVersion,
  FargateService,
  FargateTaskDefinition,
  LogDrivers,
  OperatingSystemFamily,
  Secret,
} from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  type ApplicationTargetGroup,
  HttpCodeElb,
  HttpCodeTarget,
  ListenerAction,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import { Secret as StoredSecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Deployment } from '../config.ts';
import { grant, type Statement } from '../permissions/grant.ts';
import { secretKeyStatements, webStatements, workerStatements } from '../permissions/statements.ts';
import { acknowledge } from './acknowledge.ts';
import { createAlarms } from './alarms.ts';
import { graph, queueWidgets } from './dashboard.ts';
import type { DataStack } from './data.stack.ts';
import { createEnvironment, secretVariables } from './environment.ts';
import type { IdentityStack } from './identity.stack.ts';
import type { ImageStack } from './image.stack.ts';
import { createNetwork, setAvailabilityZones } from './network.ts';
import { createStack } from './stack.ts';
import { pagesAtOnce } from './work-rate.ts';

interface Parts {
  deployment: Deployment;
  image: ImageStack;
  data: DataStack;
  identity: IdentityStack;
}

type Settings = NonNullable<Deployment['fargate']>;

const port = 3000;
const nodeHealthCheck = `fetch('http://127.0.0.1:${port}/health/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`;

export function createFargateStack(app: App, parts: Parts, settings: Settings) {
  const { deployment, data } = parts;
  const stack = createStack(app, deployment, { part: 'Fargate', description: 'web and worker as services' });
  setAvailabilityZones(stack, settings);
  const vpc = createNetwork(stack, { settings, data });
  const cluster = new Cluster(stack, 'Cluster', {
    clusterName: deployment.name,
    vpc,
    enableFargateCapacityProviders: true,
    containerInsightsV2: ContainerInsights.ENABLED,
  });
  const environment = {
    ...createEnvironment(parts),
    AWS_REGION: deployment.region, // on Lambda the service sets it
    PORT: String(port),
    HOST: '0.0.0.0',
    TRUSTED_PROXIES: settings.network, // the load balancer's addresses are its subnets'
    WORKER_PAGES_AT_ONCE: String(settings.worker.pagesAtOnce),
  };

  const webTask = createTask(stack, {
    id: 'Web',
    parts,
    settings,
    environment,
    statements: webStatements(parts),
  });
  const workerTask = createTask(stack, {
    id: 'Worker',
    parts,
    settings,
    environment,
    statements: workerStatements(parts),
  });
  const loadBalancer = createLoadBalancer(stack, { vpc, settings, data });
  const groups = createTaskGroups(stack, { vpc, loadBalancer });

  const common = {
    cluster,
    platformVersion: FargatePlatformVersion.VERSION1_4,
    circuitBreaker: { enable: true, rollback: true },
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    assignPublicIp: false,
    vpcSubnets: { subnetGroupName: 'tasks' },
  };
  const web = new FargateService(stack, 'WebService', {
    ...common,
    serviceName: 'web',
    taskDefinition: webTask,
    desiredCount: settings.web.tasks,
    securityGroups: [groups.web],
    healthCheckGracePeriod: Duration.seconds(60),
  });
  const worker = new FargateService(stack, 'WorkerService', {
    ...common,
    serviceName: 'worker',
    taskDefinition: workerTask,
    desiredCount: settings.worker.tasks,
    securityGroups: [groups.worker],
    capacityProviderStrategies: [
      { capacityProvider: settings.worker.spot ? 'FARGATE_SPOT' : 'FARGATE', weight: 1 },
    ],
  });

  const targets = listen(stack, { loadBalancer, web, deployment });
  scaleWeb(web, targets, settings);
  scaleWorker(worker, { deployment, settings, data });
  addAddress(stack, { deployment, loadBalancer });
  addAlarms(stack, { data, cluster, loadBalancer, targets, web, worker });
  addDashboard(stack, { deployment, data, loadBalancer, targets, web, worker });
  return { stack, vpc, web, worker, environment };
}

/** A task of one container: the image with its word, nothing writable but /tmp. */
function createTask(
  stack: Stack,
  given: {
    id: 'Web' | 'Worker';
    parts: Parts;
    settings: Settings;
    environment: Record<string, string>;
    statements: Statement[];
  },
) {
  const { id, settings, parts } = given;
  const { deployment, image, data } = parts;
  const word = id.toLowerCase() as 'web' | 'worker';
  const { cpu, memory } = settings[word];
  // by its ARN alone: as an object it would write this stack's roles into the key's policy, which lies in another stack
  const secret = StoredSecret.fromSecretCompleteArn(stack, `${id}Secret`, data.secret.secretArn);
  const task = new FargateTaskDefinition(stack, `${id}Task`, {
    family: `${deployment.name}-${word}`,
    cpu,
    memoryLimitMiB: memory,
    runtimePlatform: {
      operatingSystemFamily: OperatingSystemFamily.LINUX,
      cpuArchitecture: settings.architecture === 'arm64' ? CpuArchitecture.ARM64 : CpuArchitecture.X86_64,
    },
  });
  const container = task.addContainer(word, {
    containerName: word,
    image: ContainerImage.fromEcrRepository(image.repository, image.tagOrDigest),
    command: [word],
    environment: given.environment,
    secrets: Object.fromEntries(
      secretVariables(deployment).map((name) => [name, Secret.fromSecretsManager(secret, name)]),
    ),
    readonlyRootFilesystem: true,
    stopTimeout: Duration.seconds(30), // Paperlift drains within 25
    portMappings: word === 'web' ? [{ containerPort: port }] : [],
    healthCheck:
      word === 'web'
        ? {
            command: ['CMD', 'node', '-e', nodeHealthCheck],
            interval: Duration.seconds(30),
            timeout: Duration.seconds(10),
            startPeriod: Duration.seconds(30),
          }
        : undefined,
    logging: LogDrivers.awsLogs({
      streamPrefix: word,
      logGroup: new LogGroup(stack, `${id}Log`, {
        logGroupName: `/ecs/${deployment.name}-${word}`,
        retention: deployment.logDays,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      mode: AwsLogDriverMode.NON_BLOCKING, // a slow log service holds no request up
    }),
  });
  // empty and of the task only; it takes its owner and mode from the image's VOLUME /tmp
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
  task.addVolume({ name: 'tmp' });
  container.addMountPoints({ sourceVolume: 'tmp', containerPath: '/tmp', readOnly: false });
  grant(task.taskRole, given.statements);
  grant(task.obtainExecutionRole(), secretKeyStatements({ data }));
  acknowledge(task, {
    'AwsSolutions-ECS2':
      'Plain settings only; what is secret comes from Secrets Manager by ECS’s own secrets.',
  });
  acknowledge(task.obtainExecutionRole(), {
    'AwsSolutions-IAM5[Resource::*]': 'ecr:GetAuthorizationToken takes no resource.',
  });
  return task;
}

function createLoadBalancer(
  stack: Stack,
  { vpc, settings, data }: { vpc: Vpc; settings: Settings; data: DataStack },
) {
  const group = new SecurityGroup(stack, 'LoadBalancerGroup', {
    vpc,
    description: 'Paperlift: the load balancer',
    allowAllOutbound: false,
  });
  for (const network of settings.clients) {
    group.addIngressRule(Peer.ipv4(network), Port.tcp(443), 'people');
    group.addIngressRule(Peer.ipv4(network), Port.tcp(80), 'people, to be sent to https');
  }
  acknowledge(group, {
    'AwsSolutions-EC23':
      'People come from wherever they are; `fargate.clients` narrows it to a company’s networks. Nobody gets further than the sign-in.',
  });
  const loadBalancer = new ApplicationLoadBalancer(stack, 'LoadBalancer', {
    vpc,
    internetFacing: true,
    securityGroup: group,
    dropInvalidHeaderFields: true,
    vpcSubnets: { subnetGroupName: 'public' },
  });
  loadBalancer.logAccessLogs(data.logBucket, 'load-balancer');
  return loadBalancer;
}

/** The web hears the load balancer only, the worker nobody; both call out by https. */
function createTaskGroups(
  stack: Stack,
  { vpc, loadBalancer }: { vpc: Vpc; loadBalancer: ApplicationLoadBalancer },
) {
  const create = (id: string, description: string) => {
    const group = new SecurityGroup(stack, id, { vpc, description, allowAllOutbound: false });
    group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'AWS and the identity provider');
    return group;
  };
  const web = create('WebGroup', 'Paperlift: the web');
  loadBalancer.connections.allowTo(web, Port.tcp(port), 'requests');
  return { web, worker: create('WorkerGroup', 'Paperlift: the worker') };
}

function listen(
  stack: Stack,
  given: { loadBalancer: ApplicationLoadBalancer; web: FargateService; deployment: Deployment },
) {
  const { loadBalancer, web, deployment } = given;
  const listener = loadBalancer.addListener('Https', {
    port: 443,
    protocol: ApplicationProtocol.HTTPS,
    certificates: [Certificate.fromCertificateArn(stack, 'Certificate', deployment.certificateArn)],
    sslPolicy: SslPolicy.RECOMMENDED_TLS,
    open: false,
  });
  loadBalancer.addListener('Http', {
    port: 80,
    open: false,
    defaultAction: ListenerAction.redirect({ port: '443', protocol: 'HTTPS', permanent: true }),
  });
  return listener.addTargets('Web', {
    port,
    protocol: ApplicationProtocol.HTTP,
    targets: [web],
    deregistrationDelay: Duration.seconds(30),
    // whether the process answers: a database that is down is no reason to start all processes anew
    healthCheck: {
      path: '/health/live',
      interval: Duration.seconds(15),
      timeout: Duration.seconds(5),
      healthyThresholdCount: 2,
      unhealthyThresholdCount: 3,
    },
  });
}

function scaleWeb(web: FargateService, targets: ApplicationTargetGroup, { web: size }: Settings) {
  const scaling = web.autoScaleTaskCount({ minCapacity: size.tasks, maxCapacity: size.mostTasks });
  scaling.scaleOnRequestCount('Requests', {
    targetGroup: targets,
    requestsPerTarget: size.requestsPerMinute,
    scaleInCooldown: Duration.minutes(5),
  });
  scaling.scaleOnCpuUtilization('Cpu', {
    targetUtilizationPercent: 60,
    scaleInCooldown: Duration.minutes(5),
  });
}

/** More workers while jobs wait; never more than Textract's quota lets work. */
function scaleWorker(
  worker: FargateService,
  { deployment, settings, data }: { deployment: Deployment; settings: Settings; data: DataStack },
) {
  const { tasks, pagesAtOnce: pagesOfTask } = settings.worker;
  const scaling = worker.autoScaleTaskCount({
    minCapacity: tasks,
    maxCapacity: Math.max(tasks, Math.floor(pagesAtOnce(deployment) / pagesOfTask)),
  });
  const period = Duration.minutes(1);
  const { pages, exports } = data.queues;
  scaling.scaleOnMetric('Backlog', {
    metric: new MathExpression({
      label: 'jobs waiting and under way',
      expression: 'pages + exports + pagesTaken + exportsTaken',
      period,
      usingMetrics: {
        pages: pages.queue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'max' }),
        exports: exports.queue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'max' }),
        pagesTaken: pages.queue.metricApproximateNumberOfMessagesNotVisible({ period, statistic: 'max' }),
        exportsTaken: exports.queue.metricApproximateNumberOfMessagesNotVisible({ period, statistic: 'max' }),
      },
    }),
    adjustmentType: AdjustmentType.CHANGE_IN_CAPACITY,
    cooldown: Duration.minutes(2),
    scalingSteps: [
      { upper: 0, change: -1 },
      { lower: pagesOfTask * 10, change: +1 },
      { lower: pagesOfTask * 50, change: +3 },
    ],
  });
  scaling.scaleOnMetric('Age', {
    metric: new MathExpression({
      label: 'age of the oldest job, seconds',
      expression: 'MAX([pages, exports])',
      period,
      usingMetrics: {
        pages: pages.queue.metricApproximateAgeOfOldestMessage({ period, statistic: 'max' }),
        exports: exports.queue.metricApproximateAgeOfOldestMessage({ period, statistic: 'max' }),
      },
    }),
    adjustmentType: AdjustmentType.CHANGE_IN_CAPACITY,
    cooldown: Duration.minutes(2),
    scalingSteps: [
      { lower: 60, change: +1 },
      { lower: 300, change: +2 },
    ],
  });
}

function addAddress(
  stack: Stack,
  { deployment, loadBalancer }: { deployment: Deployment; loadBalancer: ApplicationLoadBalancer },
) {
  const { hostedZone, leadsTo = 'fargate' } = deployment;
  if (hostedZone && leadsTo === 'fargate') {
    new ARecord(stack, 'Address', {
      zone: HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
        hostedZoneId: hostedZone.id,
        zoneName: hostedZone.name,
      }),
      recordName: new URL(deployment.publicUrl).host,
      target: RecordTarget.fromAlias(new LoadBalancerTarget(loadBalancer)),
    });
  }
  new CfnOutput(stack, 'DnsTarget', { value: loadBalancer.loadBalancerDnsName });
}

interface Running {
  data: DataStack;
  loadBalancer: ApplicationLoadBalancer;
  targets: ApplicationTargetGroup;
  web: FargateService;
  worker: FargateService;
}

function addAlarms(stack: Stack, given: Running & { cluster: Cluster }) {
  const { loadBalancer, targets, web, worker } = given;
  const alarms = createAlarms(stack, given.data.alarmTopic);
  const period = Duration.minutes(5);
  alarms.add('ServerErrors', {
    metric: targets.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { period }),
    threshold: 5,
    periods: 2,
    description: 'People get errors (5xx) from the web.',
  });
  alarms.add('LoadBalancerErrors', {
    metric: loadBalancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, { period }),
    threshold: 5,
    periods: 2,
    description: 'People get errors (5xx) from the load balancer: no web task answers.',
  });
  alarms.add('WebUnhealthy', {
    metric: targets.metrics.unhealthyHostCount({ period, statistic: 'min' }),
    threshold: 1,
    periods: 2,
    description: 'A web task does not answer its health check.',
  });
  alarms.add('WorkerMissing', {
    metric: new Metric({
      namespace: 'ECS/ContainerInsights',
      metricName: 'RunningTaskCount',
      dimensionsMap: { ClusterName: given.cluster.clusterName, ServiceName: worker.serviceName },
      statistic: 'max',
      period,
    }),
    threshold: 1,
    periods: 2,
    below: true,
    description: 'No worker runs.',
  });
  for (const [id, service] of Object.entries({ Web: web, Worker: worker })) {
    alarms.add(`${id}Memory`, {
      metric: service.metricMemoryUtilization({ period, statistic: 'max' }),
      threshold: 90,
      periods: 3,
      description: `The ${id.toLowerCase()} is about to run out of memory.`,
    });
  }
}

function addDashboard(stack: Stack, given: Running & { deployment: Deployment }) {
  const { data, loadBalancer, targets, web, worker } = given;
  const dashboard = new Dashboard(stack, 'Dashboard', {
    dashboardName: `${given.deployment.name}-fargate`,
  });
  dashboard.addWidgets(
    graph(
      'Requests',
      [loadBalancer.metrics.requestCount()],
      [
        targets.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT),
        loadBalancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT),
      ],
    ),
    graph('Answers after, seconds', [
      targets.metrics.targetResponseTime({ statistic: 'p50' }),
      targets.metrics.targetResponseTime({ statistic: 'p99' }),
    ]),
    graph('Web', [web.metricCpuUtilization(), web.metricMemoryUtilization()]),
    graph('Worker', [worker.metricCpuUtilization(), worker.metricMemoryUtilization()]),
  );
  dashboard.addWidgets(...queueWidgets(data));
}
