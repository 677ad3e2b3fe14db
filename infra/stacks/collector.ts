// The collector of traces beside a task: the AWS Distro for OpenTelemetry, which sends to X-Ray.
import { RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { ContainerImage, type FargateTaskDefinition, LogDrivers } from 'aws-cdk-lib/aws-ecs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Deployment } from '../config.ts';
import type { ImageStack } from './image.stack.ts';

/** Where a task's collector listens: containers of a task share the loopback address. */
export const collectorUrl = 'http://127.0.0.1:4318';

export function addCollector(
  stack: Stack,
  given: { id: string; task: FargateTaskDefinition; deployment: Deployment; image: ImageStack },
) {
  const { id, task, deployment, image } = given;
  const { collectorImage } = deployment.telemetry;
  task.addContainer('collector', {
    containerName: 'collector',
    // a name with a slash is an image anywhere, one without is a tag of the deployment's own repository
    image: collectorImage.includes('/')
      ? ContainerImage.fromRegistry(collectorImage)
      : ContainerImage.fromEcrRepository(image.repository, collectorImage),
    essential: false, // a collector that ends loses spans, and nothing else
    memoryLimitMiB: 192,
    environment: { AOT_CONFIG_CONTENT: JSON.stringify(collectorConfig(deployment.region)) },
    logging: LogDrivers.awsLogs({
      streamPrefix: 'collector',
      logGroup: new LogGroup(stack, `${id}CollectorLog`, {
        logGroupName: `/ecs/${deployment.name}-${id.toLowerCase()}-collector`,
        retention: deployment.logDays,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    }),
  });
}

/** JSON is YAML. Nothing but traces, and from this task only. */
function collectorConfig(region: string) {
  return {
    receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:4318' } } } },
    processors: { memory_limiter: { check_interval: '1s', limit_mib: 128 }, batch: {} },
    exporters: { awsxray: { region } },
    service: {
      pipelines: {
        traces: { receivers: ['otlp'], processors: ['memory_limiter', 'batch'], exporters: ['awsxray'] },
      },
    },
  };
}
