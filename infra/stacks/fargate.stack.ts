// Paperlift on ECS Fargate: a load balancer in front of the web service, and a worker service on the queues.
import { type App, CfnOutput, Duration, type Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Peer, Port, SecurityGroup, type Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights, FargatePlatformVersion, FargateService } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ListenerAction,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { Deployment } from '../config.ts';
import { webStatements } from '../permissions/web.ts';
import { workerStatements } from '../permissions/worker.ts';
import { acknowledge } from './acknowledge.ts';
import { collectorUrl } from './collector.ts';
import type { DataStack } from './data.stack.ts';
import { createEnvironment } from './environment.ts';
import { addFargateAlarms, addFargateDashboard } from './fargate.monitoring.ts';
import { requireCertificates } from './fargate.mutual-tls.ts';
import { scaleWeb, scaleWorker } from './fargate.scaling.ts';
import { createTask, port } from './fargate.task.ts';
import { addFirewall } from './firewall.ts';
import type { IdentityStack } from './identity.stack.ts';
import type { ImageStack } from './image.stack.ts';
import { createNetwork, setAvailabilityZones } from './network.ts';
import { createSearchDomain } from './search-domain.ts';
import { createStack } from './stack.ts';

interface Parts {
  deployment: Deployment;
  image: ImageStack;
  data: DataStack;
  identity: IdentityStack;
}

type Settings = NonNullable<Deployment['fargate']>;

export function createFargateStack(app: App, parts: Parts, settings: Settings) {
  const { deployment, data } = parts;
  const stack = createStack(app, deployment, { part: 'Fargate', description: 'web and worker as services' });
  setAvailabilityZones(stack, settings);
  const vpc = createNetwork(stack, { deployment, settings, data });
  const cluster = new Cluster(stack, 'Cluster', {
    clusterName: deployment.name,
    vpc,
    enableFargateCapacityProviders: true,
    containerInsightsV2: ContainerInsights.ENABLED,
  });
  const search =
    settings.openSearch &&
    createSearchDomain(stack, { deployment, data, vpc, settings: settings.openSearch });
  const environment = {
    ...createEnvironment(parts),
    ...search?.environment,
    AWS_REGION: deployment.region, // on Lambda the service sets it
    PORT: String(port),
    HOST: '0.0.0.0',
    TRUSTED_PROXIES: settings.network, // the load balancer's addresses are its subnets'
    WORKER_PAGES_AT_ONCE: String(settings.worker.pagesAtOnce),
    ...(deployment.telemetry.traces && { OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl }),
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
  search?.allow(webTask.taskRole, groups.web, 'the web');
  search?.allow(workerTask.taskRole, groups.worker, 'the worker');

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

  const targets = listen(stack, { loadBalancer, web, deployment, settings });
  scaleWeb(web, targets, settings);
  scaleWorker(worker, { deployment, settings, data });
  addAddress(stack, { deployment, loadBalancer });
  addFirewall(stack, { deployment, data, resourceArn: loadBalancer.loadBalancerArn });
  addFargateAlarms(stack, { data, cluster, loadBalancer, targets, web, worker });
  addFargateDashboard(stack, { deployment, data, loadBalancer, targets, web, worker });
  return { stack, vpc, web, worker, environment };
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
    group.addIngressRule(Peer.ipv4(network), Port.tcp(80), 'people, redirected to https');
  }
  acknowledge(group, {
    'AwsSolutions-EC23':
      'People connect from anywhere; `fargate.clients` restricts this to a company’s networks. Without signing in, no one gets further than the sign-in page.',
  });
  const loadBalancer = new ApplicationLoadBalancer(stack, 'LoadBalancer', {
    vpc,
    internetFacing: true,
    securityGroup: group,
    dropInvalidHeaderFields: true,
    vpcSubnets: { subnetGroupName: 'public' },
  });
  loadBalancer.logAccessLogs(data.logBucket, 'load-balancer');
  // says whose certificate was refused, and why
  if (settings.mutualTls) loadBalancer.logConnectionLogs(data.logBucket, 'load-balancer-connections');
  return loadBalancer;
}

/** The web accepts connections from the load balancer only, the worker from no one; both connect out by https. */
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
  given: {
    loadBalancer: ApplicationLoadBalancer;
    web: FargateService;
    deployment: Deployment;
    settings: Settings;
  },
) {
  const { loadBalancer, web, deployment } = given;
  const { mutualTls } = given.settings;
  const listener = loadBalancer.addListener('Https', {
    port: 443,
    protocol: ApplicationProtocol.HTTPS,
    certificates: [Certificate.fromCertificateArn(stack, 'Certificate', deployment.certificateArn)],
    sslPolicy: SslPolicy.RECOMMENDED_TLS,
    open: false,
    ...(mutualTls && { mutualAuthentication: requireCertificates(stack, mutualTls) }),
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
    // checks the process only: a database outage is no reason to restart all of them
    healthCheck: {
      path: '/health/live',
      interval: Duration.seconds(15),
      timeout: Duration.seconds(5),
      healthyThresholdCount: 2,
      unhealthyThresholdCount: 3,
    },
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
