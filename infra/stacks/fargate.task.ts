import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import {
  AwsLogDriverMode,
  ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  LinuxParameters,
  LogDrivers,
  OperatingSystemFamily,
  Secret,
  TmpfsMountOption,
} from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Deployment } from '../config.ts';
import { grant, type Statement } from '../permissions/grant.ts';
import { secretKeyStatements, traceStatements } from '../permissions/platform.ts';
import { acknowledge } from './acknowledge.ts';
import { addCollector } from './collector.ts';
import type { DataStack } from './data.stack.ts';
import { secretVariables } from './environment.ts';
import type { ImageStack } from './image.stack.ts';
import { nameOfRole } from './role-names.ts';

/** Where the web listens. */
export const port = 3000;

/** A task of one container: the image with an argument, only /tmp writable. */
export function createTask(
  stack: Stack,
  given: {
    id: 'Web' | 'Worker';
    parts: { deployment: Deployment; image: ImageStack; data: DataStack };
    settings: NonNullable<Deployment['fargate']>;
    environment: Record<string, string>;
    statements: Statement[];
  },
) {
  const { id, settings, parts } = given;
  const { deployment, image, data } = parts;
  const word = id.toLowerCase() as 'web' | 'worker';
  const { cpu, memory } = settings[word];
  const task = new FargateTaskDefinition(stack, `${id}Task`, {
    family: `${deployment.name}-${word}`,
    cpu,
    memoryLimitMiB: memory,
    taskRole: new Role(stack, `${id}TaskRole`, {
      roleName: nameOfRole(deployment, `${word}-task`),
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': deployment.account } },
      }),
    }),
    runtimePlatform: {
      operatingSystemFamily: OperatingSystemFamily.LINUX,
      cpuArchitecture: settings.architecture === 'arm64' ? CpuArchitecture.ARM64 : CpuArchitecture.X86_64,
    },
  });
  // a tmpfs that any user can write; a volume would belong to root (docs/decisions/0025-infra.md)
  const linuxParameters = new LinuxParameters(stack, `${id}Linux`);
  linuxParameters.addTmpfs({
    containerPath: '/tmp',
    size: Math.floor(memory / 2),
    mountOptions: [TmpfsMountOption.NOSUID, TmpfsMountOption.NODEV],
  });
  task.addContainer(word, {
    containerName: word,
    image: ContainerImage.fromEcrRepository(image.repository, image.tagOrDigest),
    command: [word],
    environment: given.environment,
    secrets: Object.fromEntries(
      secretVariables(deployment).map((name) => [name, Secret.fromSecretsManager(data.secret, name)]),
    ),
    readonlyRootFilesystem: true,
    stopTimeout: Duration.seconds(30), // Paperlift drains within 25
    portMappings: word === 'web' ? [{ containerPort: port }] : [],
    // the image's own; ECS does not read it from there
    healthCheck: {
      command: ['CMD', 'node', '/paperlift/health.mjs', word],
      interval: Duration.seconds(30),
      timeout: Duration.seconds(5),
      startPeriod: Duration.seconds(60),
    },
    linuxParameters,
    logging: LogDrivers.awsLogs({
      streamPrefix: word,
      logGroup: new LogGroup(stack, `${id}Log`, {
        logGroupName: `/ecs/${deployment.name}-${word}`,
        retention: deployment.logDays,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      mode: AwsLogDriverMode.NON_BLOCKING, // a slow log service must not block requests
    }),
  });
  grant(task.taskRole, given.statements);
  if (deployment.telemetry.traces) {
    addCollector(stack, { id, task, deployment, image });
    grant(task.taskRole, traceStatements());
  }
  grant(task.obtainExecutionRole(), secretKeyStatements({ data }));
  acknowledge(task, {
    'AwsSolutions-ECS2': 'These are not secret. ECS injects secrets from Secrets Manager.',
  });
  acknowledge(task.obtainExecutionRole(), {
    'AwsSolutions-IAM5[Resource::*]': 'ecr:GetAuthorizationToken supports no resource.',
  });
  return task;
}
