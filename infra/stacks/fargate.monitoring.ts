import { Duration, type Stack } from 'aws-cdk-lib';
import { Dashboard, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Cluster, FargateService } from 'aws-cdk-lib/aws-ecs';
import {
  type ApplicationLoadBalancer,
  type ApplicationTargetGroup,
  HttpCodeElb,
  HttpCodeTarget,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Deployment } from '../config.ts';
import { createAlarms } from './alarms.ts';
import { graph, queueWidgets } from './dashboard.ts';
import type { DataStack } from './data.stack.ts';

interface Running {
  data: DataStack;
  loadBalancer: ApplicationLoadBalancer;
  targets: ApplicationTargetGroup;
  web: FargateService;
  worker: FargateService;
}

export function addFargateAlarms(stack: Stack, given: Running & { cluster: Cluster }) {
  const { loadBalancer, targets, web, worker } = given;
  const alarms = createAlarms(stack, given.data.alarmTopic);
  const period = Duration.minutes(5);
  alarms.add('ServerErrors', {
    metric: targets.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { period }),
    threshold: 5,
    periods: 2,
    description: 'The web process returns errors (5xx).',
  });
  alarms.add('LoadBalancerErrors', {
    metric: loadBalancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, { period }),
    threshold: 5,
    periods: 2,
    description: 'The load balancer returns errors (5xx): no web task is responding.',
  });
  alarms.add('WebUnhealthy', {
    metric: targets.metrics.unhealthyHostCount({ period, statistic: 'min' }),
    threshold: 1,
    periods: 2,
    description: 'A web task fails its health check.',
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
    description: 'No worker is running.',
  });
  for (const [id, service] of Object.entries({ Web: web, Worker: worker })) {
    alarms.add(`${id}Memory`, {
      metric: service.metricMemoryUtilization({ period, statistic: 'max' }),
      threshold: 90,
      periods: 3,
      description: `The ${id.toLowerCase()} process is running out of memory.`,
    });
  }
}

export function addFargateDashboard(stack: Stack, given: Running & { deployment: Deployment }) {
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
    graph('Response time, seconds', [
      targets.metrics.targetResponseTime({ statistic: 'p50' }),
      targets.metrics.targetResponseTime({ statistic: 'p99' }),
    ]),
    graph('Web', [web.metricCpuUtilization(), web.metricMemoryUtilization()]),
    graph('Worker', [worker.metricCpuUtilization(), worker.metricMemoryUtilization()]),
  );
  dashboard.addWidgets(...queueWidgets(data));
}
